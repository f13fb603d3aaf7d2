/**
 * Owns where panels lie on the grid: no two overlap, and none has room above it that it could take. Pure.
 *
 *     a a . b        b is moved onto a          b b . .
 *     a a . b        ─────────────────▶         b b . .
 *     c c c c                                   a a . .
 *                                               c c c c
 *
 * Invariant: what goes in comes out with the same ids and sizes (but for one that is resized), settled.
 */
import { GRID_COLUMNS, MAX_PANEL_H, MAX_ROWS, MIN_PANEL_H, MIN_PANEL_W, type Place } from './dash-panel';

export interface Placed extends Place {
  id: string;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** From the top, then from the left: the order in which panels are read, and in which they lie on a phone. */
export function inReadingOrder<Panel extends Placed>(panels: readonly Panel[]): Panel[] {
  return [...panels].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Within the grid, as near to what was asked for as there is. */
export function toPlace({ x, y, w, h }: Place): Place {
  const width = clamp(w, MIN_PANEL_W, GRID_COLUMNS);
  return {
    x: clamp(x, 0, GRID_COLUMNS - width),
    y: clamp(y, 0, MAX_ROWS),
    w: width,
    h: clamp(h, MIN_PANEL_H, MAX_PANEL_H),
  };
}

/**
 * Every panel as high up as it can be without passing one that is above it; where two want the same cells, the one that is
 * read first stays, and of two at the same height `first` does.
 */
export function settle<Panel extends Placed>(panels: readonly Panel[], first?: string): Panel[] {
  const order = inReadingOrder(panels.map((panel) => ({ ...panel, ...toPlace(panel) }))).sort(
    (a, b) => a.y - b.y || Number(b.id === first) - Number(a.id === first),
  );
  const settled: Panel[] = [];
  for (const panel of order) {
    let { y } = panel;
    while (y > 0 && !settled.some((other) => overlap({ ...panel, y: y - 1 }, other))) y--;
    for (;;) {
      const below = settled.filter((other) => overlap({ ...panel, y }, other));
      if (below.length === 0) break;
      y = Math.max(...below.map((other) => other.y + other.h));
    }
    settled.push({ ...panel, y });
  }
  const byId = new Map(settled.map((panel) => [panel.id, panel]));
  return panels.map(({ id }) => byId.get(id)!);
}

/** To a place that was pointed at: others make room. */
export function movePanel<Panel extends Placed>(
  panels: readonly Panel[],
  id: string,
  to: { x: number; y: number },
): Panel[] {
  return settle(
    panels.map((panel) => (panel.id === id ? { ...panel, ...toPlace({ ...panel, ...to }) } : panel)),
    id,
  );
}

export function resizePanel<Panel extends Placed>(
  panels: readonly Panel[],
  id: string,
  { w, h }: { w: number; h: number },
): Panel[] {
  return settle(
    panels.map((panel) =>
      panel.id === id
        ? { ...panel, ...toPlace({ ...panel, w: Math.min(w, GRID_COLUMNS - panel.x), h }) }
        : panel,
    ),
    id,
  );
}

/** To the next place in a direction where anything changes: past a neighbour, not into it. The same where there is none. */
export function stepPanel<Panel extends Placed>(
  panels: readonly Panel[],
  id: string,
  direction: Direction,
): Panel[] {
  const panel = panels.find((one) => one.id === id);
  if (panel === undefined) return [...panels];
  const [dx, dy] = STEPS[direction];
  const far = dx === 0 ? bottomOf(panels) : GRID_COLUMNS;
  for (let steps = 1; steps <= far; steps++) {
    const moved = movePanel(panels, id, { x: panel.x + dx * steps, y: panel.y + dy * steps });
    const now = moved.find((one) => one.id === id)!;
    // Pushed aside by what it was to pass, it would go the other way.
    if ((now.x - panel.x) * dx + (now.y - panel.y) * dy > 0) return moved;
  }
  return [...panels];
}

/**
 * In a single column, as on a phone: before or after its neighbour. Where the two can change places they do, so that a wide
 * window has the same columns as before; else it goes over or under its neighbour.
 */
export function stepInOrder<Panel extends Placed>(
  panels: readonly Panel[],
  id: string,
  step: -1 | 1,
): Panel[] {
  const order = inReadingOrder(panels);
  const index = order.findIndex((one) => one.id === id);
  const panel = order[index];
  const neighbour = order[index + step];
  if (panel === undefined || neighbour === undefined) return [...panels];
  const isPassed = (moved: readonly Panel[]): boolean => {
    const ids = inReadingOrder(moved).map((one) => one.id);
    return Math.sign(ids.indexOf(id) - ids.indexOf(neighbour.id)) === step;
  };
  const swapped = settle(
    panels.map((one) => {
      if (one.id === id) return { ...one, ...toPlace({ ...one, x: neighbour.x, y: neighbour.y }) };
      if (one.id === neighbour.id) return { ...one, ...toPlace({ ...one, x: panel.x, y: panel.y }) };
      return one;
    }),
    step < 0 ? id : neighbour.id,
  );
  if (isPassed(swapped)) return swapped;
  return movePanel(panels, id, { x: neighbour.x, y: step < 0 ? neighbour.y : neighbour.y + neighbour.h });
}

/** The first free place for a panel of this size, from the top. */
export function findRoom(panels: readonly Placed[], { w, h }: { w: number; h: number }): Place {
  const bottom = bottomOf(panels);
  for (let y = 0; y < bottom; y++) {
    for (let x = 0; x + w <= GRID_COLUMNS; x++) {
      const place = { x, y, w, h };
      // Only where it stays: beneath another, not in the air, and not where all below it would have to move.
      if (!panels.some((panel) => overlap(place, panel)) && isHeldUp(panels, place)) return place;
    }
  }
  return { x: 0, y: bottom, w, h };
}

export function bottomOf(panels: readonly Placed[]): number {
  return panels.reduce((bottom, { y, h }) => Math.max(bottom, y + h), 0);
}

const STEPS: Readonly<Record<Direction, readonly [number, number]>> = {
  left: [-1, 0],
  right: [1, 0],
  up: [0, -1],
  down: [0, 1],
};

function isHeldUp(panels: readonly Placed[], place: Place): boolean {
  return place.y === 0 || panels.some((panel) => overlap({ ...place, y: place.y - 1 }, panel));
}

function overlap(a: Place, b: Place): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.round(value)));
}
