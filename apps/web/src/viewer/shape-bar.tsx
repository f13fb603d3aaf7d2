'use client';
/** Owns the bar above the graph: what the panel shows, and how paths are reshaped before they are drawn. */
import { type FlameShape, MERGES } from '@stallscope/profile';
import { memo, type ReactElement, type ReactNode } from 'react';
import { MAX_SEARCH_CHARS, readSearch, type Selection, SHOWS } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { FLOW_WORDS, MERGE_WORDS, SHOW_WORDS } from '../words/shape-words';

export interface ShapeBarProps {
  selection: Selection;
  acts: SelectionActs;
  /** The control of idle waits. */
  noise: ReactNode;
  /** The control of who is shown, and by whom it is grouped. */
  who: ReactNode;
}

export function ShapeBar({ selection, acts, noise, who }: ShapeBarProps): ReactElement {
  return (
    <div className="row-of-controls gap-x-1 px-2 py-1.5 sm:px-3 xl:gap-x-2">
      <ShapeControls selection={selection} acts={acts} />
      {who}
      <span className="sm:ml-auto">{noise}</span>
    </div>
  );
}

/** Of the selection alone, which changes less often than how much is idle. */
const ShapeControls = memo(function ShapeControls({
  selection,
  acts,
}: Omit<ShapeBarProps, 'noise' | 'who'>): ReactElement {
  const hide = readSearch(selection.hide);
  return (
    <>
      <fieldset aria-label="Show" className="flex">
        {SHOWS.map((show) => (
          <button
            key={show}
            type="button"
            aria-pressed={selection.show === show}
            title={`${SHOW_WORDS[show].help} (${SHOW_WORDS[show].key})`}
            className="control -ml-px h-6 rounded-none sm:max-xl:px-1.5 first:ml-0 first:rounded-l-chip last:rounded-r-chip aria-pressed:z-10 aria-pressed:font-semibold"
            onClick={() => toShow(selection, acts, show)}
          >
            {SHOW_WORDS[show].name}
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        className="control h-6 sm:max-xl:px-1.5"
        aria-pressed={selection.flow === 'bottom-up'}
        disabled={selection.show === 'sandwich'}
        title={`${FLOW_WORDS['bottom-up'].help} (i)`}
        onClick={() => toggleFlow(selection, acts)}
      >
        {FLOW_WORDS['bottom-up'].name}
      </button>
      <select
        aria-label="Merge"
        className="control h-6 sm:max-xl:w-27 sm:max-xl:px-1"
        title={MERGE_WORDS[selection.merge].help}
        value={selection.merge}
        onChange={(event) => toMerge(acts, event.target.value as FlameShape['mergeBy'])}
      >
        {MERGES.map((merge) => (
          <option key={merge} value={merge}>
            {MERGE_WORDS[merge].name}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="control h-6 sm:max-xl:px-1.5"
        aria-pressed={selection.rec}
        title="Draw a function that calls itself, or calls round in a circle, once (r)"
        onClick={() => acts.reshape({ rec: !selection.rec })}
      >
        fold recursion
      </button>
      <button
        type="button"
        className="control h-6 sm:max-xl:px-1.5"
        aria-pressed={selection.names === 'short'}
        title="Leave out arguments, templates and generics of names; the tooltip, copies and files have them whole (a)"
        onClick={() => toggleNames(selection, acts)}
      >
        short names
      </button>
      <button
        type="button"
        className="control h-6 sm:max-xl:px-1.5"
        disabled={selection.show === 'tree' || selection.show === 'sandwich'}
        title="Where the root is drawn (b)"
        onClick={() => acts.amend({ root: selection.root === 'top' ? 'bottom' : 'top' })}
      >
        root at {selection.root}
      </button>
      <input
        type="text"
        className="control h-6 w-40 font-mono sm:max-xl:w-24 sm:max-xl:px-1"
        aria-label="Hide frames"
        aria-invalid={!hide.ok}
        placeholder="hide frames"
        title={
          hide.ok
            ? 'Frames whose name matches this regular expression are left out; their time stays with their caller (h)'
            : `Not a regular expression: ${hide.reason}`
        }
        spellCheck={false}
        autoComplete="off"
        maxLength={MAX_SEARCH_CHARS}
        value={selection.hide}
        onChange={(event) => acts.amend({ hide: event.target.value, zoom: null, sel: null })}
        onKeyDown={(event) => {
          // The keys of the page are wanted next, not more letters.
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          if (selection.hide === '') event.currentTarget.blur();
          else acts.amend({ hide: '' });
        }}
      />
      {!hide.ok && <span className="text-bad">invalid: {hide.reason}</span>}
    </>
  );
});

/** A place of a sandwich's half means nothing elsewhere. */
export function toShow(selection: Selection, acts: SelectionActs, show: Selection['show']): void {
  if (show === selection.show) return;
  if (show === 'sandwich' || selection.show === 'sandwich') {
    // The function that the paths were kept through is most likely the one that is asked about.
    acts.reshape({ show, ...(show === 'sandwich' ? { fn: selection.fn ?? selection.only } : {}) });
  } else acts.go({ show });
}

export function toggleFlow(selection: Selection, acts: SelectionActs): void {
  acts.reshape({ flow: selection.flow === 'top-down' ? 'bottom-up' : 'top-down' });
}

export function toggleNames(selection: Selection, acts: SelectionActs): void {
  acts.amend({ names: selection.names === 'whole' ? 'short' : 'whole' });
}

/** Functions are of another name after it. */
export function toMerge(acts: SelectionActs, merge: FlameShape['mergeBy']): void {
  acts.reshape({ merge, focus: null, only: null, fn: null });
}
