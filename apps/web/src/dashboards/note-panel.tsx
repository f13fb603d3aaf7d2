'use client';
/** Owns a note: plain text beside the panels, written in place. It is in the address, so it says how long it may be. */
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { MAX_NOTE_CHARS } from './dash-panel';

export interface NotePanelProps {
  text: string;
  isEdited: boolean;
  onEdit: () => void;
  /** null: as it was. */
  onDone: (text: string | null) => void;
}

export function NotePanel({ text, isEdited, onEdit, onDone }: NotePanelProps): ReactElement {
  if (isEdited) return <NoteEditor text={text} onDone={onDone} />;
  if (text === '') {
    return (
      <div className="flex h-full items-center justify-center p-2 text-dull">
        <button type="button" className="control" onClick={onEdit}>
          Write a note
        </button>
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a short cut; the panel's menu has Edit for the keyboard
    <div
      className="h-full overflow-y-auto whitespace-pre-wrap break-words p-3"
      title="Double-click to edit"
      onDoubleClick={onEdit}
    >
      {text}
    </div>
  );
}

function NoteEditor({ text, onDone }: Pick<NotePanelProps, 'text' | 'onDone'>): ReactElement {
  const [draft, setDraft] = useState(text);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(text.length, text.length);
    // Where it is opened from a menu, the menu gives the focus back to its button first.
    const timer = setTimeout(() => box.current?.focus(), 50);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <form
      className="flex h-full flex-col gap-1 p-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        onDone(draft);
      }}
    >
      <textarea
        ref={box}
        aria-label="Text of the note"
        maxLength={MAX_NOTE_CHARS}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onDone(null);
          else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onDone(draft);
        }}
        className="min-h-0 w-full flex-1 resize-none rounded-chip border border-line bg-surface p-1.5"
      />
      <div className="flex items-center gap-1.5">
        <button type="submit" className="control">
          Keep
        </button>
        <button type="button" className="control" onClick={() => onDone(null)}>
          Cancel
        </button>
        <span className="ml-auto pr-4 text-dull text-small">
          {draft.length} of {MAX_NOTE_CHARS}
        </span>
      </div>
    </form>
  );
}
