'use client';
/** Owns the files that were dropped on some page until the page that opens files takes them: both are one tab. */

let waiting: readonly File[] = [];
const listeners = new Set<() => void>();

export function giveFiles(files: readonly File[]): void {
  waiting = files;
  for (const listener of listeners) listener();
}

/** The files that wait, once; none where nothing was dropped. */
export function takeFiles(): readonly File[] {
  const files = waiting;
  waiting = [];
  return files;
}

/** Tells when others were dropped, while their page is open already. */
export function onFiles(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
