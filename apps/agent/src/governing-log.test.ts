import { describe, expect, test } from 'vitest';
import { GoverningLog } from './governing-log.js';

const BUDGET = { capturesASecond: 20_000, agentCpuShare: 0.02 };
const CAPTURES = { over: 'captures', capturesASecond: 96_000.4, budget: BUDGET } as const;
const ASKED = { tauNs: 1_000_000, askedTauNs: 1_000_000, cause: undefined };

describe('what the log says of the governor', () => {
  test('nothing while tau is what was asked for', () => {
    const log = new GoverningLog();
    expect(log.after(ASKED, 0)).toBeUndefined();
    expect(log.after(ASKED, 1000)).toBeUndefined();
  });

  test('one line when it begins, with both thresholds and why, and none while it goes on', () => {
    const log = new GoverningLog();
    expect(log.after({ tauNs: 6_000_000, askedTauNs: 1_000_000, cause: CAPTURES }, 0)).toMatch(
      /^sampling threshold raised from 1 ms to 6 ms: 96,000 captures a second are over the budget of 20,000\. /,
    );
    expect(log.after({ tauNs: 40_000_000, askedTauNs: 1_000_000, cause: CAPTURES }, 1000)).toBeUndefined();
    expect(log.after({ tauNs: 20_000_000, askedTauNs: 1_000_000, cause: CAPTURES }, 2000)).toBeUndefined();
  });

  test('one line when tau is back, with how long it took and how far it went', () => {
    const log = new GoverningLog();
    log.after({ tauNs: 6_000_000, askedTauNs: 1_000_000, cause: CAPTURES }, 0);
    log.after({ tauNs: 40_500_000, askedTauNs: 1_000_000, cause: CAPTURES }, 1000);
    expect(log.after(ASKED, 34_000)).toBe('sampling threshold back at 1 ms, after 34 s up to 40.5 ms');
    expect(log.after(ASKED, 35_000)).toBeUndefined();
  });

  test('says so when it was the agent that cost too much, and what exact is', () => {
    const cause = { over: 'agent-cpu', agentCpuShare: 0.0312, budget: BUDGET } as const;
    expect(new GoverningLog().after({ tauNs: 1500, askedTauNs: 0, cause }, 0)).toContain(
      'raised from 0 (exact) to 1.5 µs: the agent took 3.1 % of a CPU for seconds, its budget is 2 %',
    );
  });
});
