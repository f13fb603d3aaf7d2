'use client';
/**
 * Owns the page of a share link. The secret is in the fragment, which is never sent in an address; it goes in a header of
 * the requests alone. Nothing here needs an account, and nothing leads to what the link does not show.
 */
import { formatBytes } from '@stallscope/charts';
import { isReduced, type SharedSnapshot } from '@stallscope/protocol';
import { type ReactElement, useEffect, useState } from 'react';
import { useNow } from '../controls/use-now';
import { useSelection } from '../selection/use-selection';
import { StillPage } from '../still/still-page';
import { StillWords } from '../still/still-words';
import { useStill } from '../still/use-still';
import { toAge, toUtc } from '../words/words';
import { ExportMenu } from './export-menu';
import { findShared, SHARED_DATA_PATH } from './snapshot-api';
import { SnapshotNotice } from './snapshot-notice';
import { toSnapshotView } from './snapshot-view';
import { useKeptView } from './use-kept-view';
import { useSnapshotFile } from './use-snapshot-file';

export function SharedPage(): ReactElement {
  const token = useFragment();
  const [selection, acts] = useSelection();
  const { store, still, view } = useStill();
  const { loading, again } = useSnapshotFile(token || null, findShared, () => SHARED_DATA_PATH, token);
  const facts = loading.step === 'refused' ? null : loading.facts;

  useKeptView(facts?.view, acts);
  const file = loading.step === 'loaded' ? loading.file : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: opened once
  useEffect(() => {
    if (file !== null) store.open(file, facts?.title ?? 'Shared snapshot');
  }, [file, store]);

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
            isDisabled={view === null}
          />
        )
      }
      instead={
        <StillWords still={still}>
          {token === '' && <p>The address has no link in it: it should end with # and a long key.</p>}
          {token !== '' && loading.step === 'refused' && (
            <>
              <p className="text-bad">{loading.message}</p>
              {loading.status !== 410 && (
                <button type="button" className="control self-start" onClick={again}>
                  Try again
                </button>
              )}
            </>
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
        <span title={toUtc(expiresAtMs)}> The link works for {toAge(expiresAtMs - nowMs)} more.</span>
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
