'use client';
/** Owns the page of hosts: what each is, whether it is heard, what it waits and what was lost. A table; on a phone each row is a card, as columns out of sight are columns not known of. */
import { formatBytes, formatNs } from '@stallscope/charts';
import { PLAIN_SHAPE } from '@stallscope/profile';
import type { HostSummary } from '@stallscope/protocol';
import Link from 'next/link';
import { type ReactElement, type ReactNode, useEffect } from 'react';
import { ConnectionLine } from '../controls/connection-line';
import { HostStateWord } from '../controls/host-state';
import { SectionBar } from '../controls/section-bar';
import { ThemeButton } from '../controls/theme-button';
import { TokenForm } from '../controls/token-form';
import { useNow } from '../controls/use-now';
import { NOTHING_BESIDE } from '../live/live-messages';
import { exposeForTests } from '../live/test-window';
import { liveStore, useLive } from '../live/use-live';
import { GOVERNOR_WORDS } from '../words/governor-words';
import { plural, toAge, toClock, toDate, toUtc, toWaitRate } from '../words/words';

export function HostsPage(): ReactElement {
  const { connection, hosts } = useLive();
  useEffect(() => {
    exposeForTests();
    liveStore().select({
      hostId: null,
      query: { view: 'off-cpu', kinds: ['blocked'] },
      span: { kind: 'last', lengthMs: 30_000 },
      pausedAtMs: null,
      search: null,
      shape: PLAIN_SHAPE,
      wants: NOTHING_BESIDE,
    });
  }, []);

  return (
    <div className="flex min-h-screen flex-col">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-line border-b bg-surface px-4 py-2">
        <h1 className="text-lead font-semibold">Stallscope</h1>
        <ConnectionLine />
        <div className="ml-auto">
          <ThemeButton />
        </div>
      </header>
      <SectionBar current="hosts" />
      <main className="flex w-full max-w-[1800px] flex-col gap-3 p-4" aria-label="Hosts">
        {connection.state === 'unauthorized' ? <TokenForm /> : <Hosts hosts={hosts} />}
      </main>
    </div>
  );
}

function Hosts({ hosts }: { hosts: readonly HostSummary[] | null }): ReactElement {
  const { connection } = useLive();
  if (hosts === null) {
    return (
      <p className="text-dull">
        {connection.state === 'lost'
          ? `The hub does not answer: ${connection.reason}. Check that it runs.`
          : 'Asking the hub for its hosts…'}
      </p>
    );
  }
  if (hosts.length === 0) return <NoHosts />;
  return (
    <>
      <p className="text-dull">{plural(hosts.length, 'host')} · choose one to see where its threads wait</p>
      <div className="panel overflow-x-auto">
        <table className="w-full text-left max-sm:block" aria-label="Hosts">
          <thead className="text-small text-dull max-sm:sr-only">
            <tr>
              <Head>Host</Head>
              <Head>State</Head>
              <Head>Kernel</Head>
              <Head
                right
                title="Blocked time of all threads in each second of the last window, by exact counters"
              >
                Waited per second
              </Head>
              <Head
                right
                title="From the end of the newest window to its arrival; clock differences are in it"
              >
                Lag
              </Head>
              <Head right title="Over all windows that the hub keeps">
                Loss
              </Head>
              <Head right>Windows kept</Head>
              <Head
                right
                title="Blocks of this length or longer are always captured, shorter ones by chance and weighted"
              >
                Sampling τ
              </Head>
            </tr>
          </thead>
          <tbody className="max-sm:block">
            {[...hosts].sort(byName).map((summary) => (
              <HostRow key={summary.host.id} summary={summary} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function HostRow({ summary }: { summary: HostSummary }): ReactElement {
  const nowMs = useNow();
  const { host, recording, retained } = summary;
  const lost = Object.values(summary.losses).reduce((sum, count) => sum + count, 0);
  const isQuiet = summary.state !== 'live';
  return (
    <tr
      className={`relative border-line border-t hover:bg-sunken max-sm:grid max-sm:grid-cols-2 max-sm:gap-x-3 max-sm:p-2 ${isQuiet ? 'text-dull' : ''}`}
    >
      <Cell wide>
        <Link
          href={`/host/?host=${encodeURIComponent(host.id)}`}
          className="font-semibold text-accent after:absolute after:inset-0 hover:underline"
        >
          {host.name || host.id}
        </Link>
        <span className="block text-dull text-small max-sm:whitespace-normal">
          {host.cpus} CPUs · {formatBytes(host.memoryBytes)} · {host.os}
        </span>
      </Cell>
      <Cell label="State">
        <HostStateWord summary={summary} />
        {recording !== null && (
          <span
            className="block max-w-48 whitespace-normal text-small text-warn"
            title={toUtc(recording.recordedAtMs)}
          >
            “{recording.title}” of {toDate(recording.recordedAtMs)} {toClock(recording.recordedAtMs)}
          </span>
        )}
        {isQuiet && summary.lastWindowEndMs !== null && nowMs !== null && recording === null && (
          <span className="block text-small" title={toUtc(summary.lastWindowEndMs)}>
            last heard {toAge(nowMs - summary.lastWindowEndMs)} ago
          </span>
        )}
      </Cell>
      <Cell label="Kernel">
        <span className="font-mono text-small">{host.kernel}</span>
        <span className="block text-dull text-small">{host.arch}</span>
      </Cell>
      <Cell right label="Waited per second">
        {toWaitRate(summary.waitedNs, summary.windowMs)}
      </Cell>
      <Cell right label="Lag">
        {summary.lagMs === null ? '–' : formatNs(summary.lagMs * 1e6)}
      </Cell>
      <Cell right label="Loss">
        <span className={lost > 0 ? 'text-warn' : ''}>{lost.toLocaleString('en-GB')} lost</span>
      </Cell>
      <Cell right label="Windows kept">
        {retained.windows.toLocaleString('en-GB')}
        <span className="block text-dull text-small">
          {formatBytes(retained.bytes)} · every {formatNs(summary.windowMs * 1e6)}
        </span>
      </Cell>
      <Cell right label="Sampling τ">
        {summary.tauNs === null ? '–' : summary.tauNs === 0 ? 'exact' : formatNs(summary.tauNs)}
        {summary.governed && (
          <span className="block text-small text-warn" title={GOVERNOR_WORDS.join(' ')}>
            raised under load
          </span>
        )}
      </Cell>
    </tr>
  );
}

function NoHosts(): ReactElement {
  return (
    <section className="panel flex max-w-2xl flex-col gap-3 p-5" aria-label="No hosts yet">
      <h2 className="text-title font-semibold">No host has reported yet</h2>
      <p>
        An agent on each host to look at sends its waits here. On this machine, agent and hub start together:
      </p>
      <Command>npm start</Command>
      <p>On another one, with root, towards this hub:</p>
      <AgentCommand />
      <p className="text-dull">
        A hub that listens beyond its own machine asks agents for a token;{' '}
        <code className="font-mono">npx stallscope agent --help</code> says how to give it.{' '}
        <code className="font-mono">npx stallscope doctor</code> says what a host can measure. This page shows
        a host as soon as its agent connects.
      </p>
    </section>
  );
}

/** The address is this page's own, which only the browser knows. */
function AgentCommand(): ReactElement {
  const nowMs = useNow();
  const hub = nowMs === null ? 'http://HUB:7070' : location.origin;
  return <Command>{`sudo npx stallscope agent --hub ${hub}`}</Command>;
}

function Command({ children }: { children: string }): ReactElement {
  return <pre className="overflow-x-auto rounded-chip bg-sunken px-3 py-2 font-mono">{children}</pre>;
}

function Head({
  children,
  right = false,
  title,
}: {
  children: ReactNode;
  right?: boolean;
  title?: string;
}): ReactElement {
  return (
    <th
      scope="col"
      title={title}
      className={`whitespace-nowrap px-2.5 py-2 font-normal ${right ? 'text-right' : ''}`}
    >
      {children}
    </th>
  );
}

function Cell({
  children,
  label,
  right = false,
  wide = false,
}: {
  children: ReactNode;
  /** The head of its column, said in the cell where there is no head to see. */
  label?: string;
  right?: boolean;
  /** Takes a whole line of the card. */
  wide?: boolean;
}): ReactElement {
  return (
    <td
      className={`whitespace-nowrap px-2.5 py-2 align-top max-sm:min-w-0 max-sm:px-1 max-sm:py-1 ${right ? 'sm:text-right' : ''} ${wide ? 'max-sm:col-span-2' : ''}`}
    >
      {label !== undefined && (
        <span aria-hidden="true" className="block text-dull text-small sm:hidden">
          {label}
        </span>
      )}
      {children}
    </td>
  );
}

function byName(a: HostSummary, b: HostSummary): number {
  return a.host.name.localeCompare(b.host.name) || (a.host.id < b.host.id ? -1 : 1);
}
