import { checkSeeds, type Random } from '@stallscope/testing';
import { describe, expect, test } from 'vitest';
import { DEFAULT_CAPTURES_A_SECOND, Governor, MAX_TAU_NS } from './governor.js';

const MS = 1_000_000;

/** Captures in a window of a second, the agent idle. */
function captures(count: number, seconds = 1) {
  return { captures: count, agentCpuNs: 0, seconds };
}

/** A window of a second in which the agent took this share of a core, and captures could be the cause of 9 % of one. */
function cpu(share: number, count = 9000) {
  return { captures: count, agentCpuNs: share * 1e9, seconds: 1 };
}

const THOUSAND = { capturesASecond: 1000 };

describe('the governor and the captures of the probe', () => {
  test('leaves tau alone while captures are within budget', () => {
    const governor = new Governor(MS, THOUSAND);
    expect(governor.next(captures(900))).toBe(MS);
    expect(governor.isGoverning).toBe(false);
    expect(governor.cause).toBeUndefined();
  });

  test('raises tau at once by the excess and a margin, and says why', () => {
    const governor = new Governor(MS, THOUSAND);
    expect(governor.next(captures(4000))).toBe(5 * MS);
    expect(governor.isGoverning).toBe(true);
    expect(governor.cause).toMatchObject({ over: 'captures', capturesASecond: 4000 });
  });

  test('judges by rate: the same captures over a longer window are fewer a second', () => {
    expect(new Governor(MS, THOUSAND).next(captures(4000, 4))).toBe(MS);
    expect(new Governor(MS, THOUSAND).next(captures(4000, 0.25))).toBe(16 * MS);
  });

  test('an excess of a hair is a step too, or it would take minutes where waits are longer than tau', () => {
    expect(new Governor(MS, THOUSAND).next(captures(1001))).toBe(1.5 * MS);
  });

  test('starts from 1 us when exact was asked for', () => {
    expect(new Governor(0, THOUSAND).next(captures(2000))).toBe(2_500);
  });

  test('falls back to what was asked for, and no further, and has no cause then', () => {
    const governor = new Governor(MS, THOUSAND);
    governor.next(captures(3200));
    expect(governor.next(captures(100))).toBe(2 * MS);
    expect(governor.next(captures(100))).toBe(MS);
    expect(governor.next(captures(0))).toBe(MS);
    expect(governor.isGoverning).toBe(false);
    expect(governor.cause).toBeUndefined();
  });

  test('falls to exact from a microsecond', () => {
    const governor = new Governor(0, THOUSAND);
    governor.next(captures(2000));
    expect([governor.next(captures(0)), governor.next(captures(0))]).toEqual([1250, 0]);
  });

  test('holds where half of tau could take captures near the budget', () => {
    const governor = new Governor(MS, THOUSAND);
    governor.next(captures(4000));
    expect(governor.next(captures(600))).toBe(5 * MS);
    expect(governor.next(captures(400))).toBe(5 * MS);
  });

  test('never passes the maximum, however high the storm', () => {
    const governor = new Governor(MS, THOUSAND);
    for (let i = 0; i < 20; i++) governor.next(captures(1e9));
    expect(governor.tauNs).toBe(MAX_TAU_NS);
  });
});

describe('the governor and the CPU time of the agent', () => {
  test('a burst, such as new stacks to name, is no storm', () => {
    const governor = new Governor(MS);
    for (const share of [0.3, 0.3, 0.01, 0.3, 0.3, 0.3, 0.3, 0.01]) governor.next(cpu(share));
    expect(governor.isGoverning).toBe(false);
  });

  test('raises tau after five seconds over budget, by the least excess of them, and says why', () => {
    const governor = new Governor(MS);
    for (const share of [0.05, 0.9, 0.04, 0.05]) expect(governor.next(cpu(share))).toBe(MS);
    expect(governor.next(cpu(0.06))).toBe(2.5 * MS);
    expect(governor.cause).toMatchObject({ over: 'agent-cpu', agentCpuShare: 0.06 });
  });

  test('gives a raise time to show before the next', () => {
    const governor = new Governor(MS);
    for (let i = 0; i < 5; i++) governor.next(cpu(0.05));
    const raised = governor.tauNs;
    for (let i = 0; i < 4; i++) expect(governor.next(cpu(0.05))).toBe(raised);
    expect(governor.next(cpu(0.05))).toBeGreaterThan(raised);
  });

  test('five seconds are twenty windows of a quarter', () => {
    const governor = new Governor(MS);
    const window = { captures: 2200, agentCpuNs: 0.04 * 0.25e9, seconds: 0.25 };
    for (let i = 0; i < 19; i++) expect(governor.next(window)).toBe(MS);
    expect(governor.next(window)).toBeGreaterThan(MS);
  });

  test('does not raise tau for what captures cannot be the cause of', () => {
    const governor = new Governor(MS);
    for (let i = 0; i < 60; i++) governor.next(cpu(0.5, 1900));
    expect(governor.isGoverning).toBe(false);
  });

  test('falls although the agent is over budget, once captures cannot be the cause of it', () => {
    const governor = new Governor(MS);
    governor.next(captures(200_000));
    for (let i = 0; i < 10; i++) governor.next(cpu(0.5, 100));
    expect(governor.tauNs).toBe(MS);
  });

  test('where half of tau might cost too much it is tried, each time later when that was so', () => {
    const governor = new Governor(MS);
    governor.next(captures(200_000));
    const high = governor.tauNs;
    const falls: number[] = [];
    // At the raised tau the agent is within its budget, below it never.
    for (let second = 1; second <= 1200; second++) {
      const before = governor.tauNs;
      governor.next(cpu(before >= high ? 0.015 : 0.03, 3900));
      if (governor.tauNs < before) falls.push(second);
    }
    const pauses = falls.slice(1).map((second, i) => second - falls[i]!);
    expect(falls[0]).toBe(2);
    expect(falls.length).toBeGreaterThan(5);
    expect(falls.length).toBeLessThan(20);
    expect(Math.max(...pauses)).toBeGreaterThan(200);
  });

  test('a load that goes on costing the agent what captures are not the cause of does not keep tau up', () => {
    const governor = new Governor(MS);
    governor.next(captures(200_000));
    const raised = governor.tauNs;
    // As many captures at any tau: waits so long that all are captured.
    for (let second = 0; second < 4; second++) governor.next(cpu(0.05, 1900));
    expect(governor.tauNs).toBeLessThan(raised);
    for (let second = 0; second < 60; second++) governor.next(cpu(0.05, 1900));
    expect(governor.tauNs).toBe(MS);
  });

  test('a trial that holds brings tau back', () => {
    const governor = new Governor(MS);
    governor.next(captures(200_000));
    for (let second = 0; second < 200; second++) governor.next(cpu(0.015, 3900));
    expect(governor.tauNs).toBe(MS);
  });
});

describe('under a constant load', () => {
  interface Load {
    /** Rates of intervals by their length. */
    intervals: { aSecond: number; ns: number }[];
    baseCpuShare: number;
    agentNsACapture: number;
  }

  function randomLoad(random: Random): Load {
    const intervals = Array.from({ length: random.integer(1, 4) }, () => ({
      aSecond: 10 ** (random.next() * 6),
      ns: 10 ** (3 + random.next() * 5),
    }));
    return {
      intervals,
      baseCpuShare: random.next() * 0.03,
      agentNsACapture: random.next() * 5000,
    };
  }

  function costAt(load: Load, tauNs: number, seconds: number, random: Random) {
    const aSecond = load.intervals.reduce(
      (sum, { aSecond, ns }) => sum + aSecond * (tauNs === 0 ? 1 : Math.min(1, ns / tauNs)),
      0,
    );
    const noise = () => 0.9 + 0.2 * random.next();
    const captures = Math.round(aSecond * seconds * noise());
    const share = load.baseCpuShare + (captures / seconds) * load.agentNsACapture * 1e-9;
    return { captures, agentCpuNs: share * noise() * seconds * 1e9, seconds };
  }

  test('tau comes to rest: hours of it have few steps down, within budget wherever tau can bring it there', () => {
    let governedLoads = 0;
    checkSeeds(300, (random) => {
      const load = randomLoad(random);
      const seconds = random.chance(0.5) ? 1 : 0.25;
      const governor = new Governor(random.chance(0.3) ? 0 : MS);
      let falls = 0;
      let overBudget = 0;
      const windows = 7200 / seconds;
      const settled = 120 / seconds;
      for (let i = 0; i < windows; i++) {
        const before = governor.tauNs;
        const cost = costAt(load, before, seconds, random);
        if (i > settled && before < MAX_TAU_NS && cost.captures / seconds > DEFAULT_CAPTURES_A_SECOND * 1.05)
          overBudget++;
        if (governor.next(cost) < before && i > settled) falls++;
      }
      if (governor.isGoverning) governedLoads++;
      // Trials after 2, 4, … 600 s: some twenty in two hours, of at most three falls before the agent has been over budget
      // for five seconds.
      expect(falls).toBeLessThanOrEqual(60);
      expect(overBudget).toBe(0);
    });
    expect(governedLoads).toBeGreaterThan(30);
  });
});
