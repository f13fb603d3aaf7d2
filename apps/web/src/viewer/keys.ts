'use client';
/** Owns keys of a page: one letter, one act. What a focused control understands itself is left to it. */
import { useEffect, useRef } from 'react';

/** By `KeyboardEvent.key`; a capital is with Shift. An act that returns false had nothing to do: the key goes on. */
export type Keys = Readonly<Record<string, () => unknown>>;

/** Elements that take letters, or that space presses. */
const TYPING = 'input, textarea, select, [contenteditable="true"]';
const PRESSED_BY_SPACE = 'button, a, summary, [role="tab"], [role="option"], [role="slider"]';
const KEEPS_KEYS = '[role="dialog"], [role="menu"], [role="listbox"]';

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (target.closest(TYPING) !== null || target.closest(KEEPS_KEYS) !== null) return;
      if (event.key === ' ' && target.closest(PRESSED_BY_SPACE) !== null) return;
      const act = latest.current[event.key];
      if (act === undefined || act() === false) return;
      event.preventDefault();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
