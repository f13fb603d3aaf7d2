import { appendVital, emptyWindow, ProfileTables } from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { MAX_VITAL_SERIES, VitalsHistory } from './vitals-history';

const ALL = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

function stage() {
  const tables = new ProfileTables();
  const history = new VitalsHistory();
  return {
    history,
    /** @param vitals `metric label`, or `metric` */
    add(startMs: number, endMs: number, vitals: Record<string, number> = {}) {
      const window = emptyWindow({ startMs, endMs });
      for (const [key, value] of Object.entries(vitals)) {
        const [metric = '', label = ''] = key.split(' ');
        appendVital(window.vitals, {
          metric: tables.internString(metric),
          label: tables.internString(label),
          value,
        });
      }
      history.add(window, tables);
    },
    values: (metric: string, label = '', span = ALL) => {
      const values = history.values(metric, label, history.rangeOf(span));
      return values && [...values];
    },
    readings: (span = ALL) => {
      const { startMs, endMs } = history.readings(history.rangeOf(span));
      return Array.from(startMs, (start, index) => [start, endMs[index]]);
    },
  };
}

describe('VitalsHistory', () => {
  it('has a number a window of each series, and none where it was not read', () => {
    const { add, values, readings } = stage();
    add(0, 1000, { 'cpu.busy cpu0': 0.2, 'cpu.busy cpu1': 0.5 });
    add(1000, 2000, { 'cpu.busy cpu0': 0.3 });
    add(2000, 3000, { 'cpu.busy cpu1': 0.7, 'disk.reads vda': 4 });
    expect(readings()).toEqual([
      [0, 1000],
      [1000, 2000],
      [2000, 3000],
    ]);
    expect(values('cpu.busy', 'cpu0')).toEqual([0.2, 0.3, Number.NaN]);
    expect(values('cpu.busy', 'cpu1')).toEqual([0.5, Number.NaN, 0.7]);
    expect(values('disk.reads', 'vda')).toEqual([Number.NaN, Number.NaN, 4]);
    expect(values('disk.reads', 'vdb')).toBeUndefined();
  });

  it('reads on where vitals are read once in several short windows', () => {
    const { add, readings } = stage();
    add(0, 250, { load: 1 });
    add(250, 500);
    add(500, 750);
    add(750, 1000);
    add(1000, 1250, { load: 2 });
    expect(readings()).toEqual([
      [0, 250],
      [250, 1250],
    ]);
  });

  it('is of all the time since the one before, also where a busy host left out a window', () => {
    const { add, readings } = stage();
    add(0, 1000, { load: 1 });
    add(1000, 2000);
    add(2000, 3000, { load: 2 });
    expect(readings()).toEqual([
      [0, 1000],
      [1000, 3000],
    ]);
  });

  it('does not reach over a gap, nor over windows in which nothing was asked for', () => {
    const { add, readings } = stage();
    add(0, 1000, { load: 1 });
    add(1900, 2900, { load: 2 });
    add(2900, 3900);
    add(3900, 4900);
    add(4900, 5900);
    add(5900, 6900, { load: 3 });
    expect(readings()).toEqual([
      [0, 1000],
      [1900, 2900],
      [5900, 6900],
    ]);
  });

  it('takes readings by their middle, so that neighbouring stretches share none', () => {
    const { add, values } = stage();
    for (let second = 0; second < 6; second++) add(second * 1000, second * 1000 + 1000, { load: second });
    expect(values('load', '', { fromMs: 0, toMs: 3000 })).toEqual([0, 1, 2]);
    expect(values('load', '', { fromMs: 3000, toMs: 6000 })).toEqual([3, 4, 5]);
    expect(values('load', '', { fromMs: 9000, toMs: 9500 })).toBeUndefined();
  });

  it('lets go of what is old, and of series that ended with it', () => {
    const { history, add, values } = stage();
    add(0, 1000, { load: 1, 'disk.reads vda': 9 });
    add(1000, 2000, { load: 2 });
    history.evict(1500);
    add(2000, 3000, { load: 3, 'disk.reads vda': 5 });
    expect(values('load')).toEqual([2, 3]);
    expect(values('disk.reads', 'vda')).toEqual([Number.NaN, 5]);
    history.evict(10_000);
    expect(history.length).toBe(0);
    expect(history.metrics()).toEqual([]);
  });

  it('holds no more series than there is room for, and counts those it refused', () => {
    const { history, add, values } = stage();
    const vitals = Object.fromEntries(
      Array.from({ length: MAX_VITAL_SERIES + 3 }, (_, index) => [`container.cpu c${index}`, index]),
    );
    add(0, 1000, vitals);
    expect(history.refusedSeries).toBe(3);
    expect(values('container.cpu', `c${MAX_VITAL_SERIES - 1}`)).toEqual([MAX_VITAL_SERIES - 1]);
    expect(values('container.cpu', `c${MAX_VITAL_SERIES}`)).toBeUndefined();
    // Their room is free once they are gone.
    history.evict(2000);
    add(2000, 3000, { 'container.cpu new': 1 });
    expect(values('container.cpu', 'new')).toEqual([1]);
  });
});
