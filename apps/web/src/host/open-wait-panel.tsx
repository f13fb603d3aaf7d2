'use client';
/** Owns the threads that are waiting right now and have been for the whole last window: a deadlock shows here while it lasts. */
import { formatNs } from '@stallscope/charts';
import { type ReactElement, useState } from 'react';
import type { OpenWaitTable } from '../live/live-messages';
import { KIND_WORDS, STATE_WORDS } from '../words/view-help';

export function OpenWaitPanel({
  waits,
  onChoose,
}: {
  waits: OpenWaitTable;
  onChoose: (tgid: number, tid: number) => void;
}): ReactElement {
  const [withIdle, setWithIdle] = useState(false);
  const indexes = Array.from(waits.tid.keys()).filter((index) => withIdle || !waits.isIdle[index]);
  const busy = waits.total - waits.idle;
  return (
    <section className="panel below-fold flex min-w-0 flex-col" aria-label="Waiting now">
      <h2 className="flex flex-wrap items-baseline gap-x-2 px-3 pt-2 pb-1 font-semibold">
        Waiting now{' '}
        <span
          className="font-normal text-dull"
          title="In no total yet: a wait is counted when it ends. Off CPU for the whole of the last window shown."
        >
          {busy.toLocaleString('en-GB')} {busy === 1 ? 'thread' : 'threads'} off CPU for the whole last window
        </span>
        {waits.idle > 0 && (
          <button
            type="button"
            className="ml-auto font-normal text-accent hover:underline"
            aria-pressed={withIdle}
            title="In poll, epoll, sleep, accept, wait for a child, or an idle kernel worker"
            onClick={() => setWithIdle(!withIdle)}
          >
            {withIdle ? 'hide' : 'show'} {waits.idle.toLocaleString('en-GB')} idle
          </button>
        )}
      </h2>
      {indexes.length === 0 ? (
        <p className="px-3 pb-3 text-dull">No thread that has work waits for as long as a window.</p>
      ) : (
        <div className="max-h-72 overflow-auto">
          <table className="w-full min-w-[32rem] text-left" aria-label="Waiting now">
            <thead className="sticky top-0 bg-surface text-dull text-small">
              <tr>
                <th className="px-3 font-normal">thread</th>
                <th className="px-2 font-normal">process</th>
                <th className="px-2 font-normal">state</th>
                <th className="px-2 text-right font-normal">so far</th>
                <th className="px-3 font-normal">in</th>
              </tr>
            </thead>
            <tbody>
              {indexes.map((index) => (
                <tr key={waits.tid[index]} className="relative hover:bg-sunken">
                  <td className="whitespace-nowrap px-3 py-0.5">
                    <button
                      type="button"
                      className="text-left after:absolute after:inset-0"
                      onClick={() => onChoose(waits.tgid[index]!, waits.tid[index]!)}
                    >
                      {waits.name[index] || '(no name)'} <span className="text-dull">{waits.tid[index]}</span>
                    </button>
                  </td>
                  <td className="whitespace-nowrap px-2">
                    {waits.process[index]} <span className="text-dull">{waits.tgid[index]}</span>
                  </td>
                  <td className="whitespace-nowrap px-2" title={STATE_WORDS[waits.state[index]!]}>
                    {waits.kind[index] === 'blocked'
                      ? waits.state[index]
                      : KIND_WORDS[waits.kind[index]!].name}
                  </td>
                  <td
                    className="whitespace-nowrap px-2 text-right"
                    title={
                      waits.isLowerBound[index] ? 'Since before tracing began: at least this long' : undefined
                    }
                  >
                    {waits.isLowerBound[index] ? '≥ ' : ''}
                    {formatNs(waits.elapsedNs[index]!)}
                  </td>
                  <td
                    className="max-w-80 truncate px-3 font-mono text-small"
                    title={waits.stack[index]!.join('\n')}
                  >
                    {waits.inFunction[index]}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {waits.total > waits.tid.length && (
        <p className="px-3 py-1 text-dull text-small">
          The first {waits.tid.length.toLocaleString('en-GB')} of {waits.total.toLocaleString('en-GB')} are
          listed.
        </p>
      )}
    </section>
  );
}
