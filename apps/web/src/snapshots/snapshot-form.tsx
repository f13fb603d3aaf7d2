'use client';
/** Owns the words of a snapshot that a reader may mend: title, notes, tags, whose it is. */
import {
  MAX_SNAPSHOT_NOTES_CHARS,
  MAX_SNAPSHOT_TAG_CHARS,
  MAX_SNAPSHOT_TAGS,
  MAX_SNAPSHOT_TITLE_CHARS,
  type Snapshot,
} from '@stallscope/protocol';
import { type FormEvent, type ReactElement, type ReactNode, useState } from 'react';
import { toRefusalWords } from '../controls/ask-hub';
import { readAuthor, rememberAuthor } from './author';
import { toLine, toTitle } from './keep';
import { changeSnapshot } from './snapshot-api';

export function SnapshotForm({
  snapshot,
  onSaved,
  extra,
}: {
  snapshot: Snapshot;
  onSaved: (snapshot: Snapshot) => void;
  /** Beside the button. */
  extra?: ReactNode;
}): ReactElement {
  const [state, setState] = useState<{ step: 'idle' | 'sending' } | { step: 'refused'; why: string }>({
    step: 'idle',
  });

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? '');
    setState({ step: 'sending' });
    try {
      const author = toLine(text('author')).trim();
      rememberAuthor(author);
      onSaved(
        await changeSnapshot(snapshot.id, {
          title: toTitle(text('title')),
          notes: text('notes').replaceAll('\r\n', '\n'),
          tags: toTags(text('tags')),
          author,
        }),
      );
      setState({ step: 'idle' });
    } catch (error) {
      setState({ step: 'refused', why: toRefusalWords(error) });
    }
  }

  return (
    <form className="flex flex-col gap-3" aria-label="Snapshot" onSubmit={(event) => void send(event)}>
      <Field name="Title">
        <input
          name="title"
          data-first
          required
          maxLength={MAX_SNAPSHOT_TITLE_CHARS}
          defaultValue={snapshot.title}
          className="control w-full font-semibold"
          autoComplete="off"
          onFocus={(event) => event.currentTarget.select()}
        />
      </Field>
      <Field name="Notes">
        <textarea
          name="notes"
          rows={4}
          maxLength={MAX_SNAPSHOT_NOTES_CHARS}
          defaultValue={snapshot.notes}
          placeholder="What was seen, what was tried"
          className="control h-auto w-full whitespace-pre-wrap py-1"
        />
      </Field>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 sm:grid-cols-2">
        <Field name="Tags">
          <input
            name="tags"
            defaultValue={snapshot.tags.join(', ')}
            maxLength={MAX_SNAPSHOT_TAGS * (MAX_SNAPSHOT_TAG_CHARS + 2)}
            placeholder="incident-12, postgres"
            className="control w-full"
            autoComplete="off"
          />
        </Field>
        <Field name="Your name">
          <input
            name="author"
            defaultValue={snapshot.author || readAuthor()}
            maxLength={MAX_SNAPSHOT_TITLE_CHARS}
            placeholder="remembered in this browser"
            className="control w-full"
          />
        </Field>
      </div>
      <p role="alert" className="text-bad empty:hidden">
        {state.step === 'refused' ? state.why : ''}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <button
          type="submit"
          disabled={state.step === 'sending'}
          className="control border-accent bg-accent font-semibold text-on-accent"
        >
          {state.step === 'sending' ? 'Saving…' : 'Save'}
        </button>
        {extra}
      </div>
    </form>
  );
}

/** Separated by commas; those that are too long are cut, those that repeat are one. */
export function toTags(text: string): string[] {
  const tags = toLine(text)
    .split(',')
    .map((tag) => [...tag.trim()].slice(0, MAX_SNAPSHOT_TAG_CHARS).join('').trim())
    .filter((tag) => tag !== '');
  return [...new Set(tags)].slice(0, MAX_SNAPSHOT_TAGS);
}

function Field({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="flex flex-col gap-1">
      <span className="text-dull text-small">{name}</span>
      {children}
    </label>
  );
}
