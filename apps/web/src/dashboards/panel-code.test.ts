import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settle } from './dash-grid';
import { type DashPanel, MAX_NOTE_CHARS, MAX_PANELS, PANEL_KINDS } from './dash-panel';
import { argsOf, titleOf } from './panel-choices';
import { fitsInAddress, newPanelId, readPanels, writePanels } from './panel-code';
import { LAYOUTS, READY_LAYOUTS } from './ready-layouts';

const SEED = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 2 ** 31);

const CPU: DashPanel = { id: '1', kind: 'vitals', arg: 'load', host: null, x: 0, y: 0, w: 6, h: 7 };

describe('panels in the address', () => {
  it('can be read by people', () => {
    const blocked: DashPanel = { ...CPU, id: '2', kind: 'heatmap', arg: 'offcpu', host: 'web-2', x: 6 };
    expect(writePanels([CPU, blocked])).toBe('1:vitals:load:0,0,6,7~2:heatmap:offcpu:6,0,6,7:web-2');
  });

  it.each(LAYOUTS)('%s is what its text says', (name) => {
    const { panels } = READY_LAYOUTS[name];
    expect(readPanels(writePanels(panels))).toEqual({ panels, problems: [] });
    expect(fitsInAddress(panels)).toBe(true);
    for (const panel of panels) expect(titleOf(panel)).not.toBe('');
  });

  it(`are read as they were written, seed ${SEED}`, () => {
    const panel = fc.constantFrom(...PANEL_KINDS).chain((kind) =>
      fc.record({
        kind: fc.constant(kind),
        arg:
          kind === 'note' ? fc.string({ maxLength: 40, unit: 'grapheme' }) : fc.constantFrom(...argsOf(kind)),
        host: fc.option(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), { nil: null }),
        x: fc.nat(10),
        y: fc.nat(30),
        w: fc.integer({ min: 2, max: 12 }),
        h: fc.integer({ min: 2, max: 12 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(panel, { maxLength: MAX_PANELS }), (drawn) => {
        const panels = settle(drawn.map((one, index): DashPanel => ({ ...one, id: String(index + 1) })));
        expect(readPanels(writePanels(panels))).toEqual({ panels, problems: [] });
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it.each([
    ['1:vitals:load', '3 parts between colons'],
    ['1:vitals:load:0,0,6,7:web-1:more', '6 parts between colons'],
    ['x:vitals:load:0,0,6,7', '“x” is no number of a panel'],
    ['1:weather:cpu:0,0,6,7', 'there is no kind “weather”; kinds are vitals, heatmap'],
    ['1:vitals:weather:0,0,6,7', 'there is no vitals panel “weather”; there are cpu-states'],
    ['1:vitals:load:0,0,6', '“0,0,6” is no place'],
    ['1:vitals:load:10,0,6,7', '“10,0,6,7” is no place'],
    ['1:vitals:load:0,0,1,7', '“0,0,1,7” is no place'],
    ['1:vitals:load:0,0,6,7:', 'its host has no name'],
    [`1:note:${'a'.repeat(MAX_NOTE_CHARS + 1)}:0,0,6,7`, `its note has ${MAX_NOTE_CHARS + 1} characters`],
  ])('%s is left out, the others are shown', (text, problem) => {
    const { panels, problems } = readPanels(`${text}~2:processes::6,0,6,7`);
    expect(panels).toEqual([{ id: '2', kind: 'processes', arg: '', host: null, x: 6, y: 0, w: 6, h: 7 }]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('Panel 1 of the address is left out: ');
    expect(problems[0]).toContain(problem);
  });

  it('of the same number are told apart, and those that overlap lie one under the other', () => {
    const { panels } = readPanels('1:vitals:load:0,0,6,7~1:vitals:run-queue:3,0,6,7');
    expect(panels.map(({ id, y }) => [id, y])).toEqual([
      ['1', 0],
      ['2', 7],
    ]);
    expect(newPanelId(panels)).toBe('3');
  });

  it('are at most so many, and short enough to be sent on', () => {
    const many = Array.from({ length: MAX_PANELS + 1 }, (_, n) => `${n + 1}:vitals:load:0,0,6,7`).join('~');
    const { panels, problems } = readPanels(many);
    expect(panels).toHaveLength(MAX_PANELS);
    expect(problems).toEqual([
      `The address has ${MAX_PANELS + 1} panels; the first ${MAX_PANELS} are shown, as more are not.`,
    ]);
    const note: DashPanel = { ...CPU, kind: 'note', arg: 'ä'.repeat(MAX_NOTE_CHARS) };
    expect(fitsInAddress([note])).toBe(false);
  });

  it.each(['~', ':::', '!', '~~~:!', '1:note:a!:0,0,6,7', '\0'])(
    'nonsense is told, not thrown: %j',
    (text) => {
      expect(readPanels(text).problems.length).toBeGreaterThan(0);
    },
  );
});
