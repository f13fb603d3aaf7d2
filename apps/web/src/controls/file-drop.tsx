'use client';
/** Owns dropping files on any page: the first is opened in this tab, the others are offered beside it, and none leaves it. */
import { useRouter } from 'next/navigation';
import { type ReactElement, useEffect, useState } from 'react';
import { giveFiles } from './opened-file';

export function FileDrop(): ReactElement | null {
  const router = useRouter();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    // Each element that is entered is left again: over the page while more were entered than left.
    let depth = 0;
    const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const onEnter = (event: DragEvent): void => {
      if (!isFile(event)) return;
      event.preventDefault();
      depth++;
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (!isFile(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const onOver = (event: DragEvent): void => {
      if (isFile(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      if (!isFile(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length === 0) return;
      giveFiles(files);
      if (!location.pathname.startsWith('/open')) router.push('/open/');
    };
    window.addEventListener('dragenter', onEnter);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('dragover', onOver);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragenter', onEnter);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('drop', onDrop);
    };
  }, [router]);
  if (!isOver) return null;
  return (
    <div
      role="status"
      aria-label="Drop"
      className="pointer-events-none fixed inset-3 z-50 flex items-center justify-center rounded-panel border-2 border-accent border-dashed bg-accent-soft text-title opacity-95"
    >
      Drop to open it here; of several the first is opened, the others are offered
    </div>
  );
}
