import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bottomOf,
  type Direction,
  findRoom,
  inReadingOrder,
  movePanel,
  type Placed,
  resizePanel,
  settle,
  stepInOrder,
  stepPanel,
} from './dash-grid';
import { GRID_COLUMNS, MAX_PANEL_H, MIN_PANEL_H, MIN_PANEL_W } from './dash-panel';

const SEED = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 2 ** 31);

/** A letter a panel, a column of the picture two columns of the grid and a row two rows, as a panel is two wide at least. */
function read(...rows: string[]): Placed[] {
  const cells = rows.map((row) => row.replaceAll(' ', ''));
  const ids = [...new Set(cells.join('').replaceAll('.', ''))].sort();
  return ids.map((id) => {
    const ys = cells.flatMap((row, y) => (row.includes(id) ? [y] : []));
    const first = cells[ys[0]!]!;
    const [x, last] = [first.indexOf(id), first.lastIndexOf(id)];
    return { id, x: x * 2, y: ys[0]! * 2, w: (last - x + 1) * 2, h: ys.length * 2 };
  });
}

function print(panels: readonly Placed[]): string[] {
  return Array.from({ length: bottomOf(panels) / 2 }, (_, y) =>
    Array.from({ length: GRID_COLUMNS / 2 }, (_, x) => {
      const here = panels.filter(
        (panel) =>
          panel.x <= x * 2 && x * 2 < panel.x + panel.w && panel.y <= y * 2 && y * 2 < panel.y + panel.h,
      );
      return here.length > 1 ? '#' : (here[0]?.id ?? '.');
    }).join(''),
  );
}

describe('settling', () => {
  it('takes away what is free above a panel, and nothing else', () => {
    expect(print(settle(read('......', 'aa..bb', '......', '.cc...')))).toEqual(['aa..bb', '.cc...']);
  });

  it('puts the one that is read later beneath the one that it overlaps', () => {
    const [a, b] = read('aaab..', 'aaab..') as [Placed, Placed];
    expect(print(settle([a, { ...b, x: 2 }]))).toEqual(['aaa...', 'aaa...', '.b....', '.b....']);
  });
});

describe('a panel that is moved', () => {
  const panels = read('aaabbb', 'aaabbb', 'cccccc');

  it('lies where it was put, and the others make room', () => {
    expect(print(movePanel(panels, 'b', { x: 0, y: 0 }))).toEqual([
      'bbb...',
      'bbb...',
      'aaa...',
      'aaa...',
      'cccccc',
    ]);
    expect(print(movePanel(panels, 'c', { x: 0, y: 0 }))).toEqual(['cccccc', 'aaabbb', 'aaabbb']);
  });

  it('stays within the grid', () => {
    expect(movePanel(panels, 'a', { x: 99, y: -5 })[0]).toMatchObject({ x: 6, y: 0, w: 6 });
  });

  it('goes past its neighbour at one press of a key', () => {
    expect(print(stepPanel(panels, 'c', 'up'))).toEqual(['cccccc', 'aaabbb', 'aaabbb']);
    expect(print(stepPanel(read('aaa...', 'bbb...', 'ccc...'), 'a', 'down'))).toEqual([
      'bbb...',
      'aaa...',
      'ccc...',
    ]);
    expect(stepPanel(panels, 'a', 'left')).toEqual(panels);
    expect(stepPanel(panels, 'c', 'down')).toEqual(panels);
  });

  it('changes places in one column, and keeps the columns of a wide window', () => {
    expect(print(stepInOrder(panels, 'b', -1))).toEqual(['bbbaaa', 'bbbaaa', 'cccccc']);
    expect(print(stepInOrder(panels, 'a', 1))).toEqual(['bbbaaa', 'bbbaaa', 'cccccc']);
    expect(stepInOrder(panels, 'a', -1)).toEqual(panels);
    expect(stepInOrder(panels, 'c', 1)).toEqual(panels);
  });
});

describe('a panel that is resized', () => {
  const panels = read('aaabbb', 'aaabbb', 'cccccc');

  it('pushes down what it needs the room of', () => {
    expect(print(resizePanel(panels, 'a', { w: 12, h: 2 }))).toEqual([
      'aaaaaa',
      '...bbb',
      '...bbb',
      'cccccc',
    ]);
  });

  it('is no smaller and no larger than a panel can be', () => {
    expect(resizePanel(panels, 'b', { w: 99, h: 99 })[1]).toMatchObject({ x: 6, w: 6, h: MAX_PANEL_H });
    expect(resizePanel(panels, 'b', { w: -1, h: 0 })[1]).toMatchObject({ w: MIN_PANEL_W, h: MIN_PANEL_H });
  });
});

it('a new panel takes the first hole that it fits in, else a row of its own', () => {
  const panels = read('aaab..', 'aaab..', 'cccccc');
  expect(findRoom(panels, { w: 4, h: 4 })).toEqual({ x: 8, y: 0, w: 4, h: 4 });
  expect(findRoom(panels, { w: 6, h: 2 })).toEqual({ x: 0, y: 6, w: 6, h: 2 });
});

describe(`any layout and any move, seed ${SEED}`, () => {
  const place = fc.record({
    x: fc.integer({ min: -2, max: 14 }),
    y: fc.integer({ min: 0, max: 20 }),
    w: fc.integer({ min: 0, max: 14 }),
    h: fc.integer({ min: 0, max: 9 }),
  });
  const layout = fc
    .array(place, { minLength: 1, maxLength: 12 })
    .map((places) => settle(places.map((one, index) => ({ ...one, id: String(index + 1) }))));
  const run = <Values extends unknown[]>(property: fc.IPropertyWithHooks<Values>): void =>
    fc.assert(property, { seed: SEED, numRuns: 300 });

  function assertSound(panels: readonly Placed[]): void {
    const taken = new Set<string>();
    for (const { x, y, w, h } of panels) {
      if (x < 0 || x + w > GRID_COLUMNS) throw new Error(`outside of the grid: ${x} to ${x + w}`);
      for (let row = y; row < y + h; row++) {
        for (let column = x; column < x + w; column++) {
          if (taken.has(`${column},${row}`)) throw new Error(`two panels at ${column},${row}`);
          taken.add(`${column},${row}`);
        }
      }
    }
    for (const { x, y, w } of panels) {
      const isHeld = Array.from({ length: w }, (_, column) => taken.has(`${x + column},${y - 1}`)).includes(
        true,
      );
      if (y > 0 && !isHeld) throw new Error(`a panel in the air at ${x},${y}`);
    }
  }

  it('has no two panels on one cell and none in the air, and settling it again changes nothing', () => {
    run(
      fc.property(layout, fc.nat(), place, (panels, pick, to) => {
        const { id } = panels[pick % panels.length]!;
        for (const next of [panels, movePanel(panels, id, to), resizePanel(panels, id, to)]) {
          assertSound(next);
          expect(settle(next)).toEqual(next);
          expect(next.map((panel) => panel.id)).toEqual(panels.map((panel) => panel.id));
        }
      }),
    );
  });

  it('a key moves its panel in its direction or changes nothing', () => {
    run(
      fc.property(
        layout,
        fc.nat(),
        fc.constantFrom<Direction>('left', 'right', 'up', 'down'),
        (panels, pick, to) => {
          const before = panels[pick % panels.length]!;
          const next = stepPanel(panels, before.id, to);
          assertSound(next);
          const after = next.find(({ id }) => id === before.id)!;
          const moved = {
            left: before.x - after.x,
            right: after.x - before.x,
            up: before.y - after.y,
            down: after.y - before.y,
          }[to];
          expect(moved > 0 || JSON.stringify(next) === JSON.stringify(panels)).toBe(true);
        },
      ),
    );
  });

  it('in one column a step passes its neighbour', () => {
    run(
      fc.property(layout, fc.nat(), fc.constantFrom<-1 | 1>(-1, 1), (panels, pick, step) => {
        const order = inReadingOrder(panels).map(({ id }) => id);
        const index = pick % order.length;
        const neighbour = order[index + step];
        const next = stepInOrder(panels, order[index]!, step);
        assertSound(next);
        if (neighbour === undefined) {
          expect(next).toEqual(panels);
          return;
        }
        const after = inReadingOrder(next).map(({ id }) => id);
        expect(Math.sign(after.indexOf(order[index]!) - after.indexOf(neighbour))).toBe(step);
      }),
    );
  });
});
