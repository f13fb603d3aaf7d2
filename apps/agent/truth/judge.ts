/**
 * Owns the judgement of one traced run: what was seen beside what is known. Pure.
 *
 * Times are known from two sides. By construction: a wait is no shorter than what was asked for and no longer than what
 * it took by the workload's own clock. By the kernel's own accounting of each thread, in which no tracer has a part:
 *
 *     off CPU = elapsed − on CPU        waiting for a CPU = run delay        blocked = off CPU − run delay
 *
 * A wait whose wake and switch were both where no BPF program runs is lost, and counted. Such a wait weighs what the waits
 * of its thread weigh on average: `allowance`. More waits than were counted as lost are never excused.
 */
import type { Expectations, ExpectedWait, Known, KnownThread, KnownWaker, WaitPlace } from './known.js';
import type { Seen, SeenThread, SeenWait, SeenWaker } from './seen.js';

export interface Finding {
  what: string;
  unit: 'ns' | 'count';
  /** What is known; where that is a range, its value nearest to `seen`. */
  truth: number;
  seen: number;
  /** (seen − truth) / truth; 0 when both are 0. */
  error: number;
  /** Share of truth that may be wrong. */
  tolerance: number;
  /** Of `truth`, in its unit: what the losses that were counted explain, and the resolution of the clocks. */
  allowance: number;
  /** |seen − truth| in standard errors as the run itself states them; null when it samples nothing. */
  standardErrors: number | null;
  passed: boolean;
  /** What the kernel's account has, where `truth` is held from one side only. */
  accounted?: number;
  /** What was seen and should not have been: chains, nearest waker first. At most three. */
  examples?: readonly string[];
}

/** Exact totals: the promise. */
const TIME_TOLERANCE = 0.01;
/** Four standard errors: one finding in 16,000 by chance. */
const MAX_STANDARD_ERRORS = 4;
/**
 * The kernel stamps a switch or a wake a little before its tracepoint runs, and a thread is already awake when it reads the
 * clock: microseconds a wait, on either side, of which this much does not cancel.
 */
const CLOCK_NS_A_WAIT = 2_000;
/** Opening and closing an account reads four clocks, one after the other, a file among them. */
const ACCOUNT_NS = 100_000;
/** Chains are handed on: what was lost of one wake is missing in the chains of all that come of it, until they are this long. */
const LINKS_A_LOSS = 16;
/**
 * A wake that overtakes its target's way to sleep is not captured, so that what woke a waker may not be known though
 * nothing was lost. It takes two CPUs and a microsecond: seldom one wait in a thousand.
 */
const EARLY_WAKES = 0.005;
/** What a hypervisor takes from a thread that runs is in no account of the kernel's, a tenth of a percent on a calm host. */
const STOLEN_SHARE = 0.001;
/** What is rare may happen twice in a short run. */
const RARE_WAITS = 2;

export function judge(expectations: Expectations, known: Known, seen: Seen): Finding[] {
  const findings: Finding[] = [];
  const isExact = seen.tauNs === 0;
  for (const expected of expectations.waits) findings.push(...judgeWakers(expected, known, seen, isExact));
  if (expectations.innocent !== undefined) {
    const { innocent, waits } = expectations;
    const blamed = seen.waits.filter(
      (wait) =>
        waits.some((expected) => isOf(expected, wait)) && wait.wakers.some(({ comm }) => innocent.test(comm)),
    );
    findings.push(wrongFinding('innocent threads blamed', blamed));
  }
  for (const place of expectations.bounds ?? []) findings.push(...judgeBounds(place, known, seen));
  if (expectations.threads && isExact) findings.push(...judgeThreads(known, seen));
  if (!isExact) findings.push(judgeSampling(seen));
  return findings;
}

/** For a test's message: what failed, in a line each. */
export function failuresOf(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ passed }) => !passed)
    .map(
      ({ what, truth, seen, error, tolerance, allowance, standardErrors, examples = [] }) =>
        `${what}: saw ${seen}, known ${truth}, off by ${(100 * error).toFixed(2)} %` +
        `${standardErrors === null ? '' : ` or ${standardErrors.toFixed(1)} standard errors`}` +
        `; allowed ${(100 * tolerance).toFixed(1)} % and ${Math.round(allowance)} by losses` +
        examples.map((example) => `\n  ${example}`).join(''),
    );
}

function judgeWakers(expected: ExpectedWait, known: Known, seen: Seen, isExact: boolean): Finding[] {
  const where = labelOf(expected);
  const waits = seen.waits.filter((wait) => wait.kind === 'blocked' && isOf(expected, wait));
  const total = captures(waits);
  const those = (verdict: Verdict): SeenWait[] =>
    waits.filter((wait) => verdictOf(wait, expected) === verdict);
  const of = (verdict: Verdict): number => captures(those(verdict));
  const lost = lostWaits(seen);
  const slept = sumOf(known, expected, (wait) => (wait.slept > 0 ? wait.slept : wait.count));
  const broken = sumOf(known, expected, (wait) => (wait.whole > 0 ? wait.slept - wait.whole : 0));
  const findings = [
    wrongFinding(`wrong wakers of ${where}`, those('wrong')),
    wrongFinding(`unknown wakers of ${where}`, those('unknown'), lost),
    countFinding(
      `short chains of ${where}`,
      0,
      of('short'),
      broken + expected.shortShare * total + lost * LINKS_A_LOSS,
    ),
    // That there was anything to judge. A chain of sampled waits is whole only as far as all its waits were captured.
    isExact
      ? countFinding(`whole chains of ${where}`, Math.max(1, of('whole')), of('whole'), 0)
      : countFinding(
          `known wakers of ${where}`,
          Math.max(1, total - of('unknown')),
          total - of('unknown'),
          0,
        ),
  ];
  const mostRare = Math.max(0, ...expected.wakers.flat().map(atMostOf));
  if (mostRare > 0) {
    const allowed = Math.max(RARE_WAITS, mostRare * total);
    findings.push(wrongFinding(`rare wakers of ${where}`, those('rare'), allowed));
  }
  if (isExact) {
    findings.push(
      wrongFinding(
        `chains of ${where} that break off`,
        those('unsampled'),
        lost * LINKS_A_LOSS + EARLY_WAKES * total,
      ),
    );
  }
  if (isExact && !expected.isCountOpen) {
    // A wake that overtakes the switch leaves a block without length: never counted as one, and rare.
    findings.push(countFinding(`waits of ${where}`, slept, total, Math.max(1, 0.01 * slept) + lost));
  }
  return findings;
}

type Verdict = 'whole' | 'short' | 'unknown' | 'unsampled' | 'wrong' | 'rare';

function verdictOf({ wakers, end }: SeenWait, expected: ExpectedWait): Verdict {
  if (wakers.length === 0) return 'unknown';
  const levels = expected.wakers;
  for (const [level, waker] of wakers.entries()) {
    const those = levels[level] ?? expected.beyond ?? [];
    if (those === 'anyone') break;
    const found = those.filter((known) => isWaker(known, waker));
    if (found.length === 0) return 'wrong';
    if (found.every((known) => atMostOf(known) > 0)) return 'rare';
  }
  if (wakers.length >= levels.length || end === 'interrupt') return 'whole';
  return end === 'unsampled' ? 'unsampled' : 'short';
}

/** 0 where it is not rare. */
function atMostOf(known: KnownWaker): number {
  return 'atMost' in known ? (known.atMost ?? 0) : 0;
}

function isWaker(known: KnownWaker, waker: SeenWaker): boolean {
  if ('interrupt' in known) return waker.isInterrupt && waker.comm === `[${known.interrupt}]`;
  if (waker.isInterrupt || !matchesName(known.comm, waker.comm)) return false;
  return known.in === undefined || waker.frames.has(known.in);
}

function judgeBounds(expected: WaitPlace, known: Known, seen: Seen): Finding[] {
  const waits = seen.waits.filter((wait) => isOf(expected, wait));
  const blocked = waits.filter(({ kind }) => kind === 'blocked');
  const count = sumOf(known, expected, (wait) => wait.count);
  const askedNs = sumOf(known, expected, (wait) => wait.askedNs);
  const tookNs = sumOf(known, expected, (wait) => wait.tookNs);
  const lostNs = (lostWaits(seen) * tookNs) / Math.max(1, count);
  const where = labelOf(expected);
  const findings: Finding[] = [];
  if (askedNs > 0) {
    const seenNs = timeOf(blocked);
    findings.push(
      timeFinding(`blocked at least as asked: ${where}`, Math.max(askedNs, seenNs), blocked, seen, {
        allowance: lostNs + CLOCK_NS_A_WAIT * count,
        count,
      }),
    );
  }
  findings.push(
    timeFinding(`off CPU at most as it took: ${where}`, Math.min(tookNs, timeOf(waits)), waits, seen, {
      allowance: 0,
      count,
    }),
  );
  return findings;
}

function judgeThreads(known: Known, seen: Seen): Finding[] {
  const sums = { blocked: [0, 0], waiting: [0, 0], off: [0, 0] };
  let lostNs = 0;
  let blocks = 0;
  let elapsedNs = 0;
  const findings: Finding[] = [];
  const byThread = new Map<string, KnownThread[]>();
  for (const account of known.threads) {
    const key = `${account.tgid} ${account.tid}`;
    byThread.set(key, [...(byThread.get(key) ?? []), account]);
  }
  let lostLeft = lostWaits(seen);
  for (const [key, accounts] of byThread) {
    const thread = seen.threads.get(key) ?? NOT_SEEN;
    const sum = (read: (account: KnownThread) => number): number =>
      accounts.reduce((total, account) => total + read(account), 0);
    const offNs = sum(({ elapsedNs, cpuNs }) => elapsedNs - cpuNs);
    const blockedNs = offNs - sum(({ queuedNs }) => queuedNs);
    const count = sum((account) => account.blocks);
    const missing = Math.min(lostLeft, Math.max(0, count - thread.blockedCount));
    lostLeft -= missing;
    lostNs += (missing * blockedNs) / Math.max(1, count);
    blocks += count;
    elapsedNs += sum((account) => account.elapsedNs);
    sums.blocked[0]! += blockedNs;
    sums.blocked[1]! += thread.blockedNs;
    // What it waited for its first CPU is no part of its account, and is seen.
    const born = Math.max(...accounts.map(({ bornQueuedNs }) => bornQueuedNs));
    sums.waiting[0]! += born;
    sums.waiting[1]! += thread.runqNs + thread.preemptedNs;
    sums.off[0]! += blockedNs + born;
    sums.off[1]! += thread.blockedNs + thread.runqNs + thread.preemptedNs;
    const rowsNs = timeOf(seen.waits.filter(({ tgid, tid }) => `${tgid} ${tid}` === key));
    const name = accounts[0]!.name;
    findings.push(
      exactFinding(
        `rows of ${name} beside its counters`,
        thread.blockedNs + thread.runqNs + thread.preemptedNs,
        rowsNs,
        0,
        0,
      ),
    );
  }
  const allowance = lostNs + CLOCK_NS_A_WAIT * blocks + ACCOUNT_NS * byThread.size + STOLEN_SHARE * elapsedNs;
  const [blockedNs, waitingNs, offNs] = [pair(sums.blocked), pair(sums.waiting), pair(sums.off)];
  const accounted = { blocked: blockedNs[0], waiting: waitingNs[0], off: offNs[0] };
  if (blocks > 0) {
    // A thread may wait for a CPU once more when its account is closed; what is too much shows where it waited.
    offNs[0] = Math.max(offNs[0], offNs[1]);
    // On its way to another CPU a woken task is neither blocked nor, by the kernel's account, in a run queue yet. That is
    // waiting for a CPU here, and blocked in what the kernel's account leaves over.
    blockedNs[0] = Math.min(...blockedNs);
    waitingNs[0] = Math.max(...waitingNs);
  }
  const total = (what: string, side: string, [truth, saw]: [number, number], account: number): Finding => ({
    ...exactFinding(`${what}${blocks > 0 ? side : ''}, all threads`, truth, saw, TIME_TOLERANCE, allowance),
    accounted: account,
  });
  return [
    total('blocked', ' at most', blockedNs, accounted.blocked),
    total('run-queue and preempted', ' at least', waitingNs, accounted.waiting),
    total('off CPU', ' at least', offNs, accounted.off),
    ...findings,
  ];
}

const NOT_SEEN: SeenThread = { blockedNs: 0, runqNs: 0, preemptedNs: 0, blockedCount: 0, runqCount: 0 };

/** All kinds of all threads: what the rows estimate beside what the counters have. */
function judgeSampling(seen: Seen): Finding {
  let truth = 0;
  for (const { blockedNs, runqNs, preemptedNs } of seen.threads.values())
    truth += blockedNs + runqNs + preemptedNs;
  return timeFinding('sampled total beside the exact counters', truth, seen.waits, seen, {
    allowance: 0,
    tolerance: 0,
  });
}

/**
 * A time that is summed from rows: exact when they are. The stated error of a sum of few captures is itself hardly known,
 * and too small just where too few were captured: where the number of waits is known it is at least what follows from
 * that, and one capture more is added.
 */
function timeFinding(
  what: string,
  truth: number,
  waits: readonly SeenWait[],
  { tauNs }: Seen,
  {
    allowance,
    tolerance = TIME_TOLERANCE,
    count = 0,
  }: { allowance: number; tolerance?: number; count?: number },
): Finding {
  const seen = timeOf(waits);
  if (tauNs === 0) return exactFinding(what, truth, seen, tolerance, allowance);
  const stated = waits.reduce((sum, { varianceNs2 }) => sum + varianceNs2, 0);
  // Of `count` waits of one length; where lengths differ it is less than this.
  const known = count === 0 ? 0 : truth * (tauNs - truth / count);
  const standardError = Math.sqrt(Math.max(stated, known) + tauNs ** 2);
  const off = Math.abs(seen - truth);
  return {
    ...exactFinding(what, truth, seen, tolerance, allowance),
    standardErrors: off / standardError,
    passed: seen > 0 && off <= tolerance * truth + allowance + MAX_STANDARD_ERRORS * standardError,
  };
}

function exactFinding(
  what: string,
  truth: number,
  seen: number,
  tolerance: number,
  allowance: number,
): Finding {
  const off = Math.abs(seen - truth);
  return {
    what,
    unit: 'ns',
    truth,
    seen,
    error: truth === 0 ? (seen === 0 ? 0 : 1) : (seen - truth) / truth,
    tolerance,
    allowance,
    standardErrors: null,
    passed: off <= tolerance * truth + allowance,
  };
}

function countFinding(what: string, truth: number, seen: number, allowance: number): Finding {
  return { ...exactFinding(what, truth, seen, 0, allowance), unit: 'count' };
}

/** Waits that the probe counted as seen in part or not at all. */
function lostWaits({ losses }: Seen): number {
  return (losses['wake-missed'] ?? 0) + (losses['switch-missed'] ?? 0);
}

function isOf({ comm, in: name, kernelFrame }: WaitPlace, wait: SeenWait): boolean {
  return matchesName(comm, wait.comm) && wait.frames.has(kernelFrame ?? name);
}

function sumOf(
  known: Known,
  { comm, in: name }: WaitPlace,
  read: (wait: KnownThread['waits'][number]) => number,
): number {
  let sum = 0;
  for (const thread of known.threads) {
    if (!matchesName(comm, thread.name)) continue;
    for (const wait of thread.waits) if (wait.in === name) sum += read(wait);
  }
  return sum;
}

function timeOf(waits: readonly SeenWait[]): number {
  return waits.reduce((sum, { ns }) => sum + ns, 0);
}

function wrongFinding(what: string, wrong: readonly SeenWait[], allowance = 0): Finding {
  const finding = countFinding(what, 0, captures(wrong), allowance);
  if (finding.passed) return finding;
  return {
    ...finding,
    examples: wrong.slice(0, 3).map(({ comm, wakers, end }) => {
      const chain = wakers.map((waker) => `${waker.comm} (${[...waker.frames].slice(0, 4).join(' < ')})`);
      return `${comm} <- ${chain.join(' <- ')} [${end}]`;
    }),
  };
}

function captures(waits: readonly SeenWait[]): number {
  return waits.reduce((sum, wait) => sum + wait.captures, 0);
}

function pair(values: number[]): [number, number] {
  return [values[0]!, values[1]!];
}

function matchesName(pattern: string | RegExp, name: string): boolean {
  return typeof pattern === 'string' ? pattern === name : pattern.test(name);
}

function labelOf({ comm, in: name }: WaitPlace): string {
  const who = typeof comm === 'string' ? comm : comm.source;
  return `${who} in ${name}`;
}
