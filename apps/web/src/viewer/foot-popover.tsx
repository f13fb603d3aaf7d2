'use client';
/** Owns words of the foot line that open what is behind them. */
import { Popover } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

export function FootPopover(props: {
  words: string;
  label: string;
  isWarning: boolean;
  title: string;
  children: ReactNode;
}): ReactElement {
  return (
    <Popover.Root>
      <Popover.Trigger
        className={`underline decoration-dotted underline-offset-2 ${props.isWarning ? 'font-semibold text-warn' : ''}`}
        aria-label={props.label}
      >
        {props.words}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          sideOffset={4}
          collisionPadding={8}
          aria-label={props.title}
          className="panel z-30 max-h-[60vh] w-[28rem] max-w-[calc(100vw-16px)] overflow-y-auto bg-raised p-3 shadow-lg"
        >
          {props.children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
