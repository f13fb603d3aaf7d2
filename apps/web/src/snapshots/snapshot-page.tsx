'use client';
/** Owns the page of one snapshot: opened from the hub, without the agent it came from. */
import { formatBytes } from '@stallscope/charts';
import type { Snapshot } from '@stallscope/protocol';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { type ReactElement, useEffect, useState } from 'react';
import { ActWord } from '../controls/act-word';
import { Modal } from '../controls/modal';
import { TokenForm } from '../controls/token-form';
import { useSelection } from '../selection/use-selection';
import { StillPage } from '../still/still-page';
import { StillWords } from '../still/still-words';
import { useStill } from '../still/use-still';
import { comparedWidth, ExportMenu, hasDifference } from './export-menu';
import { ShareDialog } from './share-dialog';
import { dataPathOf, findSnapshot } from './snapshot-api';
import { SnapshotForm } from './snapshot-form';
import { SnapshotNotice } from './snapshot-notice';
import { SHARE_FRAGMENT, toSnapshotView } from './snapshot-view';
import { useKeptView } from './use-kept-view';
import { useSnapshotFile } from './use-snapshot-file';

type Dialog = 'none' | 'edit' | 'share';

export function SnapshotPage(): ReactElement {
  const [id] = useQueryState('id', parseAsString);
  const [selection, acts] = useSelection();
  const { store, still, view } = useStill();
  const { loading, again, setFacts } = useSnapshotFile(id, findSnapshot, dataPathOf, null);
  const [dialog, setDialog] = useState<Dialog>('none');
  const facts = loading.step === 'refused' ? null : loading.facts;

  useKeptView(facts?.view, acts);
  const file = loading.step === 'loaded' ? loading.file : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a mended title does not open it again
  useEffect(() => {
    if (file !== null) store.open(file, facts?.title ?? 'Snapshot');
  }, [file, store]);
  const isOpen = still.state === 'open';
  useEffect(() => {
    if (isOpen && location.hash === SHARE_FRAGMENT) setDialog('share');
  }, [isOpen]);

  const make = store.make;
  return (
    <>
      <StillPage
        store={store}
        still={still}
        view={view}
        selection={selection}
        acts={acts}
        section={null}
        title={facts?.title ?? 'Snapshot'}
        from={{ name: 'Snapshots', href: '/snapshots/' }}
        badge="snapshot"
        ways={{ shown: id === null ? null : { kind: 'snapshot', id }, hasHub: true }}
        notice={facts && <SnapshotNotice label="Snapshot" snapshot={facts} />}
        actions={
          facts && (
            <>
              <button type="button" className="control" onClick={() => setDialog('edit')}>
                <ActWord sign="✎" word="Edit" />
              </button>
              <button type="button" className="control" onClick={() => setDialog('share')}>
                <ActWord sign="↗" word="Share" />
              </button>
              <ExportMenu
                make={make}
                note={() => toNote(facts)}
                nameParts={[facts.hostName, selection.view]}
                difference={comparedWidth(selection, hasDifference(view))}
                isDisabled={view === null}
              />
            </>
          )
        }
        instead={instead()}
        onSave={() => setDialog('edit')}
      />
      {facts && (
        <>
          <Modal title="Edit snapshot" isOpen={dialog === 'edit'} onClose={() => setDialog('none')}>
            <SnapshotForm
              snapshot={facts}
              onSaved={(mended) => {
                setFacts(mended);
                setDialog('none');
              }}
            />
          </Modal>
          <ShareDialog
            snapshot={facts}
            isOpen={dialog === 'share'}
            onClose={() => setDialog('none')}
            make={make}
          />
        </>
      )}
    </>
  );

  function instead(): ReactElement {
    if (id === null) {
      return (
        <StillWords still={still}>
          <p>The address names no snapshot.</p>
          <AllSnapshots />
        </StillWords>
      );
    }
    if (loading.step === 'refused') {
      if (loading.status === 401) return <TokenForm onDone={again} />;
      return (
        <StillWords still={still}>
          <p className="text-bad">{loading.message}</p>
          <div className="flex gap-2">
            {loading.status !== 404 && (
              <button type="button" className="control" onClick={again}>
                Try again
              </button>
            )}
            <AllSnapshots />
          </div>
        </StillWords>
      );
    }
    return (
      <StillWords still={still}>
        {loading.step === 'loading' && (
          <p>
            Loading the snapshot
            {facts !== null && `, ${formatBytes(loading.bytes)} of ${formatBytes(facts.bytes)}`}…
          </p>
        )}
      </StillWords>
    );
  }

  function toNote(snapshot: Snapshot) {
    const { title, notes, tags, author, createdAtMs } = snapshot;
    return { title, notes, tags, author, createdAtMs, view: toSnapshotView(location.search) };
  }
}

function AllSnapshots(): ReactElement {
  return (
    <Link href="/snapshots/" className="control self-start">
      All snapshots
    </Link>
  );
}
