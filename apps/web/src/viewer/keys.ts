'use client';
/**
 * Owns keys of a page: one letter, one act. What a focused control understands itself is left to it. A key that several
 * parts of a page know goes to the innermost of them, whichever came first.
 */
import { useEffect, useRef } from 'react';

/** By `KeyboardEvent.key`; a capital is with Shift. An act that returns false had nothing to do: the key goes on. */
export type Keys = Readonly<Record<string, () => unknown>>;

/** From the outside in. */
export const KEY_SCOPES = ['page', 'panel', 'selected', 'pointed'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Elements that take letters, or that space presses. */
const TYPING = 'input, textarea, select, [contenteditable="true"]';
const PRESSED_BY_SPACE = 'button, a, summary, [role="tab"], [role="option"], [role="slider"]';
const KEEPS_KEYS = '[role="dialog"], [role="menu"], [role="listbox"]';

const known = new Set<{ scope: KeyScope; keys: () => Keys }>();

export function useKeys(keys: Keys, scope: KeyScope = 'page'): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const mine = { scope, keys: () => latest.current };
    if (known.size === 0) document.addEventListener('keydown', onKeyDown);
    known.add(mine);
    return () => {
      known.delete(mine);
      if (known.size === 0) document.removeEventListener('keydown', onKeyDown);
    };
  }, [scope]);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (target.closest(TYPING) !== null || target.closest(KEEPS_KEYS) !== null) return;
  if (event.key === ' ' && target.closest(PRESSED_BY_SPACE) !== null) return;
  for (const scope of [...KEY_SCOPES].reverse()) {
    for (const part of known) {
      const act = part.scope === scope ? part.keys()[event.key] : undefined;
      if (act === undefined || act() === false) continue;
      event.preventDefault();
      return;
    }
  }
}
