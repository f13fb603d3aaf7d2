'use client';
import type { ReactElement } from 'react';
import { setThemeChoice, THEME_CHOICES, useThemeChoice } from './theme';

const SIGNS = { system: '◐', light: '☀', dark: '☾' } as const;

/** Steps through system, light and dark. */
export function ThemeButton(): ReactElement {
  const choice = useThemeChoice();
  const next = THEME_CHOICES[(THEME_CHOICES.indexOf(choice) + 1) % THEME_CHOICES.length]!;
  return (
    <button
      type="button"
      className="control justify-center"
      aria-label={`Theme: ${choice}`}
      title={`Theme: ${choice}. Click for ${next}.`}
      onClick={() => setThemeChoice(next)}
    >
      <span aria-hidden="true" className="inline-block w-4 text-center">
        {SIGNS[choice]}
      </span>
    </button>
  );
}
