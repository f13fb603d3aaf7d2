import type { Capability } from '@stallscope/protocol';
import { expect, it } from 'vitest';
import type { ProbeStanding } from '../live/probe-standing';
import { toPanelCost, toRefusal } from './panel-standing';

const BLOCK: ProbeStanding = {
  name: 'block',
  state: 'on',
  detail: '',
  cost: { nsPerSecond: 1_234_567, runsPerSecond: 3400.4 },
};
const TCP: ProbeStanding = {
  name: 'tcp',
  state: 'refused',
  detail: 'no tracepoint inet_sock_set_state',
  cost: null,
};

it('a panel says its share of a CPU, and what it is made of', () => {
  expect(toPanelCost(['block'], [TCP, BLOCK])).toEqual({
    words: '0.12 % of a CPU',
    title: 'To collect, for all panels that need it together:\nblock: 1.23 ms a second in 3,400 runs',
  });
  const tiny = { ...BLOCK, cost: { nsPerSecond: 900, runsPerSecond: 0.25 } };
  expect(toPanelCost(['block'], [tiny])?.words).toBe('< 0.001 % of a CPU');
});

it('what is not measured, not needed or not known is said to be so', () => {
  expect(toPanelCost(['block'], [{ ...BLOCK, cost: null, detail: 'io_uring is not seen' }])).toEqual({
    words: 'cost not measured',
    title:
      'To collect, for all panels that need it together:\nblock: not measured by itself. io_uring is not seen',
  });
  expect(toPanelCost([], undefined)?.words).toBe('no extra cost');
  expect(toPanelCost(['block'], undefined)).toBeNull();
  expect(toPanelCost(['tcp'], [TCP])).toBeNull();
});

it('what is counted within the scheduler probe says so, with what the whole of that takes', () => {
  const lengths: ProbeStanding = { name: 'lengths', state: 'on', detail: '', cost: null };
  const sched: ProbeStanding = { ...BLOCK, name: 'sched' };
  expect(toPanelCost(['lengths'], [sched, lengths])).toEqual({
    words: 'in the scheduler probe',
    title:
      'To collect, for all panels that need it together:\nlengths: not measured by itself\nsched: 1.23 ms a second in 3,400 runs',
  });
  expect(toPanelCost(['lengths'], [lengths])?.words).toBe('cost not measured');
});

it('a panel is grey where nothing that it needs can be had, for the reason that the host gives', () => {
  const missing: Capability = { name: 'dns', status: 'missing', detail: 'uprobes are refused' };
  expect(toRefusal(['dns'], [missing], undefined)).toBe('uprobes are refused');
  expect(toRefusal(['tcp'], [], [TCP])).toBe('no tracepoint inet_sock_set_state');
  expect(toRefusal(['tcp', 'dns'], [missing], [TCP])).toBe(
    'no tracepoint inet_sock_set_state; uprobes are refused',
  );
  expect(toRefusal(['tcp', 'block'], [], [TCP, BLOCK])).toBeNull();
  expect(toRefusal([], [], [])).toBeNull();
  expect(toRefusal(['dns'], [{ ...missing, status: 'degraded' }], undefined)).toBeNull();
  expect(toRefusal(['dns'], [], [BLOCK], true)).toBe('this is a recording, and it has none of this');
  expect(toRefusal(['block'], [], [BLOCK], true)).toBeNull();
  expect(toRefusal(['dns'], [], undefined, true)).toBeNull();
});
