import { ROLES, type Role } from '@stallscope/profile';
import { lab } from 'd3';
import { describe, expect, test } from 'vitest';
import { contrastOf } from './contrast.js';
import {
  DIFF_STEPS,
  diffSlot,
  FILL_SLOTS,
  fillSlot,
  HUE_STEPS,
  hueStepOf,
  matchedSlot,
  OWNED_BY_SEVERAL,
  ownerSlot,
  paletteOf,
  roleColour,
  runSlot,
  THEMES,
  TONES,
} from './palette.js';

const AA_TEXT = 4.5;
const AA_MARK = 3;
/** Distance in CIELAB; about 2.3 is just noticeable side by side, frames of a graph lie apart. */
const APART = 8;

test('contrast is that of WCAG', () => {
  expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrastOf('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  expect(() => contrastOf('red', '#ffffff')).toThrow(/red is not a colour/);
});

describe.each(THEMES.flatMap((theme) => TONES.map((tone) => [theme, tone] as const)))(
  'the %s palette of %s',
  (theme, tone) => {
    const palette = paletteOf(theme, tone);
    const diffFills = Array.from(
      { length: 2 * DIFF_STEPS + 1 },
      (_, index) => palette.fills[diffSlot(index - DIFF_STEPS)]!,
    );

    test('has a fill and a mark in every slot', () => {
      expect(palette.fills).toHaveLength(FILL_SLOTS);
      expect(palette.marks).toHaveLength(FILL_SLOTS);
      for (const colour of [...palette.fills, ...palette.marks]) expect(colour).toMatch(/^#[0-9a-f]{6}$/);
    });

    test('has AA contrast of text on every fill, on the hatching and on the surface', () => {
      for (const fill of [...palette.fills, palette.hatch, palette.surface]) {
        expect([fill, contrastOf(palette.ink, fill)]).toSatisfy(isAtLeast(AA_TEXT));
      }
    });

    test('has AA contrast of quiet text on unnamed fills, runs and the surface', () => {
      const unnamed = ROLES.flatMap((_, role) =>
        Array.from({ length: HUE_STEPS }, (_, step) => palette.fills[fillSlot(role, true, step)]!),
      );
      for (const fill of [
        ...unnamed,

        palette.fills[runSlot()]!,
        palette.hatch,
        palette.surface,
      ]) {
        expect([fill, contrastOf(palette.dullInk, fill)]).toSatisfy(isAtLeast(AA_TEXT));
      }
    });

    test('has marks and rings that are seen on what they lie on', () => {
      for (const [slot, fill] of palette.fills.entries()) {
        if (slot !== runSlot())
          expect([fill, contrastOf(palette.marks[slot]!, fill)]).toSatisfy(isAtLeast(AA_MARK));
        expect([fill, contrastOf(palette.ring, fill)]).toSatisfy(isAtLeast(AA_MARK));
        expect([fill, contrastOf(palette.hover, fill)]).toSatisfy(isAtLeast(AA_MARK));
      }
      expect(contrastOf(palette.ring, palette.ringInner)).toBeGreaterThan(AA_MARK);
      expect(contrastOf(palette.bar, palette.surface)).toBeGreaterThan(AA_MARK);
      expect(contrastOf(palette.bar, palette.barQuiet)).toBeGreaterThan(1.5);
    });

    test('keeps any two roles, and a search match from all, apart in every hue step', () => {
      const named = ROLES.filter((role) => role !== 'root' && role !== 'marker');
      const shades = [
        ...named.map((role) => ({
          role: role as Role | 'match',
          slot: (step: number) => fillSlot(ROLES.indexOf(role), false, step),
        })),
        { role: 'match' as const, slot: matchedSlot },
      ];
      for (const one of shades) {
        for (const other of shades) {
          if (one.role === other.role) continue;
          for (let a = 0; a < HUE_STEPS; a++) {
            for (let b = 0; b < HUE_STEPS; b++) {
              const distance = distanceOf(palette.fills[one.slot(a)]!, palette.fills[other.slot(b)]!);
              expect([one.role, other.role, a, b, distance]).toSatisfy(isAtLeast(APART));
            }
          }
        }
      }
    });

    test('keeps the steps of a difference apart from each other and from a search match', () => {
      for (const [index, one] of diffFills.entries()) {
        for (const other of [...diffFills.slice(index + 1), palette.fills[matchedSlot(2)]!]) {
          expect([one, other, distanceOf(one, other)]).toSatisfy(isAtLeast(APART));
        }
      }
    });

    test('keeps whose time it is apart from each other, from what is of several, and from a search match', () => {
      const colours = Array.from({ length: OWNED_BY_SEVERAL + 1 }, (_, colour) => colour);
      for (const one of colours) {
        for (let a = 0; a < HUE_STEPS; a++) {
          for (let b = 0; b < HUE_STEPS; b++) {
            const fill = palette.fills[ownerSlot(one, a)]!;
            const matched = palette.fills[matchedSlot(b)]!;
            expect([one, a, b, distanceOf(fill, matched)]).toSatisfy(isAtLeast(APART));
            for (const other of colours.slice(one + 1)) {
              const distance = distanceOf(fill, palette.fills[ownerSlot(other, b)]!);
              expect([one, other, a, b, distance]).toSatisfy(isAtLeast(APART));
            }
          }
        }
      }
    });

    test('gives a role its middle hue', () => {
      expect(roleColour(theme, 'kernel', tone)).toBe(
        palette.fills[fillSlot(ROLES.indexOf('kernel'), false, 2)],
      );
    });
  },
);

test('a label always has the same hue step, and labels spread over all of them', () => {
  expect(hueStepOf('futex_wait')).toBe(hueStepOf('futex_wait'));
  const seen = new Map<number, number>();
  for (let n = 0; n < 1000; n++) {
    const step = hueStepOf(`function_${n}`);
    seen.set(step, (seen.get(step) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
  for (const count of seen.values()) expect(count).toBeGreaterThan(100);
});

/** Of a list that ends with the number, so that a failure prints what it was measured on. */
function isAtLeast(least: number): (measured: unknown) => boolean {
  return (measured) => ((measured as unknown[]).at(-1) as number) >= least;
}

function distanceOf(one: string, other: string): number {
  const a = lab(one);
  const b = lab(other);
  return Math.hypot(a.l - b.l, a.a - b.a, a.b - b.b);
}
