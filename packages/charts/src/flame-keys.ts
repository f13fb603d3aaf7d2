/** Owns what each key does in a flame graph, as the graph understands it and as a sheet of shortcuts lists it. */
import type { FocusStep } from './flame-focus.js';

export type KeyAct =
  | { act: 'step'; step: FocusStep }
  | { act: 'magnify'; factor: number }
  | { act: 'shift'; byShare: number }
  | { act: 'zoom' | 'step-out' | 'show-all' | 'menu' };

/** Of a KeyboardEvent. */
export interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const MAGNIFY_FACTOR = 1.5;
const SHIFT_SHARE = 0.2;

/** For a sheet of shortcuts; arrows are as with the root at the top. */
export const FLAME_GRAPH_KEYS: readonly { keys: string; does: string }[] = [
  { keys: '↓ ↑', does: 'to the widest callee, to the caller' },
  { keys: '← →', does: 'to the frame before or after under the same caller' },
  { keys: 'Home End', does: 'to the first or last of them' },
  { keys: 'PgDn PgUp', does: 'ten levels on or back' },
  { keys: 'Shift ↓ ↑', does: 'on or back to where the path forks' },
  { keys: 'Enter', does: 'zoom to the frame' },
  { keys: '+ −', does: 'stretch or shrink about the frame; also Ctrl and wheel, or pinch' },
  { keys: 'Shift ← →', does: 'move along a stretched graph; also by dragging' },
  { keys: 'm', does: 'menu of the frame; also right click or long press' },
  { keys: 'Esc', does: 'one step back out' },
  { keys: '0', does: 'show all' },
];

/** What a key asks for, or undefined where it is the page's. */
export function keyActOf(key: Key, rootAt: 'top' | 'bottom'): KeyAct | undefined {
  if (key.ctrlKey || key.metaKey || key.altKey) return undefined;
  const isInward = (towardsTop: boolean) => towardsTop === (rootAt === 'bottom');
  switch (key.key) {
    case 'ArrowUp':
    case 'ArrowDown':
      if (isInward(key.key === 'ArrowUp')) return { act: 'step', step: key.shiftKey ? 'fork-in' : 'child' };
      return { act: 'step', step: key.shiftKey ? 'fork-out' : 'parent' };
    case 'PageUp':
    case 'PageDown':
      return { act: 'step', step: isInward(key.key === 'PageUp') ? 'page-in' : 'page-out' };
    case 'ArrowLeft':
      return key.shiftKey ? { act: 'shift', byShare: -SHIFT_SHARE } : { act: 'step', step: 'previous' };
    case 'ArrowRight':
      return key.shiftKey ? { act: 'shift', byShare: SHIFT_SHARE } : { act: 'step', step: 'next' };
    case 'Home':
      return { act: 'step', step: 'first' };
    case 'End':
      return { act: 'step', step: 'last' };
    case 'Enter':
      return { act: 'zoom' };
    case '+':
    case '=':
      return { act: 'magnify', factor: MAGNIFY_FACTOR };
    case '-':
    case '_':
      return { act: 'magnify', factor: 1 / MAGNIFY_FACTOR };
    case '0':
      return { act: 'show-all' };
    case 'Escape':
    case 'Backspace':
      return { act: 'step-out' };
    case 'm':
    case 'ContextMenu':
      return { act: 'menu' };
    case 'F10':
      return key.shiftKey ? { act: 'menu' } : undefined;
    default:
      return undefined;
  }
}
