import type { ReactElement } from 'react';

/** What a button of an act says: its sign and its word; on a phone the word is for screen readers only. */
export function ActWord({ sign, word }: { sign: string; word: string }): ReactElement {
  return (
    <>
      <span aria-hidden="true" className="inline-block min-w-3 text-center">
        {sign}
      </span>
      <span className="max-sm:sr-only">{word}</span>
    </>
  );
}
