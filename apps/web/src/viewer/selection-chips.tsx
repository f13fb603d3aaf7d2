'use client';
/** Owns the chips of the selection: each thing that narrows what is shown, in words, and one click to take it away. */
import { formatNs, formatValue } from '@stallscope/charts';
import { heatmapOf } from '@stallscope/latency';
import { SLICE_MS } from '@stallscope/profile';
import type { ReactElement } from 'react';
import { useMedia } from '../controls/use-media';
import { nameOf } from '../host/task-pickers';
import { lengthWords, operationName } from '../latency/heat-words';
import type { LiveView } from '../live/live-store';
import { toChoices } from '../selection/noise-choice';
import { placeLabel } from '../selection/place';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { withoutWho } from '../selection/who-choice';
import { WHO_WORDS } from '../who/who-words';
import { toClock, toClockMs } from '../words/words';
import { hiddenParts, hiddenValue } from './hidden-noise';
import { toggleNoise } from './noise-menu';

/** A profile from elsewhere tells time from its beginning, waits by the clock. */
function timeWords(view: LiveView | null): (atMs: number) => string {
  const sinceMs = view?.samples?.timedSinceMs ?? null;
  return (atMs) =>
    sinceMs === null ? toClock(atMs) : atMs === sinceMs ? '0' : formatNs((atMs - sinceMs) * 1e6);
}

/** Whether the bar on top is wide enough for the chips: else they are below it. */
export function useRoomInBar(): boolean {
  return useMedia('(min-width: 1024px)');
}

export function SelectionChips({
  selection,
  acts,
  view,
}: {
  selection: Selection;
  acts: SelectionActs;
  view: LiveView | null;
}): ReactElement | null {
  const chips: { name: string; value: string; title?: string; remove: () => void }[] = [];
  if (selection.p !== null) {
    chips.push({
      name: 'process',
      value: `${nameOf(view?.processes, selection.p)} ${selection.p}`,
      remove: () => acts.toProcess(null),
    });
  }
  if (selection.t !== null) {
    chips.push({
      name: 'thread',
      value: `${nameOf(view?.threads, selection.t, 'tid')} ${selection.t}`,
      remove: () => acts.go({ t: null, zoom: null, sel: null }),
    });
  }
  if (selection.from !== null && selection.to !== null) {
    chips.push({
      name: 'stretch',
      value: [selection.from, selection.to].map(timeWords(view)).join(' – '),
      remove: () => acts.go({ from: null, to: null }),
    });
  }
  if (selection.view === 'cpu' && selection.slices !== null) {
    const { from, to } = selection.slices;
    chips.push({
      name: 'CPU samples',
      value: `${toClockMs(from * SLICE_MS)} – ${toClockMs(to * SLICE_MS)}`,
      remove: () => acts.go({ slices: null }),
    });
  }
  if (selection.heat !== null) {
    const { operationWord, targetWord, title } = heatmapOf(selection.heat);
    if (selection.lat !== null)
      chips.push({
        name: 'latency',
        value: lengthWords(selection.lat),
        title: `${title}: ${lengthWords(selection.lat)}`,
        remove: () => acts.go({ lat: null }),
      });
    if (selection.op !== null)
      chips.push({
        name: operationWord,
        value: operationName(selection.op),
        remove: () => acts.go({ op: null }),
      });
    if (selection.on !== null)
      chips.push({
        name: targetWord || 'target',
        value: selection.on,
        remove: () => acts.go({ on: null }),
      });
  }
  for (const { key, value } of selection.who) {
    chips.push({
      name: WHO_WORDS[key].name,
      value,
      remove: () => acts.reshape({ who: withoutWho(selection.who, key) }),
    });
  }
  if (selection.zoom !== null) {
    chips.push({
      name: 'zoom',
      value: placeLabel(selection.zoom) || '(no name)',
      remove: () => acts.go({ zoom: null }),
    });
  }
  if (selection.q !== '') {
    chips.push({ name: 'search', value: `/${selection.q}/`, remove: () => acts.go({ q: '' }) });
  }
  if (selection.states !== null && selection.states.length > 0) {
    chips.push({
      name: 'states',
      value: selection.states.join(' or '),
      remove: () => acts.go({ states: null }),
    });
  }
  if (selection.only !== null) {
    chips.push({
      name: 'paths through',
      value: selection.only.label || '(no name)',
      remove: () => acts.go({ only: null }),
    });
  }
  if (selection.focus !== null) {
    chips.push({
      name: 'focus',
      value: selection.focus.label || '(no name)',
      remove: () => acts.reshape({ focus: null }),
    });
  }
  if (selection.hide !== '') {
    chips.push({
      name: 'hidden frames',
      value: `/${selection.hide}/`,
      remove: () => acts.reshape({ hide: '' }),
    });
  }
  if (selection.noise.some(({ isOn }) => isOn)) {
    const noise = view?.noise ?? [];
    chips.push({
      name: 'hides',
      value: `${formatValue(hiddenValue(noise), view?.unit ?? 'nanoseconds')} of idle waits`,
      title: hiddenParts(noise, toChoices(selection.noise), view?.unit ?? 'nanoseconds'),
      remove: () => acts.go({ noise: toggleNoise(selection.noise) }),
    });
  }
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters" className="flex flex-wrap gap-1.5">
      {chips.map(({ name, value, title = value, remove }) => (
        <li key={`${name} ${value}`} className="chip">
          <span className="text-dull">{name}</span>
          <span className="max-w-72 truncate font-semibold" title={title}>
            {value}
          </span>
          <button
            type="button"
            className="flex h-6 w-6 items-center justify-center rounded-chip hover:bg-surface"
            aria-label={`Remove ${name} ${value}`}
            onClick={remove}
          >
            <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
