'use client';
import { Dialog } from 'radix-ui';
import type { ReactElement } from 'react';

const SHORTCUTS = [
  ['1 2 3 4', 'Off-CPU, Wakeup, Off-wake, Chain'],
  ['space', 'pause, and resume with all that came meanwhile'],
  ['/', 'search frames'],
  ['Esc', 'one step out: zoom, then selection, then search'],
  ['← → ↑ ↓', 'in the graph: move between frames'],
  ['Enter', 'in the graph: zoom into the frame'],
  ['0', 'in the graph: zoom all the way out'],
  ['← →', 'on an edge of the time strip: move it; with Shift ten windows'],
  ['?', 'this sheet'],
] as const;

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
          className="panel fixed top-1/2 left-1/2 z-50 w-[30rem] max-w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 bg-raised p-5 shadow-lg"
        >
          <div className="mb-3 flex items-center justify-between">
            <Dialog.Title className="text-lead font-semibold">Keyboard shortcuts</Dialog.Title>
            <Dialog.Close className="control w-8 justify-center" aria-label="Close">
              <span aria-hidden="true">×</span>
            </Dialog.Close>
          </div>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            {SHORTCUTS.map(([keys, does]) => (
              <div key={does} className="contents">
                <dt>
                  <kbd className="rounded-chip border border-line bg-sunken px-1.5 font-mono text-small">
                    {keys}
                  </kbd>
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
