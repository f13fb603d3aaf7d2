import { appendProbe, emptyWindow, ProfileTables } from '@stallscope/profile';
import { expect, test } from 'vitest';
import { standingOf } from './probe-standing';

test('says what is on, what is refused and why, and costs by the second where they were measured', () => {
  const tables = new ProfileTables();
  const window = emptyWindow({ startMs: 1000, endMs: 3000 });
  const id = (text: string): number => tables.internString(text);
  appendProbe(window.probes, {
    ...{ name: id('sched'), state: 0, detail: 0, isMeasured: 1, runNs: 4_000_000, runCount: 3000 },
  });
  appendProbe(window.probes, { name: id('block'), state: 2, detail: id('no tracepoint') });
  expect(standingOf(window, tables)).toEqual([
    { name: 'sched', state: 'on', detail: '', cost: { nsPerSecond: 2_000_000, runsPerSecond: 1500 } },
    { name: 'block', state: 'refused', detail: 'no tracepoint', cost: null },
  ]);
});
