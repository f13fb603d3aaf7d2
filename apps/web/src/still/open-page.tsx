'use client';
/**
 * Owns opening a file: dropped, chosen, or handed over by `stallscope open` under a key in the fragment. The file is read
 * in this tab and goes nowhere, unless the reader keeps it as a snapshot.
 */
import { formatBytes } from '@stallscope/charts';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { ActWord } from '../controls/act-word';
import { giveFiles, onFiles, takeFiles } from '../controls/opened-file';
import { SAME_BASE } from '../difference/base';
import { useSelection } from '../selection/use-selection';
import { comparedWidth, ExportMenu, hasDifference } from '../snapshots/export-menu';
import { keepFile } from '../snapshots/keep';
import { KeepButton, useKeeping } from '../snapshots/keep-button';
import { toSnapshotView } from '../snapshots/snapshot-view';
import { fetchOpened } from './fetch-opened';
import { OtherFiles } from './other-files';
import { useSampleChoice } from './sample-choice';
import { StillNotice } from './still-notice';
import { StillPage } from './still-page';
import { StillWords } from './still-words';
import { toDraft } from './to-draft';
import { useStill } from './use-still';

type Source =
  | { from: 'none' }
  | { from: 'file'; file: Blob; name: string }
  /** Of `stallscope open`, under way. */
  | { from: 'command'; bytes: number }
  | { from: 'refused'; message: string };

export function OpenPage(): ReactElement {
  const [source, setSource] = useState<Source>({ from: 'none' });
  const [selection, acts] = useSelection();
  const [, choose] = useSampleChoice();
  const { store, still, view } = useStill();
  /** All that were given together, of which one is open. */
  const [files, setFiles] = useState<readonly File[]>([]);
  const hasOpened = useRef(false);
  const picker = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const take = (): void => {
      const taken = takeFiles();
      if (taken[0] === undefined) return;
      setFiles(taken);
      show(taken[0]);
    };
    take();
    return onFiles(take);
  });
  useEffect(() => {
    let isWanted = true;
    const key = location.hash.slice(1);
    if (key === '') return;
    setSource({ from: 'command', bytes: 0 });
    fetchOpened(key, (bytes) => isWanted && setSource({ from: 'command', bytes })).then(
      ({ file, name }) => isWanted && setSource({ from: 'file', file, name }),
      (error: unknown) =>
        isWanted &&
        setSource({ from: 'refused', message: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      isWanted = false;
    };
  }, []);
  useEffect(() => {
    if (source.from !== 'file') return;
    hasOpened.current = true;
    store.open(source.file, source.name);
  }, [source, store]);

  const facts = still.state === 'open' ? still.facts : null;
  const keeping = useKeeping(async () => {
    if (source.from !== 'file' || facts === null) return { ok: false, message: 'No file is open.', hint: '' };
    return keepFile(source.file, toDraft(facts, source.name));
  });
  const title = source.from === 'file' ? source.name : 'Open a file';

  return (
    <StillPage
      store={store}
      still={still}
      view={view}
      selection={selection}
      acts={acts}
      section="open"
      title={title}
      from={null}
      badge="file"
      ways={{ shown: null, hasHub: true }}
      notice={
        <>
          <OtherFiles
            files={files}
            open={source.from === 'file' ? source.file : null}
            onOpen={show}
            onCompare={
              view === null
                ? null
                : (file) => {
                    store.giveBaseFile(file.name, file);
                    acts.go({
                      show: 'diff',
                      base: { ...SAME_BASE, source: { kind: 'file', name: file.name } },
                    });
                  }
            }
          />
          {facts && <StillNotice facts={facts} />}
        </>
      }
      actions={
        <>
          <button type="button" className="control" onClick={() => picker.current?.click()}>
            <ActWord sign="+" word="Another file…" />
          </button>
          <KeepButton keeping={keeping} isDisabled={view === null} />
          <ExportMenu
            make={store.make}
            note={() => ({
              title,
              notes: '',
              tags: [],
              author: '',
              createdAtMs: Date.now(),
              view: toSnapshotView(location.search),
            })}
            nameParts={[title.replace(/\.\w+$/, ''), facts?.kind === 'windows' ? selection.view : '']}
            difference={comparedWidth(selection, hasDifference(view))}
            isDisabled={view === null}
          />
          {fileInput()}
        </>
      }
      instead={
        <StillWords still={still}>
          {source.from === 'command' && <p>Taking the file from the command, {formatBytes(source.bytes)}…</p>}
          {source.from === 'refused' && <p className="text-bad">{source.message}</p>}
          {still.state !== 'reading' && source.from !== 'command' && (
            <>
              <h2 className="font-semibold text-title">Open a profile</h2>
              <p>
                Drop a file anywhere on this page, or{' '}
                <button
                  type="button"
                  className="control border-accent bg-accent font-semibold text-on-accent"
                  onClick={() => picker.current?.click()}
                >
                  Choose a file
                </button>
              </p>
              <p className="text-dull">
                Stallscope’s own files and snapshots, folded stacks, pprof, perf script, speedscope, Firefox
                Profiler, Chrome cpuprofile and trace, OTLP profiles; each also compressed by gzip. The kind
                is told by what is in it. The file is read in this tab and is not sent anywhere.
              </p>
              {fileInput()}
            </>
          )}
        </StillWords>
      }
      onSave={() => void keeping.keep()}
    />
  );

  /** What was chosen in the file before means nothing in this one. */
  function show(file: File): void {
    if (hasOpened.current) {
      acts.amend({ p: null, t: null, from: null, to: null, zoom: null, sel: null, fn: null, base: null });
      choose({ profile: 0, value: null });
    }
    setSource({ from: 'file', file, name: file.name });
  }

  function fileInput(): ReactElement {
    return (
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="File"
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])];
          // The same file may be chosen again, once it was mended.
          event.currentTarget.value = '';
          if (chosen.length > 0) giveFiles(chosen);
        }}
      />
    );
  }
}
