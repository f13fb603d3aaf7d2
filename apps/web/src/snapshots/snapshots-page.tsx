'use client';
/** Owns the page of snapshots: what is kept, found by words and tags, and how much room there is. */
import { formatBytes, formatNs, formatValue } from '@stallscope/charts';
import type { Snapshot, SnapshotList } from '@stallscope/protocol';
import Link from 'next/link';
import { parseAsArrayOf, parseAsString, useQueryStates } from 'nuqs';
import { type ReactElement, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { ActWord } from '../controls/act-word';
import { HubRefusal, toRefusalWords } from '../controls/ask-hub';
import { Modal } from '../controls/modal';
import { SectionBar } from '../controls/section-bar';
import { ThemeButton } from '../controls/theme-button';
import { TokenForm } from '../controls/token-form';
import { useNow } from '../controls/use-now';
import { plural, toAge, toClock, toDate, toUtc } from '../words/words';
import { changeSnapshot, deleteSnapshot, listSnapshots, previewPathOf } from './snapshot-api';
import { SnapshotForm } from './snapshot-form';
import { SHARE_FRAGMENT, toSnapshotUrl } from './snapshot-view';

/** Typing rests for this long before the hub is asked, ms. */
const TYPING_MS = 200;

const DAY_MS = 86_400_000;

const PARSERS = {
  q: parseAsString.withDefault(''),
  tag: parseAsArrayOf(parseAsString).withDefault([]),
};

type Listed =
  | { step: 'asking' }
  | { step: 'listed'; list: SnapshotList }
  | { step: 'refused'; error: unknown };
type Act = { kind: 'none' } | { kind: 'edit' | 'delete'; snapshot: Snapshot };

export function SnapshotsPage(): ReactElement {
  const [{ q, tag }, setFilter] = useQueryStates(PARSERS, { clearOnDefault: true, shallow: true });
  const [listed, setListed] = useState<Listed>({ step: 'asking' });
  const [act, setAct] = useState<Act>({ kind: 'none' });
  const [fault, setFault] = useState('');
  const latest = useRef(0);

  const refresh = useCallback(async (): Promise<void> => {
    const number = ++latest.current;
    try {
      const list = await listSnapshots(q, tag);
      if (number === latest.current) setListed({ step: 'listed', list });
    } catch (error) {
      if (number === latest.current) setListed({ step: 'refused', error });
    }
  }, [q, tag]);

  const isFirst = useRef(true);
  useEffect(() => {
    const timer = setTimeout(() => void refresh(), isFirst.current ? 0 : TYPING_MS);
    isFirst.current = false;
    return () => clearTimeout(timer);
  }, [refresh]);
  useEffect(() => {
    document.title = 'Snapshots · Stallscope';
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') void refresh();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, [refresh]);

  async function run(change: () => Promise<unknown>): Promise<void> {
    setFault('');
    try {
      await change();
    } catch (error) {
      setFault(toRefusalWords(error));
    }
    await refresh();
  }

  const acts: RowActs = {
    edit: (snapshot) => setAct({ kind: 'edit', snapshot }),
    remove: (snapshot) => setAct({ kind: 'delete', snapshot }),
    pin: (snapshot) => void run(() => changeSnapshot(snapshot.id, { pinned: !snapshot.pinned })),
    chooseTag: (name) => void setFilter({ tag: tag.includes(name) ? tag : [...tag, name] }),
  };

  return (
    <div className="flex min-h-screen flex-col">
      <header className="top-0 z-20 bg-surface sm:sticky">
        <div className="flex items-center gap-x-4 border-line border-b px-4 py-2">
          <h1 className="font-semibold text-lead">
            <Link href="/" className="hover:underline">
              Stallscope
            </Link>
          </h1>
          <div className="ml-auto">
            <ThemeButton />
          </div>
        </div>
        <SectionBar current="snapshots" />
      </header>
      <main className="flex w-full max-w-[1800px] flex-col gap-3 p-2 sm:p-4" aria-label="Snapshots">
        {content()}
      </main>
      <Modal title="Edit snapshot" isOpen={act.kind === 'edit'} onClose={() => setAct({ kind: 'none' })}>
        {act.kind === 'edit' && (
          <SnapshotForm
            snapshot={act.snapshot}
            onSaved={() => {
              setAct({ kind: 'none' });
              void refresh();
            }}
          />
        )}
      </Modal>
      <Modal title="Delete snapshot" isOpen={act.kind === 'delete'} onClose={() => setAct({ kind: 'none' })}>
        {act.kind === 'delete' && (
          <ConfirmDelete
            snapshot={act.snapshot}
            onDelete={() => {
              const { snapshot } = act;
              setAct({ kind: 'none' });
              void run(() => deleteSnapshot(snapshot.id));
            }}
            onKeep={() => setAct({ kind: 'none' })}
          />
        )}
      </Modal>
    </div>
  );

  function content(): ReactElement {
    if (listed.step === 'asking') return <p className="text-dull">Asking the hub for its snapshots…</p>;
    if (listed.step === 'refused') {
      const { error } = listed;
      if (error instanceof HubRefusal && error.status === 401)
        return <TokenForm onDone={() => void refresh()} />;
      return (
        <section role="status" aria-label="State" className="panel flex max-w-2xl flex-col gap-3 p-5">
          <p>{toRefusalWords(error)}</p>
          <button type="button" className="control self-start" onClick={() => void refresh()}>
            Try again
          </button>
        </section>
      );
    }
    const { list } = listed;
    if (list.count === 0) {
      return (
        <>
          <NoSnapshots list={list} />
          <Evicted list={list} />
        </>
      );
    }
    return (
      <>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <input
            type="search"
            className="control w-72 min-w-0 max-w-full"
            aria-label="Find snapshots"
            placeholder="Title, notes, host, author, tag"
            value={q}
            onChange={(event) => void setFilter({ q: event.target.value })}
          />
          <fieldset className="row-of-controls" aria-label="Tags">
            {list.tags.map(({ tag: name, count }) => {
              const isOn = tag.includes(name);
              return (
                <button
                  key={name}
                  type="button"
                  className="control h-6"
                  aria-pressed={isOn}
                  onClick={() =>
                    void setFilter({ tag: isOn ? tag.filter((other) => other !== name) : [...tag, name] })
                  }
                >
                  {name} <span className="text-dull text-small">{count.toLocaleString('en-GB')}</span>
                </button>
              );
            })}
          </fieldset>
          <Room list={list} />
        </div>
        <p role="alert" className="text-bad empty:hidden">
          {fault}
        </p>
        {list.snapshots.length === 0 ? (
          <p className="panel flex flex-wrap items-center gap-3 p-5">
            None of {plural(list.count, 'snapshot')} matches.
            <button type="button" className="control" onClick={() => void setFilter({ q: '', tag: [] })}>
              Show all
            </button>
          </p>
        ) : (
          <ul aria-label="Snapshots" className="flex flex-col gap-2">
            {list.snapshots.map((snapshot) => (
              <SnapshotRow key={snapshot.id} snapshot={snapshot} acts={acts} />
            ))}
          </ul>
        )}
        <Evicted list={list} />
      </>
    );
  }
}

interface RowActs {
  edit(snapshot: Snapshot): void;
  remove(snapshot: Snapshot): void;
  pin(snapshot: Snapshot): void;
  chooseTag(name: string): void;
}

function SnapshotRow({ snapshot, acts }: { snapshot: Snapshot; acts: RowActs }): ReactElement {
  const nowMs = useNow();
  const { title, notes, tags, author, createdAtMs, pinned, totals, shares } = snapshot;
  const url = toSnapshotUrl(snapshot);
  const facts: ReactNode[] = [
    <strong key="host" className="font-semibold">
      {snapshot.hostName || snapshot.hostId || snapshot.format}
    </strong>,
    snapshot.toMs > 0 && (
      <span key="time" title={`${toUtc(snapshot.fromMs)} to ${toUtc(snapshot.toMs)}`}>
        {toDate(snapshot.fromMs)} {toClock(snapshot.fromMs)},{' '}
        {formatNs((snapshot.toMs - snapshot.fromMs) * 1e6)}
      </span>
    ),
    totals.waitedNs !== null && (
      <span key="waited" title="Exact blocked time of all threads">
        {formatNs(totals.waitedNs)} blocked
      </span>
    ),
    totals.value !== null && (
      <span key="value">
        {formatValue(totals.value.amount, totals.value.unit)} {totals.value.type}
      </span>
    ),
    totals.lost > 0 && (
      <span key="lost" className="text-warn">
        {totals.lost.toLocaleString('en-GB')} lost
      </span>
    ),
    <span key="size">{formatBytes(snapshot.bytes)}</span>,
    <span key="kept" title={toUtc(createdAtMs)}>
      kept {nowMs === null ? '' : `${toAge(nowMs - createdAtMs)} ago`}
      {author !== '' && ` by ${author}`}
    </span>,
    shares > 0 && <span key="shares">{plural(shares, 'link')}</span>,
  ].filter((fact) => fact !== false);
  return (
    <li aria-label={title} className="panel relative flex min-w-0 gap-3 p-2 hover:bg-sunken max-sm:flex-col">
      <div className="h-24 w-44 shrink-0 overflow-hidden rounded-chip border border-line bg-sunken max-sm:w-full">
        {snapshot.previewBytes > 0 ? (
          // biome-ignore lint/performance/noImgElement: an image of the hub's own, as small as it is shown
          <img
            src={previewPathOf(snapshot.id)}
            alt=""
            loading="lazy"
            className="h-full w-full object-cover object-top"
          />
        ) : (
          <span className="flex h-full items-center justify-center text-dull text-small">no picture</span>
        )}
      </div>
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <h2 className="truncate text-lead" title={title}>
          {pinned && (
            <span className="text-accent" title="Pinned: stays until it is deleted">
              ★{' '}
            </span>
          )}
          <Link href={url} className="font-semibold text-accent after:absolute after:inset-0 hover:underline">
            {title}
          </Link>
        </h2>
        <p className="flex flex-wrap gap-x-1 text-dull">
          {facts.map((fact, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the facts of one row stand still
            <span key={index} className="whitespace-nowrap">
              {fact}
              {index < facts.length - 1 && <span aria-hidden="true"> ·</span>}
            </span>
          ))}
        </p>
        {notes !== '' && <p className="line-clamp-2 whitespace-pre-line break-words">{notes}</p>}
        {tags.length > 0 && (
          <ul aria-label="Tags" className="relative z-10 flex flex-wrap gap-1">
            {tags.map((name) => (
              <li key={name}>
                <button
                  type="button"
                  className="chip pr-2 text-small hover:underline"
                  title={`Show those with ${name}`}
                  onClick={() => acts.chooseTag(name)}
                >
                  {name}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="relative z-10 flex shrink-0 gap-1 self-start">
        <button
          type="button"
          className="control"
          aria-pressed={pinned}
          title={pinned ? 'Let it go with age again' : 'Keep it whatever its age'}
          onClick={() => acts.pin(snapshot)}
        >
          <ActWord sign={pinned ? '★' : '☆'} word={pinned ? 'Pinned' : 'Pin'} />
        </button>
        <button
          type="button"
          className="control"
          title="Title, notes, tags"
          onClick={() => acts.edit(snapshot)}
        >
          <ActWord sign="✎" word="Edit" />
        </button>
        <Link
          href={`${url}${SHARE_FRAGMENT}`}
          className="control"
          aria-label={`Share ${title}`}
          title="Share by a link"
        >
          <ActWord sign="↗" word="Share" />
        </Link>
        <button
          type="button"
          className="control"
          title="Delete it and its links"
          onClick={() => acts.remove(snapshot)}
        >
          <ActWord sign="×" word="Delete" />
        </button>
      </div>
    </li>
  );
}

function ConfirmDelete({
  snapshot,
  onDelete,
  onKeep,
}: {
  snapshot: Snapshot;
  onDelete: () => void;
  onKeep: () => void;
}): ReactElement {
  return (
    <div className="flex flex-col gap-3">
      <p>
        Delete <strong>“{snapshot.title}”</strong>, {formatBytes(snapshot.bytes)}? It cannot be had back
        {snapshot.shares > 0 && `, and ${plural(snapshot.shares, 'link')} to it will stop working`}.
      </p>
      <div className="flex gap-2">
        <button type="button" className="control border-bad font-semibold text-bad" onClick={onDelete}>
          Delete
        </button>
        <button type="button" className="control" onClick={onKeep}>
          Keep it
        </button>
      </div>
    </div>
  );
}

/** How full the hub is, and when snapshots go. */
function Room({ list }: { list: SnapshotList }): ReactElement {
  return (
    <p role="note" aria-label="Room" className="ml-auto text-dull">
      {list.snapshots.length < list.count && `${list.snapshots.length.toLocaleString('en-GB')} of `}
      {plural(list.count, 'snapshot')} · <strong>{formatBytes(list.totalBytes)}</strong> of{' '}
      {formatBytes(list.maxBytes)}
      <span title={`At most ${list.maxSnapshots.toLocaleString('en-GB')} of them; the oldest go first`}>
        {' '}
        · those not pinned go after {Math.round(list.maxAgeMs / DAY_MS)} days
      </span>
    </p>
  );
}

const REASONS: Readonly<Record<SnapshotList['evicted'][number]['reason'], string>> = {
  age: 'too old',
  size: 'no room',
  count: 'too many',
};

function Evicted({ list }: { list: SnapshotList }): ReactElement | null {
  if (list.evicted.length === 0) return null;
  return (
    <details className="text-dull">
      <summary>{plural(list.evicted.length, 'snapshot')} went to keep within these bounds</summary>
      <ul className="ml-4 list-disc">
        {list.evicted.map(({ id, title, bytes, evictedAtMs, reason }) => (
          <li key={id}>
            “{title}”, {formatBytes(bytes)}, on {toDate(evictedAtMs)} {toClock(evictedAtMs)}:{' '}
            {REASONS[reason]}
          </li>
        ))}
      </ul>
    </details>
  );
}

function NoSnapshots({ list }: { list: SnapshotList }): ReactElement {
  return (
    <section className="panel flex max-w-2xl flex-col gap-3 p-5" aria-label="No snapshots yet">
      <h2 className="font-semibold text-title">No snapshot is kept yet</h2>
      <p>
        On the page of a host, press{' '}
        <kbd className="rounded-chip border border-line bg-sunken px-1.5 font-mono text-small">s</kbd>, or{' '}
        <strong>Save snapshot</strong>: what is shown is kept in full, so that every view, filter and chain
        still works on it, without the agent. It gets an address of its own, and can be shared by links that
        end when you say so.
      </p>
      <p className="text-dull">
        There is room for {formatBytes(list.maxBytes)}; those that are not pinned go after{' '}
        {Math.round(list.maxAgeMs / DAY_MS)} days.
      </p>
      <Link href="/" className="control self-start">
        All hosts
      </Link>
    </section>
  );
}
