'use client';
import { formatNs, formatPercent } from '@stallscope/charts';
import type { ReactElement } from 'react';
import type { Answer } from '../live/answer';
import type { SelectionActs } from '../selection/use-selection';

const KIND_PHRASES = {
  blocked: 'waits in',
  runq: 'waits for a CPU after',
  preempted: 'is preempted in',
  'on-cpu': 'runs',
} as const;

/** Where threads wait most, or in the CPU view run most, in words; the process in it leads to its own view. */
export function AnswerLine({ answer, acts }: { answer: Answer; acts: SelectionActs }): ReactElement | null {
  const { top, waitedNs, idleNs } = answer;
  if (waitedNs === 0) return null;
  const busyNs = waitedNs - idleNs;
  const idle =
    idleNs === 0 ? null : (
      <span
        className="text-dull"
        title="Waiting for something to do: in poll, epoll, sleep, accept, wait for a child, or an idle kernel worker"
      >
        {' '}
        <span className="whitespace-nowrap">{formatNs(idleNs)}</span> ({formatPercent(idleNs / waitedNs)} of
        all) idle, set apart.
      </span>
    );
  return (
    <p className="px-1 text-lead" role="note" aria-label="Answer">
      {top === null ? (
        <>No thread with work to do waited.</>
      ) : (
        <>
          {top.kind === 'on-cpu' ? 'Most on CPU' : 'Most waiting'}:{' '}
          <button
            type="button"
            className="font-semibold text-accent hover:underline"
            onClick={() => acts.toProcess(top.tgid)}
          >
            {top.process || '(no name)'}
          </button>{' '}
          {KIND_PHRASES[top.kind]} <code className="break-all font-mono text-body">{top.inFunction}</code>,{' '}
          <strong>{formatNs(top.ns)}</strong> {top.threads > 1 && `over ${top.threads} threads `}(
          {formatPercent(top.ns / busyNs)} of {formatNs(busyNs)})
          {top.waker !== null && (
            <>
              , ended {top.waker.ns / top.ns > 0.995 ? '' : `for ${formatPercent(top.waker.ns / top.ns)} `}by{' '}
              <button
                type="button"
                className="font-semibold text-accent hover:underline"
                onClick={() => acts.toView('wakeup')}
              >
                {top.waker.comm || '(no name)'}
              </button>
            </>
          )}
          .
        </>
      )}
      {idle}
    </p>
  );
}
