'use client';
/** Owns the choice of dashboards: those that are ready, one's own, and what the hub keeps, with renaming and deleting. */
import type { Dashboard, DashboardList as Listed } from '@stallscope/protocol';
import Link from 'next/link';
import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { HubRefusal, toRefusalWords } from '../controls/ask-hub';
import { toast } from '../controls/toast';
import { TokenForm } from '../controls/token-form';
import { plural, toClock, toDate, toUtc } from '../words/words';
import { changeDashboard, deleteDashboard, listDashboards } from './dashboard-api';
import { readPanels } from './panel-code';
import { LAYOUTS, READY_LAYOUTS } from './ready-layouts';
import { DeleteDialog, NameDialog } from './saved-dialogs';
import { readSavedView } from './saved-view';

export type WhichDashboard = { layout: string } | { saved: string };

/** Its address, with what is selected now: `rest` is the query string of the present one. */
export function toDashboardUrl(which: WhichDashboard, rest: URLSearchParams): string {
  const query = new URLSearchParams(which);
  const left = 'saved' in which ? [...OF_A_DASHBOARD, 'span', 'window'] : OF_A_DASHBOARD;
  for (const [name, value] of rest) if (!left.includes(name)) query.set(name, value);
  return `/dashboards/?${query}`;
}

/** Names of an address that go with the dashboard; the others are of the moment. One that is saved has more of its own. */
const OF_A_DASHBOARD = ['layout', 'saved', 'rev', 'panels'];

type State = { step: 'asking' } | { step: 'listed'; list: Listed } | { step: 'refused'; error: unknown };

/** What the hub keeps, asked for once while it is shown. */
export function useDashboardList(): { state: State; refresh: () => Promise<void> } {
  const [state, setState] = useState<State>({ step: 'asking' });
  const refresh = useCallback(async (): Promise<void> => {
    try {
      setState({ step: 'listed', list: await listDashboards() });
    } catch (error) {
      setState({ step: 'refused', error });
    }
  }, []);
  useEffect(() => void refresh(), [refresh]);
  return { state, refresh };
}

export function DashboardList({ rest }: { rest: URLSearchParams }): ReactElement {
  return (
    <div className="flex w-full max-w-[1200px] flex-col gap-4">
      <section aria-label="Ready dashboards" className="flex flex-col gap-2">
        <h2 className="heading text-lead">Ready made</h2>
        <ul className="grid grid-cols-1 gap-2 sm:grid-cols-2 lg:grid-cols-3">
          {LAYOUTS.map((layout) => (
            <Card
              key={layout}
              href={toDashboardUrl({ layout }, rest)}
              title={READY_LAYOUTS[layout].title}
              help={READY_LAYOUTS[layout].help}
            />
          ))}
          <Card
            href={toDashboardUrl({ layout: 'own' }, rest)}
            title="Your own"
            help="Empty: add panels. It is in its address at once, and by name on this hub when you save it."
          />
        </ul>
      </section>
      <section aria-label="Dashboards on this hub" className="flex flex-col gap-2">
        <h2 className="heading text-lead">On this hub</h2>
        <OnHub rest={rest} />
      </section>
    </div>
  );
}

function OnHub({ rest }: { rest: URLSearchParams }): ReactElement {
  const { state, refresh } = useDashboardList();
  const [renamed, setRenamed] = useState<Dashboard | null>(null);
  const [deleted, setDeleted] = useState<Dashboard | null>(null);
  if (state.step === 'asking') return <p className="text-dull">Asking the hub for its dashboards…</p>;
  if (state.step === 'refused') {
    const { error } = state;
    if (error instanceof HubRefusal && error.status === 401)
      return <TokenForm onDone={() => void refresh()} />;
    return (
      <div role="status" aria-label="State" className="panel flex max-w-2xl flex-col gap-3 p-4">
        <p>{toRefusalWords(error)}</p>
        <button type="button" className="control self-start" onClick={() => void refresh()}>
          Try again
        </button>
      </div>
    );
  }
  const { dashboards, maxDashboards } = state.list;
  if (dashboards.length === 0) {
    return (
      <p className="panel max-w-2xl p-4 text-dull">
        None is kept yet. Open one of the ready ones or your own, change it, and choose “Save as…”: it is then
        here for all who use this hub.
      </p>
    );
  }
  return (
    <>
      <ul aria-label="Saved dashboards" className="panel divide-y divide-line">
        {dashboards.map((dashboard) => (
          <li
            key={dashboard.id}
            aria-label={dashboard.name}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2"
          >
            <div className="min-w-0 flex-1 basis-56">
              <Link
                href={toDashboardUrl({ saved: dashboard.id }, rest)}
                className="block truncate font-semibold text-accent hover:underline"
              >
                {dashboard.name}
              </Link>
              <span className="text-dull text-small" title={toUtc(dashboard.changedAtMs)}>
                {toContents(dashboard)} · saved {toDate(dashboard.changedAtMs)}{' '}
                {toClock(dashboard.changedAtMs)}
                {dashboard.author !== '' && ` by ${dashboard.author}`}
              </span>
            </div>
            <button type="button" className="control" onClick={() => setRenamed(dashboard)}>
              Rename…
            </button>
            <button type="button" className="control" onClick={() => setDeleted(dashboard)}>
              Delete…
            </button>
          </li>
        ))}
      </ul>
      {dashboards.length >= maxDashboards && (
        <p className="text-warn">
          The hub keeps no more than {plural(maxDashboards, 'dashboard')}: delete one to save another.
        </p>
      )}
      <NameDialog
        title="Rename dashboard"
        act="Rename"
        name={renamed?.name ?? ''}
        isOpen={renamed !== null}
        onClose={() => setRenamed(null)}
        onName={async (name, author) => {
          if (renamed === null) return;
          const { id, view, revision } = renamed;
          await changeDashboard(id, { name, author, view, revision });
          setRenamed(null);
          await refresh();
        }}
      />
      <DeleteDialog
        dashboard={deleted}
        onClose={() => setDeleted(null)}
        onDelete={async ({ id, name }) => {
          await deleteDashboard(id);
          setDeleted(null);
          toast(`“${name}” is deleted`);
          await refresh();
        }}
      />
    </>
  );
}

/** `7 panels of 2 hosts`. */
function toContents({ view }: Dashboard): string {
  const saved = readSavedView(view).view;
  const { panels } = readPanels(saved.panels);
  const hosts = new Set(panels.flatMap(({ host }) => host ?? saved.host ?? []));
  return hosts.size > 1
    ? `${plural(panels.length, 'panel')} of ${plural(hosts.size, 'host')}`
    : plural(panels.length, 'panel');
}

function Card({ href, title, help }: { href: string; title: string; help: string }): ReactElement {
  return (
    <li className="panel relative flex flex-col gap-0.5 p-3 hover:border-line-strong">
      <Link href={href} className="font-semibold text-accent after:absolute after:inset-0 hover:underline">
        {title}
      </Link>
      <span className="text-dull">{help}</span>
    </li>
  );
}
