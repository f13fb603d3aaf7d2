'use client';
/** Owns the name that a reader keeps snapshots under: their own word, remembered in this browser only. */

const STORAGE_KEY = 'stallscope-author';

export function readAuthor(): string {
  try {
    return localStorage.getItem(STORAGE_KEY) ?? '';
  } catch {
    // Storage is refused: nobody has said a name.
    return '';
  }
}

export function rememberAuthor(author: string): void {
  try {
    localStorage.setItem(STORAGE_KEY, author);
  } catch {
    // Storage is refused: the name holds for what it was said for.
  }
}
