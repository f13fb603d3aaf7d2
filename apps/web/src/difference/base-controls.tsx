'use client';
/** Owns choosing the base as the top bar chooses what is shown: whose data, which process, what time. */
import { formatNs } from '@stallscope/charts';
import { type ReactElement, useRef, useState } from 'react';
import { Picker, type PickerOption } from '../host/picker';
import { Arrow, nameOf } from '../host/task-pickers';
import type { WaitTable } from '../live/live-messages';
import type { GraphView } from '../viewer/graph-view';
import { toClock, toDate } from '../words/words';
import { type Base, type BaseSource, SAME_BASE } from './base';
import type { BaseWays } from './base-ways';
import { useHubChoices } from './hub-choices';
import { agoWords } from './side-words';

export interface BaseControlsProps {
  base: Base;
  /** What the page's own data is called. */
  name: string;
  ways: BaseWays | undefined;
  view: Pick<GraphView, 'shown' | 'strip' | 'processes' | 'samples'>;
  /** A process is chosen on the page. */
  hasProcess: boolean;
  onChange: (base: Base) => void;
  /** The next drag in the time strip chooses the base; undefined where there is no strip. */
  onPickTime: (() => void) | undefined;
}

/** Stretches back that are offered, ms. */
const AGO_MS = [60_000, 300_000, 600_000] as const;

/** Longest name of a file or a snapshot in the list. */
const MAX_OPTION_CHARS = 60;

export function BaseControls(props: BaseControlsProps): ReactElement {
  const { base } = props;
  const isOfWaits = props.view.samples === null;
  return (
    <span className="row-of-controls">
      <SourceSelect {...props} />
      {isOfWaits && (
        <>
          <Arrow />
          <ProcessChoice {...props} />
          {(base.source.kind === 'same' || base.source.kind === 'host') && (
            <>
              <Arrow />
              <TimeSelect {...props} />
            </>
          )}
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
        <option value="same:">{shortened(name)}</option>
        {!isListed && (
          <option value={value}>
            {source.kind === 'host' || source.kind === 'snapshot' ? `${source.kind} ${source.id}` : ''}
          </option>
        )}
        {hosts.length > 0 && (
          <optgroup label="Other hosts">
            {hosts.map((host) => (
              <option key={host.id} value={`host:${host.id}`}>
                {shortened(host.name || host.id)}
              </option>
            ))}
          </optgroup>
        )}
        {(snapshots.length > 0 || why !== null) && (
          <optgroup label="Snapshots">
            {snapshots.map(({ id, title, createdAtMs }) => (
              <option key={id} value={`snapshot:${id}`}>
                {shortened(title)} · {toDate(createdAtMs)} {toClock(createdAtMs)}
              </option>
            ))}
            {why !== null && (
              <option disabled value="none:">
                {shortened(why)}
              </option>
            )}
          </optgroup>
        )}
        {ways !== undefined && (
          <optgroup label="Files">
            {shownFiles.map((file) => (
              <option key={file} value={`file:${file}`}>
                {shortened(file)}
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

function ProcessChoice({ base, view, hasProcess, onChange }: BaseControlsProps): ReactElement {
  const isOther = base.source.kind !== 'same';
  const same = !hasProcess ? 'all processes' : isOther ? 'process of the same name' : 'same process';
  const { process } = base;
  const chosen =
    process === null
      ? same
      : process === 'all'
        ? 'all processes'
        : `${isOther ? 'process' : nameOf(view.processes, process)} ${process}`;
  return (
    <Picker
      label="Base process"
      chosen={chosen}
      // One list: what is the same and what is all are no numbers of processes.
      chosenId={process === null ? null : process === 'all' ? ALL : process}
      options={() => [
        { id: null, name: same, detail: '', value: '' },
        ...(hasProcess ? [{ id: ALL, name: 'all processes', detail: '', value: '' }] : []),
        ...(isOther ? [] : toOptions(view.processes)),
      ]}
      onChoose={(id) => onChange({ ...base, process: id === ALL ? 'all' : id })}
    />
  );
}

/** No process has this number. */
const ALL = 0;

function toOptions({ tgid, name, waitedNs }: WaitTable): PickerOption[] {
  return tgid.map((id, index) => ({
    id,
    name: name[index] || '(no name)',
    detail: String(id),
    value: formatNs(waitedNs[index]!),
  }));
}

function TimeSelect({ base, view, onChange, onPickTime }: BaseControlsProps): ReactElement {
  const { time } = base;
  const lengthMs = Math.round(view.shown.toMs - view.shown.fromMs);
  const agos = [...new Set([lengthMs, ...AGO_MS, ...(time.kind === 'before' ? [time.agoMs] : [])])].sort(
    (a, b) => a - b,
  );
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
          {toClock(time.fromMs)} – {toClock(time.toMs)}
        </option>
      )}
      {onPickTime !== undefined && <option value={PICK_TIME}>drag in the time strip…</option>}
    </select>
  );
}

const PICK_TIME = 'pick';

function shortened(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_OPTION_CHARS
    ? text
    : `${characters.slice(0, MAX_OPTION_CHARS - 1).join('')}…`;
}
