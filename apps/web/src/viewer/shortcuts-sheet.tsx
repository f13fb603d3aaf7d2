'use client';
/** Owns the sheet of shortcuts: every key of the viewer, by where it works. */
import { FLAME_GRAPH_KEYS } from '@stallscope/charts';
import { Dialog } from 'radix-ui';
import type { ReactElement } from 'react';
import { VIEW_TABS, VIEW_WORDS } from '../words/view-help';

type Shortcuts = readonly (readonly [keys: string, does: string])[];

const SECTIONS: readonly { title: string; shortcuts: Shortcuts }[] = [
  {
    title: 'Anywhere',
    shortcuts: [
      ['space', 'pause, and resume with all that came meanwhile'],
      ['s', 'save a snapshot of what is shown'],
      ['/', 'search frames'],
      ['Esc', 'one step out: zoom, selection, search, paths through, focus'],
      ['?', 'this sheet'],
    ],
  },
  {
    title: 'What is shown',
    shortcuts: [
      [
        VIEW_TABS.map((view) => VIEW_WORDS[view].key).join(' '),
        VIEW_TABS.map((view) => VIEW_WORDS[view].name).join(', '),
      ],
      ['g', 'the graph'],
      ['l', 'the list of functions, beside the graph'],
      ['w', 'sandwich: callers and callees'],
      ['t', 'call tree'],
      ['d', 'difference from another time, process, host, snapshot or file'],
      ['i', 'invert: paths from what was waited in, or from the root again'],
      ['r', 'fold recursion'],
      ['a', 'short names, without arguments and templates, or whole ones again'],
      ['b', 'root at the bottom, or at the top again'],
      ['h', 'hide frames by a regular expression'],
      ['u', 'group by who: process, user, container and so on'],
      ['k', 'colour by who'],
      ['n', 'hide idle waits, or show them again'],
      ['Shift n', 'which waits count as idle'],
    ],
  },
  {
    title: 'On a frame: under the pointer, or selected',
    shortcuts: [
      ['m', 'its menu; also a right click or a long press'],
      ['o', 'only paths through its function'],
      ['f', 'focus: cut off what is above it'],
      ['w', 'its sandwich'],
      ['t', 'it in the call tree'],
      ['x', 'hide its function'],
      ['c', 'copy its name'],
      ['Shift c', 'copy its stack'],
    ],
  },
  {
    title: 'In the graph',
    shortcuts: FLAME_GRAPH_KEYS.map(({ keys, does }) => [keys, does] as const),
  },
  {
    title: 'In the call tree',
    shortcuts: [
      ['↑ ↓', 'from row to row; with Home, End and the page keys'],
      ['→ ←', 'open and close a row, or go in and out'],
      ['*', 'open all that is below'],
      ['Enter', 'zoom to it in the graph'],
    ],
  },
  {
    title: 'In the list of functions',
    shortcuts: [
      ['↑ ↓', 'from function to function'],
      ['Enter', 'choose it for the graph, or take it away again'],
    ],
  },
  {
    title: 'In a difference',
    shortcuts: [
      ['v', 'swap: before becomes after'],
      ['↑ ↓', 'in the list of what grew, from function to function'],
      ['Enter', 'in that list: to where it changed most'],
    ],
  },
  {
    title: 'Time strip',
    shortcuts: [['← →', 'on an edge: move it; with Shift ten windows']],
  },
  {
    title: 'Latency heatmap',
    shortcuts: [
      ['↑ ↓', 'on a corner: longer or shorter latencies, a bucket at a time; with Shift an octave'],
      ['← →', 'earlier or later; with Shift ten windows; the first key chooses a window'],
      ['Home End', 'to the first or the last window'],
      ['Esc', 'all of it again'],
    ],
  },
  {
    title: 'CPU samples over time',
    shortcuts: [
      ['↑ ↓', 'on an edge: 20 ms later or earlier; the first key chooses a second'],
      ['→ ←', 'a second later or earlier'],
      ['PgUp PgDn', '100 ms later or earlier'],
      ['Esc', 'all samples again'],
    ],
  },
  {
    title: 'Threads over time (wall view of a process)',
    shortcuts: [
      ['arrows', 'another thread, another window; left of the first is the name'],
      ['Enter', 'a window: that stretch for all views; a name: its thread alone'],
      ['Shift ← →', 'a longer stretch'],
      ['PgUp PgDn', 'ten threads on'],
      ['Esc', 'all of the span again'],
    ],
  },
];

export function ShortcutsSheet({
  isOpen,
  onOpenChange,
}: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}): ReactElement {
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-page opacity-70" />
        <Dialog.Content
          aria-describedby={undefined}
          className="panel fixed top-1/2 left-1/2 z-50 max-h-[calc(100vh-24px)] w-[84rem] max-w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto bg-raised p-4 shadow-lg"
        >
          <div className="mb-3 flex items-center justify-between">
            <Dialog.Title className="text-lead font-semibold">Keyboard shortcuts</Dialog.Title>
            <Dialog.Close className="control w-8 justify-center" aria-label="Close">
              <span aria-hidden="true">×</span>
            </Dialog.Close>
          </div>
          <div className="gap-x-6 md:columns-2 lg:columns-3">
            {SECTIONS.map(({ title, shortcuts }) => (
              <section key={title} className="mb-3 break-inside-avoid">
                <h3 className="mb-1 font-semibold">{title}</h3>
                <dl className="grid grid-cols-[6.5rem_1fr] gap-x-3 gap-y-0.5">
                  {shortcuts.map(([keys, does]) => (
                    <div key={does} className="contents">
                      <dt className="text-right">
                        <kbd className="rounded-chip border border-line bg-sunken px-1.5 font-mono text-small">
                          {keys}
                        </kbd>
                      </dt>
                      <dd>{does}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
