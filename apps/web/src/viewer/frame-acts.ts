'use client';
/** Owns what can be done with a frame or a function, for the menu, the keys and the details alike. */
import type { FlameTree, FunctionKey } from '@stallscope/profile';
import { copyText } from '../controls/copy-text';
import { toast } from '../controls/toast';
import { placeOf } from '../selection/place';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { eitherPattern, exactPattern, foldedText, keyOfNode, stackText } from './frame-text';

export interface FrameAct {
  /** The key on a frame of the graph; '' for none. */
  key: string;
  name: string;
  run: () => void;
}

/** What a frame is a frame of: a separator or a marker is no function. */
const FUNCTIONS: ReadonlySet<FunctionKey['role']> = new Set([
  'user',
  'kernel',
  'waker-user',
  'waker-kernel',
] as const);

export function isFunction({ role }: FunctionKey): boolean {
  return FUNCTIONS.has(role);
}

/** Of a function, wherever it is called. */
export function functionActs(fn: FunctionKey, selection: Selection, acts: SelectionActs): FrameAct[] {
  if (fn.role === 'root' || fn.role === 'separator') return [];
  const pattern = exactPattern(fn.label);
  const all: FrameAct[] = [
    { key: 'o', name: 'Only paths through it', run: () => acts.go({ only: fn }) },
    {
      key: 'f',
      name: 'Focus: cut off what is above it',
      run: () => acts.reshape({ focus: fn, ...(selection.show === 'sandwich' ? { show: 'flame' } : {}) }),
    },
    { key: 'w', name: 'Sandwich: its callers and callees', run: () => acts.toSandwich(fn) },
  ];
  if (isFunction(fn)) {
    all.push({
      key: 'x',
      name: 'Hide it: its time stays with its caller',
      run: () => acts.reshape({ hide: eitherPattern(selection.hide, pattern) }),
    });
  }
  all.push({ key: '', name: 'Search for it', run: () => acts.go({ q: pattern }) });
  return all;
}

/** Of one frame of a tree; `zoom` is of the tree that it is in. */
export function frameActs(
  target: { tree: FlameTree; node: number; isTime: boolean; zoom: (node: number) => void; zoomName?: string },
  selection: Selection,
  acts: SelectionActs,
): FrameAct[] {
  const { tree, node, isTime } = target;
  const fn = keyOfNode(tree, node);
  return [
    {
      key: 'Enter',
      name: target.zoomName ?? (node === 0 ? 'Zoom out' : 'Zoom in'),
      run: () => target.zoom(node),
    },
    ...functionActs(fn, selection, acts),
    ...(selection.show === 'tree' || node === 0 || selection.show === 'sandwich'
      ? []
      : [
          {
            key: 't',
            name: 'Show it in the call tree',
            run: () => acts.go({ show: 'tree', sel: placeOf(tree, node) }),
          } satisfies FrameAct,
        ]),
    { key: 'c', name: 'Copy name', run: () => void copy(fn.label, 'Name') },
    { key: 'C', name: 'Copy stack', run: () => void copy(stackText(tree, node), 'Stack') },
    {
      key: '',
      name: 'Copy as a folded line',
      run: () => void copy(foldedText(tree, node, isTime), 'Folded line'),
    },
  ];
}

async function copy(text: string, what: string): Promise<void> {
  const first = text.slice(0, 60).split('\n')[0];
  toast(
    (await copyText(text)) ? `${what} copied: ${first}` : `The browser refused the clipboard for: ${first}`,
  );
}
