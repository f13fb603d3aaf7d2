'use client';
/** Owns what the foot line says of the agent itself: what it takes, and behind that what is on at this host and what each costs. */
import { formatBytes, formatNs, formatPercent } from '@stallscope/charts';
import { HEATMAPS } from '@stallscope/latency';
import { type ReactElement, useEffect } from 'react';
import { wantCosts } from '../latency/costs-wanted';
import type { ViewTotals } from '../live/live-messages';
import type { ProbeStanding } from '../live/probe-standing';
import { FootPopover } from './foot-popover';

const OWN_WORDS: Readonly<Record<string, string>> = {
  sched: 'waits and time on CPUs (always on: every view of waits is of it)',
  process: 'who processes are (always on)',
  cpu: 'samples of CPUs',
  lengths: 'lengths of waits, exactly',
};

const STATE_WORDS: Readonly<Record<ProbeStanding['state'], string>> = {
  on: 'on',
  starting: 'just begun',
  refused: 'refused',
};

export function CollectingPart({
  totals,
  spanMs,
}: {
  totals: Pick<ViewTotals, 'probes' | 'agentCpuNs' | 'agentRssBytes'>;
  spanMs: number;
}): ReactElement {
  const words = `agent ${formatPercent(totals.agentCpuNs / 1e6 / spanMs)} of a CPU`;
  return (
    <FootPopover
      words={words}
      label={`${words}, what it collects`}
      isWarning={false}
      title="What is collected"
    >
      <Collected probes={totals.probes} />
      <p className="mt-2 text-dull">
        The agent itself took {words.slice('agent '.length)} over the span and holds{' '}
        {formatBytes(totals.agentRssBytes)} of memory. Time in the kernel is beside that: it is the kernel’s
        own count of how long BPF programs ran, made while this is open or a heatmap is shown.
      </p>
    </FootPopover>
  );
}

function Collected({ probes }: { probes: readonly ProbeStanding[] }): ReactElement {
  // Open is mounted: the kernel counts run times while somebody looks.
  useEffect(() => wantCosts(), []);
  return (
    <>
      <h3 className="font-semibold">Collected in the newest window shown</h3>
      {probes.length === 0 ? (
        <p className="text-dull">This window does not say: it was made before agents did.</p>
      ) : (
        <table className="mt-1 w-full" aria-label="What is collected">
          <thead className="text-dull text-left">
            <tr>
              <th className="pr-3 font-normal">what</th>
              <th className="pr-3 font-normal">state</th>
              <th className="pr-3 text-right font-normal">of a CPU</th>
              <th className="text-right font-normal">runs/s</th>
            </tr>
          </thead>
          <tbody>
            {probes.map(({ name, state, detail, cost }) => (
              <tr key={name} className="align-top" title={detail}>
                <td className="pr-3">
                  <span className="font-mono">{name}</span>{' '}
                  <span className="text-dull text-small">{wordsOf(name)}</span>
                  {state === 'refused' && <span className="block text-small text-warn">{detail}</span>}
                </td>
                <td className="pr-3 whitespace-nowrap">{STATE_WORDS[state]}</td>
                <td className="pr-3 text-right whitespace-nowrap tabular-nums">
                  {cost === null ? '–' : formatPercent(cost.nsPerSecond / 1e9)}
                </td>
                <td
                  className="text-right tabular-nums"
                  title={cost === null ? undefined : `${formatNs(cost.nsPerSecond)} a second`}
                >
                  {cost === null ? '–' : Math.round(cost.runsPerSecond).toLocaleString('en-GB')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="mt-2 text-dull">
        What is not in this list is not in the kernel: a probe is attached when a page, a recording or the
        history of this host asks for it, and taken away when nobody does.
      </p>
    </>
  );
}

function wordsOf(name: string): string {
  const titles = HEATMAPS.filter(({ probe }) => probe === name).map(({ title }) => title);
  return (
    OWN_WORDS[name] ?? (titles.join(', ') || (name.startsWith('vitals-') ? 'read from /proc and /sys' : ''))
  );
}
