'use client';
/** Owns choosing the base as the top bar chooses what is shown: whose data, which part of it, what time. */
import { type ReactElement, useRef, useState } from 'react';
import { Arrow } from '../host/task-pickers';
import { lengthWords } from '../latency/heat-words';
import type { GraphView } from '../viewer/graph-view';
import { sinceWords } from '../words/since-words';
import { toClock, toDate } from '../words/words';
import { type Base, type BaseSource, SAME_BASE } from './base';
import { toBaseOffer } from './base-offer';
import { BaseProcessChoice, BaseProfileSelect, BaseThreadChoice } from './base-part-choices';
import type { BaseWays } from './base-ways';
import type { BaseParts } from './difference-messages';
import { useHubChoices } from './hub-choices';
import { shortOption } from './short-option';
import { agoWords } from './side-words';

export interface BaseControlsProps {
  base: Base;
  /** What the page's own data is called. */
  name: string;
  ways: BaseWays | undefined;
  /** What can be chosen of a base that is a profile from elsewhere; null until it is open, and for windows. */
  parts: BaseParts | null;
  view: Pick<GraphView, 'shown' | 'strip' | 'processes' | 'threads' | 'samples'>;
  /** A process is chosen on the page. */
  hasProcess: boolean;
  hasThread: boolean;
  /** The page shows a heatmap: its lengths, and whether they are a region of it; null: none. */
  lengths: { isRegion: boolean } | null;
  onChange: (base: Base) => void;
  /** The next drag in the time strip chooses the base; undefined where there is no strip. */
  onPickTime: (() => void) | undefined;
}

/** Stretches back that are offered, ms. */
const AGO_MS = [60_000, 300_000, 600_000] as const;

export function BaseControls(props: BaseControlsProps): ReactElement {
  const { base, view } = props;
  const offer = toBaseOffer(props);
  const hasTime =
    base.source.kind === 'same'
      ? view.samples === null || view.samples.timedSinceMs !== null
      : base.source.kind === 'host';
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-1">
      <SourceSelect {...props} />
      {offer.profiles.length > 1 && (
        <>
          <Arrow />
          <BaseProfileSelect {...props} offer={offer} />
        </>
      )}
      {offer.processes !== null && (
        <>
          <Arrow />
          <BaseProcessChoice {...props} offer={offer} />
        </>
      )}
      {offer.threads !== null && (
        <>
          <Arrow />
          <BaseThreadChoice {...props} offer={offer} />
        </>
      )}
      {props.lengths !== null && view.samples === null && (
        <>
          <Arrow />
          <LengthSelect base={base} lengths={props.lengths} onChange={props.onChange} />
        </>
      )}
      {hasTime && base.latency.kind !== 'rest' && (
        <>
          <Arrow />
          <TimeSelect {...props} />
        </>
      )}
    </span>
  );
}

function SourceSelect({ base, name, ways, onChange }: BaseControlsProps): ReactElement {
  const files = useRef<HTMLInputElement>(null);
  const [given, setGiven] = useState<readonly string[]>([]);
  const asked = useHubChoices({
    hasHub: ways?.hasHub ?? false,
    asksHosts: ways !== undefined && ways.hosts === null,
  });
  const { snapshots, why } = asked;
  const { source } = base;
  const shownFiles = source.kind === 'file' && !given.includes(source.name) ? [source.name, ...given] : given;
  const hosts = (ways?.hosts ?? asked.hosts).filter(
    ({ id }) => !(ways?.shown?.kind === 'host' && ways.shown.id === id),
  );

  function choose(value: string): void {
    if (value === CHOOSE_FILE) {
      files.current?.click();
      return;
    }
    const at = value.indexOf(':');
    const kind = value.slice(0, at);
    const id = value.slice(at + 1);
    const next: BaseSource =
      kind === 'host' || kind === 'snapshot'
        ? { kind, id }
        : kind === 'file'
          ? { kind, name: id }
          : { kind: 'same' };
    // Numbers of processes and stretches of a clock are of the data that they were chosen in.
    onChange({ ...SAME_BASE, source: next });
  }

  const value =
    source.kind === 'same'
      ? 'same:'
      : source.kind === 'file'
        ? `file:${source.name}`
        : `${source.kind}:${source.id}`;
  const isListed =
    source.kind === 'same' ||
    source.kind === 'file' ||
    (source.kind === 'host'
      ? hosts.some(({ id }) => id === source.id)
      : snapshots.some(({ id }) => id === source.id));
  return (
    <>
      <select
        aria-label="Base data"
        className="control h-6 max-w-32 truncate"
        title="Whose data is the base"
        value={value}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="same:">{shortOption(name)}</option>
        {!isListed && (
          <option value={value}>
            {source.kind === 'host' || source.kind === 'snapshot' ? `${source.kind} ${source.id}` : ''}
          </option>
        )}
        {hosts.length > 0 && (
          <optgroup label="Other hosts">
            {hosts.map((host) => (
              <option key={host.id} value={`host:${host.id}`}>
                {shortOption(host.name || host.id)}
              </option>
            ))}
          </optgroup>
        )}
        {(snapshots.length > 0 || why !== null) && (
          <optgroup label="Snapshots">
            {snapshots.map(({ id, title, createdAtMs }) => (
              <option key={id} value={`snapshot:${id}`}>
                {shortOption(title)} · {toDate(createdAtMs)} {toClock(createdAtMs)}
              </option>
            ))}
            {why !== null && (
              <option disabled value="none:">
                {shortOption(why)}
              </option>
            )}
          </optgroup>
        )}
        {ways !== undefined && (
          <optgroup label="Files">
            {shownFiles.map((file) => (
              <option key={file} value={`file:${file}`}>
                {shortOption(file)}
              </option>
            ))}
            <option value={CHOOSE_FILE}>Choose a file…</option>
          </optgroup>
        )}
      </select>
      <input
        ref={files}
        type="file"
        className="hidden"
        aria-label="Base file"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file === undefined) return;
          ways?.giveFile(file.name, file);
          setGiven((before) => [file.name, ...before.filter((known) => known !== file.name)]);
          onChange({ ...SAME_BASE, source: { kind: 'file', name: file.name } });
        }}
      />
    </>
  );
}

const CHOOSE_FILE = 'choose-file:';

/** Of the heatmap: another region of it is drawn there. */
function LengthSelect({
  base,
  lengths,
  onChange,
}: Pick<BaseControlsProps, 'base' | 'onChange'> & {
  lengths: NonNullable<BaseControlsProps['lengths']>;
}): ReactElement {
  const { latency } = base;
  return (
    <select
      aria-label="Base latencies"
      className="control h-6 max-w-40 truncate"
      title="Which lengths of the heatmap are the base"
      value={latency.kind}
      onChange={({ target: { value } }) => {
        if (value === 'rest') onChange({ ...base, time: { kind: 'same' }, latency: { kind: 'rest' } });
        else if (value === 'all' || value === 'same') onChange({ ...base, latency: { kind: value } });
      }}
    >
      <option value="same">{lengths.isRegion ? 'the same region' : 'all lengths'}</option>
      {lengths.isRegion && <option value="rest">the rest of the heatmap</option>}
      {(lengths.isRegion || latency.kind === 'all') && <option value="all">all waits, of any length</option>}
      {latency.kind === 'span' && <option value="span">{lengthWords(latency)}</option>}
    </select>
  );
}

function TimeSelect({ base, view, onChange, onPickTime }: BaseControlsProps): ReactElement {
  const { time } = base;
  const sinceMs = view.samples?.timedSinceMs ?? null;
  const lengthMs = Math.max(1, Math.round(view.shown.toMs - view.shown.fromMs));
  const agos = [
    ...new Set([
      lengthMs,
      // A profile from elsewhere is seldom minutes long.
      ...(sinceMs === null ? AGO_MS : []),
      ...(time.kind === 'before' ? [time.agoMs] : []),
    ]),
  ].sort((a, b) => a - b);
  const heldFromMs = view.strip.startMs[0] ?? view.shown.fromMs;
  return (
    <select
      aria-label="Base time"
      className="control h-6 max-w-40 truncate"
      title="What stretch of time is the base"
      value={time.kind === 'before' ? `before:${time.agoMs}` : time.kind}
      onChange={({ target: { value } }) => {
        if (value === PICK_TIME) onPickTime?.();
        else if (value === 'same') onChange({ ...base, time: { kind: 'same' } });
        else if (value.startsWith('before:'))
          onChange({ ...base, time: { kind: 'before', agoMs: Number(value.slice('before:'.length)) } });
      }}
    >
      <option value="same">same time</option>
      {agos.map((agoMs) => (
        <option
          key={agoMs}
          value={`before:${agoMs}`}
          disabled={base.source.kind === 'same' && view.shown.toMs - agoMs <= heldFromMs}
        >
          {agoMs === lengthMs ? `the ${agoWords(agoMs)} before` : `${agoWords(agoMs)} earlier`}
        </option>
      ))}
      {time.kind === 'fixed' && (
        <option value="fixed">
          {sinceMs === null
            ? `${toClock(time.fromMs)} – ${toClock(time.toMs)}`
            : `${sinceWords(time.fromMs, sinceMs)} – ${sinceWords(time.toMs, sinceMs)}`}
        </option>
      )}
      {onPickTime !== undefined && <option value={PICK_TIME}>drag in the time strip…</option>}
    </select>
  );
}

const PICK_TIME = 'pick';
