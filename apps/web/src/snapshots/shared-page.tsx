'use client';
/**
 * Owns the page of a share link. The secret is in the fragment, which is never sent in an address; it goes in a header of
 * the requests alone. Nothing here needs an account, and nothing leads to what the link does not show.
 */
import { formatBytes } from '@stallscope/charts';
import { isReduced, type SharedSnapshot } from '@stallscope/protocol';
import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { useNow } from '../controls/use-now';
import { useSelection } from '../selection/use-selection';
import { StillPage } from '../still/still-page';
import { StillWords } from '../still/still-words';
import { useStill } from '../still/use-still';
import { toAge, toUtc } from '../words/words';
import { comparedWidth, ExportMenu, hasDifference } from './export-menu';
import { isLinkEnd } from './link-watch';
import { findShared, SHARED_DATA_PATH } from './snapshot-api';
import { SnapshotNotice } from './snapshot-notice';
import { toSnapshotView } from './snapshot-view';
import { useKeptView } from './use-kept-view';
import { useLinkWatch } from './use-link-watch';
import { useSnapshotFile } from './use-snapshot-file';

export function SharedPage(): ReactElement {
  const token = useFragment();
  const [selection, acts] = useSelection();
  const { store, still, view } = useStill();
  const { loading, again, refuse } = useSnapshotFile(
    token || null,
    findShared,
    () => SHARED_DATA_PATH,
    token,
  );
  const facts = loading.step === 'refused' ? null : loading.facts;

  useKeptView(facts?.view, acts);
  const file = loading.step === 'loaded' ? loading.file : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once
  useEffect(() => {
    if (file !== null) store.open(file, facts?.title ?? 'Shared snapshot');
  }, [file, store]);
  const end = useCallback((status: number) => refuse(status, ''), [refuse]);
  useLinkWatch(facts === null ? null : token, facts?.expiresAtMs ?? null, end);
  const isShown = loading.step !== 'refused';
  useEffect(() => {
    if (!isShown) store.close();
  }, [isShown, store]);

  return (
    <StillPage
      store={store}
      still={still}
      view={view}
      selection={selection}
      acts={acts}
      section="hidden"
      title={facts?.title ?? 'Shared snapshot'}
      from={null}
      badge="shared"
      notice={
        facts && (
          <SnapshotNotice label="Shared snapshot" snapshot={facts}>
            <Terms shared={facts} />
          </SnapshotNotice>
        )
      }
      actions={
        facts && (
          <ExportMenu
            make={store.make}
            note={() => ({
              title: facts.title,
              notes: facts.notes,
              tags: facts.tags,
              author: facts.author,
              createdAtMs: facts.createdAtMs,
              view: toSnapshotView(location.search),
            })}
            nameParts={[facts.hostName, selection.view]}
            difference={comparedWidth(selection, hasDifference(view))}
            isDisabled={view === null}
          />
        )
      }
      instead={
        <StillWords still={still}>
          {token === '' && <p>The address has no link in it: it should end with # and a long key.</p>}
          {token !== '' && loading.step === 'refused' && (
            <Refusal status={loading.status} message={loading.message} onAgain={again} />
          )}
          {token !== '' && loading.step === 'loading' && (
            <p>
              Loading what was shared
              {facts !== null && `, ${formatBytes(loading.bytes)} of ${formatBytes(facts.bytes)}`}…
            </p>
          )}
        </StillWords>
      }
    />
  );
}

function Refusal({
  status,
  message,
  onAgain,
}: {
  status: number;
  message: string;
  onAgain: () => void;
}): ReactElement {
  if (!isLinkEnd(status)) {
    return (
      <>
        <p className="text-bad">{message}</p>
        <button type="button" className="control self-start" onClick={onAgain}>
          Try again
        </button>
      </>
    );
  }
  return status === 410 ? (
    <>
      <h2 className="font-semibold text-lead">This link has ended</h2>
      <p>
        It has expired or was revoked, so what it showed is not shown any more. Who sent it to you can make
        another.
      </p>
    </>
  ) : (
    <>
      <h2 className="font-semibold text-lead">There is no such link</h2>
      <p>
        Check that the address is whole: what follows its # is a long key, of which a part may have been cut
        off. A link that ended long ago is forgotten, too. Who sent it to you can make another.
      </p>
    </>
  );
}

function Terms({ shared }: { shared: SharedSnapshot }): ReactElement {
  const nowMs = useNow();
  const { reduce, expiresAtMs } = shared;
  const hidden = [
    reduce.hostNames && 'host names',
    reduce.processNames && 'process names',
    reduce.addresses && 'addresses',
    reduce.arguments && 'arguments and paths',
  ].filter((part) => part !== false);
  return (
    <>
      {isReduced(reduce) && <> Hidden behind tokens: {hidden.join(', ')}.</>}
      {expiresAtMs !== null && nowMs !== null && (
        <span title={toUtc(expiresAtMs)}>
          {' '}
          {expiresAtMs > nowMs ? (
            <>The link works for {toAge(expiresAtMs - nowMs)} more; this page closes with it.</>
          ) : (
            <>The link has expired.</>
          )}
        </span>
      )}
    </>
  );
}

/** What the address ends with, without its `#`; another one pasted over it is heard. */
function useFragment(): string {
  const [fragment, setFragment] = useState('');
  useEffect(() => {
    const read = (): void => setFragment(location.hash.slice(1));
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }, []);
  return fragment;
}
