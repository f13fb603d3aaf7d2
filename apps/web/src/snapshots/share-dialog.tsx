'use client';
/**
 * Owns sharing a snapshot: what a link hides and for how long it works, what would remain, the link itself (shown once),
 * and the links there are, each with its end.
 */
import { formatBytes } from '@stallscope/charts';
import { isReduced, NO_REDUCTION, type Reduction, type Share, type Snapshot } from '@stallscope/protocol';
import { type FormEvent, type ReactElement, useEffect, useState } from 'react';
import { toRefusalWords } from '../controls/ask-hub';
import { copyText } from '../controls/copy-text';
import { Modal } from '../controls/modal';
import { useNow } from '../controls/use-now';
import type { Made, MakeRequest, ReducedKind, SharedWords } from '../make/make-messages';
import { plural, toAge, toClock, toDate, toUtc } from '../words/words';
import { createShare, listShares, revokeShare } from './snapshot-api';

const HOUR_MS = 3_600_000;

/** How long a link may work; a week is as long as most incidents are talked about. */
const EXPIRIES: readonly { name: string; ms: number | null }[] = [
  { name: '1 hour', ms: HOUR_MS },
  { name: '1 day', ms: 24 * HOUR_MS },
  { name: '7 days', ms: 7 * 24 * HOUR_MS },
  { name: '30 days', ms: 30 * 24 * HOUR_MS },
  { name: 'until it is revoked', ms: null },
];
const DEFAULT_EXPIRY = 2;

const REDUCTIONS: readonly { part: keyof Reduction; name: string; help: string }[] = [
  { part: 'hostNames', name: 'Host names', help: 'this host’s name wherever it stands' },
  {
    part: 'processNames',
    name: 'Process names',
    help: 'names of processes and threads, and of their programs',
  },
  { part: 'addresses', name: 'Addresses', help: 'IPv4, IPv6 and what looks like one' },
  { part: 'arguments', name: 'Arguments and paths', help: 'arguments in function names, paths of files' },
];

export interface ShareDialogProps {
  snapshot: Snapshot;
  isOpen: boolean;
  onClose: () => void;
  /** Of the worker that holds the snapshot. */
  make: (request: MakeRequest) => Promise<Made>;
}

export function ShareDialog({ snapshot, isOpen, onClose, make }: ShareDialogProps): ReactElement {
  return (
    <Modal title={`Share “${snapshot.title}”`} isOpen={isOpen} onClose={onClose} isWide>
      {isOpen && <Sharing snapshot={snapshot} make={make} />}
    </Modal>
  );
}

type Created = { step: 'idle' } | { step: 'sending' } | { step: 'made'; url: string; share: Share };

function Sharing({ snapshot, make }: Pick<ShareDialogProps, 'snapshot' | 'make'>): ReactElement {
  const [reduce, setReduce] = useState<Reduction>(NO_REDUCTION);
  const [shares, setShares] = useState<readonly Share[] | null>(null);
  const [created, setCreated] = useState<Created>({ step: 'idle' });
  const [fault, setFault] = useState('');

  useEffect(() => {
    listShares(snapshot.id).then(setShares, (error: unknown) => setFault(toRefusalWords(error)));
  }, [snapshot.id]);

  async function share(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setCreated({ step: 'sending' });
    setFault('');
    try {
      const { share: made, token } = await createShare(snapshot.id, {
        expiresInMs: EXPIRIES[Number(form.get('expiry'))]?.ms ?? null,
        reduce,
        note: String(form.get('note') ?? ''),
      });
      setCreated({ step: 'made', url: `${location.origin}/shared/#${token}`, share: made });
      setShares(await listShares(snapshot.id));
    } catch (error) {
      setCreated({ step: 'idle' });
      setFault(toRefusalWords(error));
    }
  }

  async function revoke(shareId: string): Promise<void> {
    setFault('');
    try {
      await revokeShare(shareId);
      if (created.step === 'made' && created.share.id === shareId) setCreated({ step: 'idle' });
    } catch (error) {
      setFault(toRefusalWords(error));
    }
    // Also where it failed: a link can have ended and not be on the disk.
    try {
      setShares(await listShares(snapshot.id));
    } catch (error) {
      setFault((before) => before || toRefusalWords(error));
    }
  }

  return (
    <div className="flex flex-col gap-4">
      <form className="flex flex-col gap-3" aria-label="New link" onSubmit={(event) => void share(event)}>
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 text-dull">
            Who has the link sees this snapshot, without an account. Hide first, each name behind a token:
          </legend>
          {REDUCTIONS.map(({ part, name, help }) => (
            <label key={part} className="flex items-baseline gap-2">
              <input
                type="checkbox"
                checked={reduce[part]}
                onChange={(event) => setReduce({ ...reduce, [part]: event.target.checked })}
              />
              <span>
                {name} <span className="text-dull text-small">{help}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Remains snapshot={snapshot} reduce={reduce} make={make} />
        <div className="flex flex-wrap items-end gap-3">
          <label className="flex flex-col gap-1">
            <span className="text-dull text-small">Works for</span>
            <select name="expiry" className="control" defaultValue={DEFAULT_EXPIRY}>
              {EXPIRIES.map(({ name }, index) => (
                <option key={name} value={index}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label className="flex min-w-full flex-1 flex-col gap-1 sm:min-w-40">
            <span className="text-dull text-small">For whom, shown in the list below only</span>
            <input name="note" className="control w-full" maxLength={200} autoComplete="off" />
          </label>
          <button
            type="submit"
            disabled={created.step === 'sending'}
            className="control border-accent bg-accent font-semibold text-on-accent"
          >
            {created.step === 'sending' ? 'Making the link…' : 'Make a link'}
          </button>
        </div>
      </form>
      {created.step === 'made' && <NewLink url={created.url} />}
      <p role="alert" className="text-bad empty:hidden">
        {fault}
      </p>
      <Links shares={shares} isAsked={fault === ''} onRevoke={(shareId) => void revoke(shareId)} />
    </div>
  );
}

function NewLink({ url }: { url: string }): ReactElement {
  const [isCopied, setCopied] = useState(false);
  return (
    <div role="note" aria-label="New link" className="rounded-panel bg-accent-soft p-3">
      <p className="mb-2">This link is shown only now: the hub keeps no copy of its secret part.</p>
      <div className="flex flex-wrap gap-2">
        <input
          readOnly
          aria-label="Link"
          value={url}
          className="control min-w-0 flex-1 font-mono text-small"
          onFocus={(event) => event.currentTarget.select()}
        />
        <button
          type="button"
          className="control font-semibold"
          onClick={() => void copyText(url).then(setCopied)}
        >
          {isCopied ? 'Copied' : 'Copy'}
        </button>
      </div>
    </div>
  );
}

function Remains({
  snapshot,
  reduce,
  make,
}: Pick<ShareDialogProps, 'snapshot' | 'make'> & { reduce: Reduction }): ReactElement {
  const [shown, setShown] = useState<{ kinds: readonly ReducedKind[] } | { fault: string } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void make({ kind: 'reduction', reduce, about: toSharedWords(snapshot) }).then((made) => {
      if (!isWanted) return;
      setShown(made.kind === 'reduction' ? made : { fault: made.kind === 'failed' ? made.message : '' });
    });
    return () => {
      isWanted = false;
    };
  }, [snapshot, reduce, make]);
  return (
    <section aria-label="What remains" className="rounded-panel border border-line">
      <h3 className="border-line border-b px-3 py-1 text-dull text-small">
        {isReduced(reduce)
          ? 'What a reader of the link sees; the tokens of the link itself will be others'
          : 'What a reader of the link sees: everything, as it is'}
      </h3>
      <div className="flex max-h-44 flex-col gap-1.5 overflow-y-auto px-3 py-2">
        {shown === null && <p className="text-dull">Reading what is in it…</p>}
        {shown !== null && 'fault' in shown && <p className="text-bad">{shown.fault}</p>}
        {shown !== null &&
          'kinds' in shown &&
          shown.kinds.map((kind) => <RemainingKind key={kind.name} kind={kind} />)}
      </div>
    </section>
  );
}

function toSharedWords({ hostName, hostId, title, notes, author }: Snapshot): SharedWords {
  return { hostName, hostId, title, notes, author };
}

/** Kinds that are sentences of people: a part of them is hidden at most. */
const WRITTEN: ReadonlySet<string> = new Set(['title', 'note', 'author']);

function RemainingKind({ kind }: { kind: ReducedKind }): ReactElement {
  const more = kind.total - kind.examples.length;
  return (
    <div>
      <p className="text-dull text-small">
        {plural(kind.total, kind.name)}
        {kind.changed > 0 &&
          (WRITTEN.has(kind.name)
            ? ', names in it hidden'
            : `, ${kind.changed === kind.total ? 'all' : kind.changed.toLocaleString('en-GB')} hidden`)}
      </p>
      <p className="break-words font-mono text-small">
        {kind.examples.map(({ before, after }, index) => (
          <span key={before}>
            {index > 0 && <span className="text-dull">, </span>}
            {before === after ? (
              before
            ) : (
              <>
                <s className="text-dull">{before}</s> <span className="font-semibold">{after}</span>
              </>
            )}
          </span>
        ))}
        {more > 0 && <span className="text-dull"> and {more.toLocaleString('en-GB')} more</span>}
      </p>
    </div>
  );
}

function Links({
  shares,
  isAsked,
  onRevoke,
}: {
  shares: readonly Share[] | null;
  /** The hub has not refused to tell them. */
  isAsked: boolean;
  onRevoke: (shareId: string) => void;
}): ReactElement {
  const nowMs = useNow();
  if (shares === null) return <p className="text-dull">{isAsked && 'Asking for its links…'}</p>;
  if (shares.length === 0) return <p className="text-dull">No link to this snapshot was made yet.</p>;
  return (
    <ul aria-label="Links" className="flex flex-col">
      {shares.map((share) => {
        const end = nowMs === null ? 'works' : endOf(share, nowMs);
        const hidden = REDUCTIONS.filter(({ part }) => share.reduce[part]).map(({ name }) =>
          name.toLowerCase(),
        );
        return (
          <li
            key={share.id}
            className={`flex flex-wrap items-center gap-x-3 border-line border-t py-1 ${end === 'works' ? '' : 'text-dull'}`}
          >
            <strong className="w-full truncate font-semibold" title={share.note}>
              {share.note || 'nobody named'}
            </strong>
            <span title={toUtc(share.createdAtMs)}>
              made {toDate(share.createdAtMs)} {toClock(share.createdAtMs)}
            </span>
            <span>
              hides {hidden.join(', ') || 'nothing'}
              {share.bytes > 0 && <span className="text-dull"> ({formatBytes(share.bytes)} copy)</span>}
            </span>
            <span>
              {end !== 'works'
                ? end
                : share.expiresAtMs === null
                  ? 'works until revoked'
                  : `works ${toAge(share.expiresAtMs - (nowMs ?? share.createdAtMs))} more`}
            </span>
            {end === 'works' && (
              <button
                type="button"
                className="control ml-auto h-6 text-bad"
                onClick={() => onRevoke(share.id)}
              >
                Revoke
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function endOf({ revokedAtMs, expiresAtMs }: Share, nowMs: number): 'works' | 'revoked' | 'expired' {
  if (revokedAtMs !== null) return 'revoked';
  return expiresAtMs !== null && expiresAtMs <= nowMs ? 'expired' : 'works';
}
