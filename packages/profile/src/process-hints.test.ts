import { describe, expect, test } from 'vitest';
import { HINT_WORDS, HINTS } from './hints.js';
import { NONE, UNNAMED } from './kinds.js';
import { groupHints, ProcessHints } from './process-hints.js';
import { appendRow, emptyWindow } from './rows.js';
import { ProfileTables } from './tables.js';
import { sharesByReason, UNNAMED_WORDS } from './unnamed-words.js';

function windowOf(tables: ProfileTables, processes: [tgid: number, hint: string, ns: number][]) {
  const window = emptyWindow({});
  for (const [tgid, hint, ns] of processes) {
    window.processes.tgid.push(tgid);
    window.processes.hint.push(tables.internString(hint));
    appendRow(window.rows, {
      ...{ tgid, tid: tgid, comm: tables.internString('a'), cgroup: 0, kind: 0, state: 1, userStack: NONE },
      ...{
        kernelStack: NONE,
        chain: NONE,
        bucket: 0,
        slice: 0,
        captures: 1,
        estimatedCount: 1,
        estimatedNs: ns,
      },
      varianceNs2: 0,
    });
  }
  return window;
}

describe('hints', () => {
  test('of processes in view, most time first, as windows said last', () => {
    const tables = new ProfileTables();
    const hints = new ProcessHints();
    const window = windowOf(tables, [
      [1, 'python-perf', 5],
      [2, '', 50],
      [3, 'java-too-old', 7],
      [4, 'of a newer agent', 9],
      [5, 'node-perf-basic-prof', 1],
    ]);
    hints.add(tables, window.processes);
    const of = (query = {}, max = 9) =>
      hints
        .of(tables, window.rows, { view: 'off-cpu', kinds: ['blocked'], ...query }, (tgid) => `p${tgid}`, max)
        .map(({ tgid, name, hint }) => `${tgid} ${name} ${hint}`);
    expect(of()).toEqual(['3 p3 java-too-old', '1 p1 python-perf', '5 p5 node-perf-basic-prof']);
    expect(of({}, 1)).toEqual(['3 p3 java-too-old']);
    expect(of({ tgids: [5, 2] })).toEqual(['5 p5 node-perf-basic-prof']);
    expect(of({ kinds: ['runq'] })).toEqual([]);
    hints.add(tables, windowOf(tables, [[3, '', 7]]).processes);
    expect(of()).toEqual(['1 p1 python-perf', '5 p5 node-perf-basic-prof']);
  });

  test('processes of one hint are told together, with the reason that it is about', () => {
    const of = (tgid: number, hint: (typeof HINTS)[number]) => ({ tgid, name: `p${tgid}`, hint });
    expect(
      groupHints([
        of(1, 'python-perf'),
        of(2, 'java-too-old'),
        of(3, 'python-perf'),
        of(4, 'java-frame-pointers'),
      ]),
    ).toEqual([
      { hint: 'python-perf', reason: null, processes: [1, 3].map((tgid) => ({ tgid, name: `p${tgid}` })) },
      { hint: 'java-too-old', reason: 'no-perf-map', processes: [{ tgid: 2, name: 'p2' }] },
      { hint: 'java-frame-pointers', reason: 'stack-broken', processes: [{ tgid: 4, name: 'p4' }] },
    ]);
  });

  test('each has words, and so has each reason for which a frame has no name', () => {
    for (const hint of HINTS) expect(HINT_WORDS[hint].what && HINT_WORDS[hint].remedy).not.toBe('');
    for (const reason of UNNAMED) {
      if (reason !== 'named') expect(UNNAMED_WORDS[reason].why && UNNAMED_WORDS[reason].remedy).not.toBe('');
    }
  });

  test('shares by reason, the largest first', () => {
    const shares = { 'no-symbol': 0.01, 'stack-broken': 0.2, 'process-gone': 0 };
    expect(sharesByReason(shares).map(({ reason }) => reason)).toEqual(['stack-broken', 'no-symbol']);
    expect(sharesByReason({})).toEqual([]);
  });
});
