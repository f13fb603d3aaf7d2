'use client';
/** Owns the menu of one frame or function: where it opens, and that the keyboard is given back afterwards. */
import type { PagePoint } from '@stallscope/charts';
import { DropdownMenu } from 'radix-ui';
import { type ReactElement, useRef } from 'react';
import type { FrameAct } from './frame-acts';

export interface FrameMenuProps {
  /** What it is of; its first line. */
  title: string;
  at: PagePoint;
  acts: readonly FrameAct[];
  /** Ways from the waker of this frame to its own graph. */
  more?: readonly FrameAct[];
  onClose: () => void;
}

export function FrameMenu({ title, at, acts, more = [], onClose }: FrameMenuProps): ReactElement {
  const cameFrom = useRef<Element | null>(typeof document === 'undefined' ? null : document.activeElement);
  return (
    <DropdownMenu.Root
      open
      modal={false}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <DropdownMenu.Trigger asChild>
        <span
          aria-hidden="true"
          className="pointer-events-none fixed h-px w-px"
          style={{ left: at.xPx, top: at.yPx }}
        />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={`Frame ${title}`}
          align="start"
          sideOffset={2}
          collisionPadding={8}
          loop
          className="panel z-40 w-80 max-w-[calc(100vw-16px)] bg-raised py-1 shadow-lg"
          // A finger that is lifted after a long press gives the focus to what is below it.
          onFocusOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (cameFrom.current instanceof HTMLElement && cameFrom.current.isConnected)
              cameFrom.current.focus();
          }}
        >
          <DropdownMenu.Label className="truncate px-3 pb-1 font-mono font-semibold" title={title}>
            {title}
          </DropdownMenu.Label>
          {acts.map((act) => (
            <Item key={act.name} act={act} />
          ))}
          {more.length > 0 && <DropdownMenu.Separator className="my-1 border-line border-t" />}
          {more.map((act) => (
            <Item key={act.name} act={act} />
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Item({ act: { key, name, run } }: { act: FrameAct }): ReactElement {
  return (
    <DropdownMenu.Item
      className="flex cursor-pointer items-center gap-3 px-3 py-1 outline-none data-[highlighted]:bg-accent-soft max-sm:py-2"
      onSelect={run}
    >
      <span className="min-w-0 flex-1 truncate">{name}</span>
      {key !== '' && <kbd className="font-mono text-dull text-small max-sm:hidden">{keyWords(key)}</kbd>}
    </DropdownMenu.Item>
  );
}

function keyWords(key: string): string {
  return key.length === 1 && key !== key.toLowerCase() ? `Shift ${key}` : key;
}
