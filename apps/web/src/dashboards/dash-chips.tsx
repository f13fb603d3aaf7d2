'use client';
/** Owns the chips of a dashboard's selection: what narrows all panels, in words, and one click to take it away. */
import type { ReactElement } from 'react';
import { toClock } from '../words/words';
import type { DashSelection } from './dash-selection';
import { titleOf } from './panel-choices';

export interface DashChipsProps {
  selection: DashSelection;
  /** Of whose panels most are: it is not named. */
  hostId: string | null;
  hostNameOf: (hostId: string) => string;
  /** A region's lengths in words, `1.2 ms – 4.8 ms`. */
  lengthsOf: (fromBucket: number, toBucket: number) => string;
  onSelect: (selection: DashSelection) => void;
}

export function DashChips({
  selection,
  hostId,
  hostNameOf,
  lengthsOf,
  onSelect,
}: DashChipsProps): ReactElement | null {
  const { stretch, region, process } = selection;
  const onHost = (id: string): string => (id === hostId ? '' : ` on ${hostNameOf(id)}`);
  const chips: { name: string; value: string; remove: () => void }[] = [];
  if (stretch !== null) {
    chips.push({
      name: 'stretch',
      value: `${toClock(stretch.fromMs)} – ${toClock(stretch.toMs)}`,
      remove: () => onSelect({ ...selection, stretch: null, region: null }),
    });
  }
  if (region !== null) {
    const { name, operation, target } = region;
    const what = [titleOf({ kind: 'heatmap', arg: name }), operation, target].filter(
      (part) => part !== undefined,
    );
    chips.push({
      name: 'region',
      value: `${what.join(' ')} ${lengthsOf(region.fromBucket, region.toBucket)}${onHost(region.hostId)}`,
      remove: () => onSelect({ ...selection, region: null }),
    });
  }
  if (process !== null) {
    chips.push({
      name: 'process',
      value: `${process.tgid}${onHost(process.hostId)}`,
      remove: () => onSelect({ ...selection, process: null }),
    });
  }
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Filters" className="flex flex-wrap gap-1.5">
      {chips.map(({ name, value, remove }) => (
        <li key={name} className="chip">
          <span className="text-dull">{name}</span>
          <span className="max-w-96 truncate font-semibold" title={value}>
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
