/**
 * Owns what tells, beside its colour, what threads were at: blocked is plain, the others have a texture each, the same in
 * graphs, timelines and legends.
 *
 *     on CPU  · · ·     blocked  (plain)     run queue  / / /     preempted  | | |
 */
import type { RowKind } from '@stallscope/profile';
import type { CSSProperties } from 'react';
import { lifeColour, lifeMarkColour, type Theme } from './palette.js';

/** CSS px from one dot or line to the next. */
const PERIOD_PX = 4;

/** Of a texture that covers all of a shape: a line of it along a foot is whole. */
export const TEXTURE_ALPHA = 0.55;

type Texture = 'plain' | 'dots' | 'diagonals' | 'bars';

const TEXTURES: Readonly<Record<RowKind, Texture>> = {
  'on-cpu': 'dots',
  blocked: 'plain',
  runq: 'diagonals',
  preempted: 'bars',
};

/**
 * What is filled over a kind's colour; undefined where it is plain, or where no canvas can be made.
 * @param ratio device px to a CSS px
 */
export function lifeTexture(
  context: CanvasRenderingContext2D,
  kind: RowKind,
  colour: string,
  ratio: number,
  newCanvas: () => HTMLCanvasElement | undefined = () => document.createElement('canvas'),
): CanvasPattern | undefined {
  const texture = TEXTURES[kind];
  if (texture === 'plain') return undefined;
  const tile = newCanvas();
  const drawing = tile?.getContext('2d');
  if (tile === undefined || drawing == null) return undefined;
  const side = Math.max(2, Math.round(PERIOD_PX * ratio));
  const line = Math.max(1, Math.round(ratio));
  tile.width = side;
  tile.height = side;
  drawing.fillStyle = colour;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isMarked =
        texture === 'bars' ? x < line : texture === 'dots' ? x < line && y < line : (x + y) % side < line;
      if (isMarked) drawing.fillRect(x, y, 1, 1);
    }
  }
  return context.createPattern(tile, 'repeat') ?? undefined;
}

/** A swatch of a kind with its texture, as CSS. */
export function lifeSwatch(theme: Theme, kind: RowKind): CSSProperties {
  const mark = `color-mix(in srgb, ${lifeMarkColour(theme, kind)} ${TEXTURE_ALPHA * 100}%, transparent)`;
  const texture = TEXTURES[kind];
  const period = `${PERIOD_PX}px`;
  return {
    backgroundColor: lifeColour(theme, kind),
    ...(texture === 'dots' && {
      backgroundImage: `radial-gradient(circle at 1px 1px, ${mark} 0.8px, transparent 0.9px)`,
      backgroundSize: `${period} ${period}`,
    }),
    ...(texture === 'diagonals' && {
      backgroundImage: `repeating-linear-gradient(135deg, ${mark} 0 1px, transparent 1px 3px)`,
    }),
    ...(texture === 'bars' && {
      backgroundImage: `repeating-linear-gradient(90deg, ${mark} 0 1px, transparent 1px ${period})`,
    }),
  };
}
