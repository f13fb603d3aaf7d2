'use client';
/** Owns saving from a page: the button, what it says meanwhile, and the dialog in which the kept snapshot gets its words. */
import { formatBytes } from '@stallscope/charts';
import type { Snapshot } from '@stallscope/protocol';
import Link from 'next/link';
import { type ReactElement, useRef, useState } from 'react';
import { ActWord } from '../controls/act-word';
import { Modal } from '../controls/modal';
import type { Kept } from './keep';
import { SnapshotForm } from './snapshot-form';
import { toSnapshotUrl } from './snapshot-view';

type State =
  | { step: 'idle' }
  | { step: 'keeping' }
  | { step: 'kept'; snapshot: Snapshot }
  | { step: 'failed'; message: string; hint: string };

export interface Keeping {
  state: State;
  /** Nothing happens while one is under way. Resolves to what was kept, if it was. */
  keep(): Promise<Snapshot | undefined>;
  /** As `keep`, without asking for words: what follows does. */
  keepQuietly(): Promise<Snapshot | undefined>;
  close(): void;
}

export function useKeeping(keepNow: () => Promise<Kept>): Keeping {
  const [state, setState] = useState<State>({ step: 'idle' });
  const isUnderWay = useRef(false);

  async function run(asksForWords: boolean): Promise<Snapshot | undefined> {
    if (isUnderWay.current) return undefined;
    isUnderWay.current = true;
    setState({ step: 'keeping' });
    const kept = await keepNow();
    isUnderWay.current = false;
    if (!kept.ok) {
      setState({ step: 'failed', message: kept.message, hint: kept.hint });
      return undefined;
    }
    setState(asksForWords ? { step: 'kept', snapshot: kept.snapshot } : { step: 'idle' });
    return kept.snapshot;
  }

  return {
    state,
    keep: () => run(true),
    keepQuietly: () => run(false),
    close: () => setState({ step: 'idle' }),
  };
}

export function KeepButton({ keeping, isDisabled }: { keeping: Keeping; isDisabled: boolean }): ReactElement {
  const { state } = keeping;
  return (
    <>
      <button
        type="button"
        className="control"
        disabled={isDisabled || state.step === 'keeping'}
        title="Keep what is shown, in full: every view and filter still works on it (s)"
        onClick={() => void keeping.keep()}
      >
        <ActWord sign="◉" word={state.step === 'keeping' ? 'Saving…' : 'Save snapshot'} />
      </button>
      <Modal title="Snapshot saved" isOpen={state.step === 'kept'} onClose={keeping.close}>
        {state.step === 'kept' && <SavedSnapshot snapshot={state.snapshot} onDone={keeping.close} />}
      </Modal>
      <Modal title="Not saved" isOpen={state.step === 'failed'} onClose={keeping.close}>
        {state.step === 'failed' && (
          <p role="alert">
            <span className="text-bad">{state.message}</span> {state.hint}
          </p>
        )}
      </Modal>
    </>
  );
}

function SavedSnapshot({ snapshot, onDone }: { snapshot: Snapshot; onDone: () => void }): ReactElement {
  return (
    <>
      <p className="mb-3 text-dull">
        {formatBytes(snapshot.bytes)} kept at the hub. It opens at{' '}
        <Link href={toSnapshotUrl(snapshot)} className="text-accent underline">
          its own address
        </Link>
        , without the agent. Say what it is, now or later:
      </p>
      <SnapshotForm
        snapshot={snapshot}
        onSaved={onDone}
        extra={
          <Link href={toSnapshotUrl(snapshot)} className="control">
            Open it
          </Link>
        }
      />
    </>
  );
}
