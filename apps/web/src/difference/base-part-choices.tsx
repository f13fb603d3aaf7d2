'use client';
/** Owns choosing a part of the base: one of its file's profiles, a process, a thread; each may be as what is shown. */
import { formatCount, formatValue } from '@stallscope/charts';
import type { ValueUnit } from '@stallscope/profile';
import type { ReactElement } from 'react';
import { Picker, type PickerOption } from '../host/picker';
import { nameOf } from '../host/task-pickers';
import type { WaitTable } from '../live/live-messages';
import type { GraphView } from '../viewer/graph-view';
import { type Base, SAME_BASE } from './base';
import { type BaseOffer, NO_TABLE } from './base-offer';
import { shortOption } from './short-option';

export interface BasePartProps {
  base: Base;
  offer: BaseOffer;
  view: Pick<GraphView, 'samples'>;
  /** A process, a thread is chosen on the page. */
  hasProcess: boolean;
  hasThread: boolean;
  onChange: (base: Base) => void;
}

export function BaseProfileSelect({ base, offer, onChange }: BasePartProps): ReactElement {
  return (
    <select
      aria-label="Base profile"
      className="control h-6 max-w-56 truncate"
      title="Which profile of the file is the base"
      value={offer.profile}
      onChange={({ target: { value } }) =>
        // Numbers of processes and stretches are of the profile that they were chosen in.
        onChange({ ...SAME_BASE, source: base.source, profile: Number(value) })
      }
    >
      {offer.profiles.map(({ title, samples }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: profiles of a file have no other identity
        <option key={index} value={index}>
          {shortOption(title || `profile ${index + 1}`)} ({formatCount(samples)})
        </option>
      ))}
    </select>
  );
}

export function BaseProcessChoice({ base, view, hasProcess, offer, onChange }: BasePartProps): ReactElement {
  const { isOther } = offer;
  const table = offer.processes ?? NO_TABLE;
  const same = !hasProcess ? 'all processes' : isOther ? 'process of the same name' : 'same process';
  const { process } = base;
  const chosen =
    process === null
      ? same
      : process === 'all'
        ? 'all processes'
        : `${table.tgid.includes(process) ? nameOf(table, process) : 'process'} ${process}`;
  return (
    <Picker
      label="Base process"
      chosen={chosen}
      // One list: what is the same and what is all are no numbers of processes.
      chosenId={process === null ? null : process === 'all' ? ALL : process}
      options={() => [
        { id: null, name: same, detail: '', value: '' },
        ...(hasProcess ? [{ id: ALL, name: 'all processes', detail: '', value: '' }] : []),
        ...toOptions(table, table.tgid, view.samples?.valueType.unit ?? 'nanoseconds'),
      ]}
      onChoose={(id) => onChange({ ...base, process: id === ALL ? 'all' : id, thread: null })}
    />
  );
}

export function BaseThreadChoice({ base, view, hasThread, offer, onChange }: BasePartProps): ReactElement {
  const table = offer.threads ?? NO_TABLE;
  const hasSame = hasThread && !offer.isOther && base.process === null;
  const same = hasSame ? 'same thread' : 'all threads';
  const { thread } = base;
  const row = typeof thread === 'number' ? table.tid.indexOf(thread) : -1;
  const chosen =
    thread === null ? same : thread === 'all' ? 'all threads' : `${table.name[row] ?? 'thread'} ${thread}`;
  return (
    <Picker
      label="Base thread"
      chosen={chosen}
      chosenId={thread === null ? null : thread === 'all' ? ALL : thread}
      options={() => [
        { id: null, name: same, detail: '', value: '' },
        ...(hasSame ? [{ id: ALL, name: 'all threads', detail: '', value: '' }] : []),
        ...toOptions(table, table.tid, view.samples?.valueType.unit ?? 'nanoseconds'),
      ]}
      onChoose={(id) => onChange({ ...base, thread: id === ALL ? 'all' : id })}
    />
  );
}

/** No process has this number. */
const ALL = 0;

function toOptions({ name, waitedNs }: WaitTable, ids: readonly number[], unit: ValueUnit): PickerOption[] {
  return ids.map((id, index) => ({
    id,
    name: name[index] || '(no name)',
    detail: String(id),
    value: formatValue(waitedNs[index]!, unit),
  }));
}
