'use client';
/** Owns how a dialog over the page looks: a title, a way out, what it asks; it scrolls where the window is low. */
import { Dialog } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

export interface ModalProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Wider, for tables. */
  isWide?: boolean;
  /** What is marked `data-first` has the focus when it opens, else the way out. */
  children: ReactNode;
}

export function Modal({ title, isOpen, onClose, isWide = false, children }: ModalProps): ReactElement {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-page opacity-70" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            const first = (event.currentTarget as HTMLElement).querySelector<HTMLElement>('[data-first]');
            if (first === null) return;
            event.preventDefault();
            first.focus();
          }}
          className={`panel fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100vh-24px)] max-w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 flex-col overflow-y-auto bg-raised p-5 shadow-lg ${isWide ? 'w-[46rem]' : 'w-[32rem]'}`}
        >
          <div className="mb-3 flex items-center justify-between gap-3">
            <Dialog.Title className="font-semibold text-lead">{title}</Dialog.Title>
            <Dialog.Close className="control w-8 justify-center" aria-label="Close">
              <span aria-hidden="true">×</span>
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
