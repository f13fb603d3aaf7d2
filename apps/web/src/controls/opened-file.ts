'use client';
/** Owns the file that was dropped on some page until the page that opens files takes it: both are one tab. */

let waiting: File | null = null;
const listeners = new Set<() => void>();

export function giveFile(file: File): void {
  waiting = file;
  for (const listener of listeners) listener();
}

/** The file that waits, once. */
export function takeFile(): File | null {
  const file = waiting;
  waiting = null;
  return file;
}

/** Tells when another was dropped, while its page is open already. */
export function onFile(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
