/** Owns the one item of the graph that a screen reader is shown, the focused frame: the canvas holds the others. */
import type { FlameTree } from '@stallscope/profile';
import type { ReactElement } from 'react';
import { placeOf } from './flame-focus.js';
import { frameWords, type WordsOptions } from './flame-words.js';

export interface FocusedItemProps {
  id: string;
  tree: FlameTree;
  node: number;
  zoomNode: number;
  selectedNode: number | null;
  options: WordsOptions;
}

export function FocusedItem({
  id,
  tree,
  node,
  zoomNode,
  selectedNode,
  options,
}: FocusedItemProps): ReactElement {
  const place = placeOf(tree, node);
  const { name, role, facts, change, owner } = frameWords(tree, node, options);
  const words = [name, role, ...facts, change, owner, node === zoomNode && node !== 0 ? 'zoomed' : undefined];
  return (
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      aria-level={place.level}
      aria-posinset={place.position}
      aria-setsize={place.siblings}
      aria-selected={node === selectedNode}
      {...(place.hasChildren ? { 'aria-expanded': true } : {})}
      style={HIDDEN_STYLE}
    >
      {words.filter((word) => word !== undefined).join(', ')}
    </div>
  );
}

/** Read but not seen; `display: none` would be neither. */
export const HIDDEN_STYLE = {
  position: 'absolute',
  width: 1,
  height: 1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
  top: 0,
  left: 0,
} as const;
