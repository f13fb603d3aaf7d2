'use client';
/** Owns choosing whose waits are shown: a process, and a thread of it. */
import { formatNs } from '@stallscope/charts';
import type { ReactElement } from 'react';
import type { WaitTable } from '../live/live-messages';
import type { LiveView } from '../live/live-store';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { Picker, type PickerOption } from './picker';

export function TaskPickers({
  process,
  thread,
  readView,
  selection,
  acts,
}: {
  /** What is chosen, in words. */
  process: string;
  thread: string;
  /** Where the lists are read from while they are open. */
  readView: () => LiveView | null;
  selection: Selection;
  acts: SelectionActs;
}): ReactElement {
  return (
    <>
      <Picker
        label="Process"
        chosen={process}
        chosenId={selection.p}
        options={() => toOptions(readView()?.processes, 'tgid', 'all processes')}
        onChoose={(tgid) => acts.toProcess(tgid)}
      />
      <Arrow />
      <Picker
        label="Thread"
        chosen={thread}
        chosenId={selection.t}
        options={() => toOptions(readView()?.threads, 'tid', 'all threads')}
        onChoose={(tid) => {
          const view = readView();
          const row = tid === null ? -1 : (view?.threads.tid.indexOf(tid) ?? -1);
          acts.toThread(row < 0 ? (selection.p ?? 0) : view!.threads.tgid[row]!, tid);
        }}
      />
    </>
  );
}

export function processWords(view: LiveView | null, tgid: number | null): string {
  return tgid === null ? 'all processes' : `${nameOf(view?.processes, tgid)} ${tgid}`;
}

export function threadWords(view: LiveView | null, tid: number | null): string {
  return tid === null ? 'all threads' : `${nameOf(view?.threads, tid, 'tid')} ${tid}`;
}

/** Between the parts of a path: host, process, thread. */
export function Arrow(): ReactElement {
  return (
    <span aria-hidden="true" className="text-dull text-small">
      ▸
    </span>
  );
}

/** The name that the table gives; the number alone when the span has nothing of it. */
export function nameOf(table: WaitTable | undefined, id: number, column: 'tgid' | 'tid' = 'tgid'): string {
  const index = table?.[column].indexOf(id) ?? -1;
  return index < 0 ? (column === 'tgid' ? 'process' : 'thread') : table!.name[index]! || '(no name)';
}

function toOptions(table: WaitTable | undefined, column: 'tgid' | 'tid', all: string): PickerOption[] {
  const options: PickerOption[] = [{ id: null, name: all, detail: '', value: '' }];
  if (table === undefined) return options;
  for (let index = 0; index < table[column].length; index++) {
    options.push({
      id: table[column][index]!,
      name: table.name[index]! || '(no name)',
      detail: [
        String(table[column][index]),
        column === 'tgid' && table.threads[index]! > 1 ? `${table.threads[index]} threads` : '',
        table.who?.[index] ?? '',
      ]
        .filter((part) => part !== '')
        .join(' · '),
      value: formatNs(table.waitedNs[index]!),
    });
  }
  return options;
}
