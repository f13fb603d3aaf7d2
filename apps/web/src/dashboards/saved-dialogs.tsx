'use client';
/** Owns the dialogs about dashboards on the hub: a name for one, a question before one goes, and what to do when two change the same. */
import { type Dashboard, MAX_SNAPSHOT_TITLE_CHARS } from '@stallscope/protocol';
import { type FormEvent, type ReactElement, useState } from 'react';
import { toRefusalWords } from '../controls/ask-hub';
import { Modal } from '../controls/modal';
import { readAuthor, rememberAuthor } from '../snapshots/author';
import { toLine } from '../snapshots/keep';
import { toClock, toDate } from '../words/words';

export interface NameDialogProps {
  title: string;
  isOpen: boolean;
  /** What stands in the field at first. */
  name: string;
  /** What the button says. */
  act: string;
  onClose: () => void;
  /** Rejects with what the hub says, which is shown. */
  onName: (name: string, author: string) => Promise<void>;
}

export function NameDialog(props: NameDialogProps): ReactElement {
  return (
    <Modal title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <NameForm {...props} />
    </Modal>
  );
}

function NameForm({ name, act, onName }: NameDialogProps): ReactElement {
  const [state, setState] = useState<{ step: 'idle' | 'sending' } | { step: 'refused'; why: string }>({
    step: 'idle',
  });

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (field: string): string => toLine(String(form.get(field) ?? '')).trim();
    const author = text('author');
    rememberAuthor(author);
    setState({ step: 'sending' });
    try {
      await onName(text('name'), author);
    } catch (error) {
      setState({ step: 'refused', why: toRefusalWords(error) });
    }
  }

  return (
    <form className="flex flex-col gap-3" aria-label="Dashboard" onSubmit={(event) => void send(event)}>
      <label className="flex flex-col gap-1">
        <span className="text-dull text-small">Name</span>
        <input
          name="name"
          data-first
          required
          pattern=".*\S.*"
          maxLength={MAX_SNAPSHOT_TITLE_CHARS}
          defaultValue={name}
          autoComplete="off"
          className="control w-full font-semibold"
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <label className="flex flex-col gap-1">
        <span className="text-dull text-small">Your name</span>
        <input
          name="author"
          maxLength={MAX_SNAPSHOT_TITLE_CHARS}
          defaultValue={readAuthor()}
          placeholder="remembered in this browser"
          className="control w-full"
        />
      </label>
      <p role="alert" className="text-bad empty:hidden">
        {state.step === 'refused' ? state.why : ''}
      </p>
      <button
        type="submit"
        disabled={state.step === 'sending'}
        className="control self-start border-accent bg-accent font-semibold text-on-accent"
      >
        {state.step === 'sending' ? 'Saving…' : act}
      </button>
    </form>
  );
}

export function DeleteDialog({
  dashboard,
  onClose,
  onDelete,
}: {
  /** null: it is closed. */
  dashboard: Dashboard | null;
  onClose: () => void;
  onDelete: (dashboard: Dashboard) => Promise<void>;
}): ReactElement {
  const [fault, setFault] = useState('');
  return (
    <Modal title="Delete dashboard" isOpen={dashboard !== null} onClose={onClose}>
      {dashboard !== null && (
        <>
          <p className="mb-3">
            “{dashboard.name}” goes from this hub for everybody, and links to it show nothing then. This
            cannot be undone.
          </p>
          <p role="alert" className="mb-3 text-bad empty:hidden">
            {fault}
          </p>
          <div className="flex gap-2">
            <button
              type="button"
              className="control border-bad font-semibold text-bad"
              onClick={() => {
                setFault('');
                onDelete(dashboard).catch((error: unknown) => setFault(toRefusalWords(error)));
              }}
            >
              Delete
            </button>
            <button type="button" data-first className="control" onClick={onClose}>
              Keep it
            </button>
          </div>
        </>
      )}
    </Modal>
  );
}

export function ConflictDialog({
  theirs,
  onClose,
  onShow,
  onOverwrite,
  onSaveAs,
}: {
  /** What somebody else has kept; null: there is no conflict. */
  theirs: Dashboard | null;
  onClose: () => void;
  onShow: () => void;
  onOverwrite: (theirs: Dashboard) => void;
  onSaveAs: () => void;
}): ReactElement {
  return (
    <Modal title="Somebody else has kept this dashboard" isOpen={theirs !== null} onClose={onClose}>
      {theirs !== null && (
        <>
          <p className="mb-3">
            {theirs.author === '' ? 'Somebody' : theirs.author} kept “{theirs.name}” on{' '}
            {toDate(theirs.changedAtMs)} at {toClock(theirs.changedAtMs)}, after the version that your changes
            are of. Nothing of yours is kept yet.
          </p>
          <div className="flex flex-wrap gap-2">
            <button type="button" data-first className="control font-semibold" onClick={onShow}>
              Show theirs
            </button>
            <button type="button" className="control" onClick={onSaveAs}>
              Keep mine under another name…
            </button>
            <button type="button" className="control text-bad" onClick={() => onOverwrite(theirs)}>
              Keep mine in its place
            </button>
          </div>
          <p className="mt-2 text-dull text-small">
            “Show theirs” can be taken back with the browser’s Back.
          </p>
        </>
      )}
    </Modal>
  );
}
