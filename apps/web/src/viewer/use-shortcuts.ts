'use client';
import { useEffect, useRef } from 'react';

export interface Shortcuts {
  /** 0 for the first view. */
  toView: (index: number) => void;
  onPause: () => void;
  onSearch: () => void;
  onSheet: () => void;
  onStepOut: () => void;
}

/** Elements that take letters, or that space presses. */
const TYPING = 'input, textarea, select, [contenteditable="true"]';
const PRESSED_BY_SPACE = 'button, a, summary, [role="tab"], [role="option"], [role="slider"]';

/** The keys of the page; what a focused control understands itself is left to it. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (target.closest(TYPING) !== null || target.closest('[role="dialog"]') !== null) return;
      const { toView, onPause, onSearch, onSheet, onStepOut } = latest.current;
      if (/^[1-4]$/.test(event.key)) toView(Number(event.key) - 1);
      else if (event.key === ' ' && target.closest(PRESSED_BY_SPACE) === null) onPause();
      else if (event.key === '/') onSearch();
      else if (event.key === '?') onSheet();
      else if (event.key === 'Escape') onStepOut();
      else return;
      event.preventDefault();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
