/** Owns reading windows for the judge: every row with the names of its frames and of its wakers, and the exact counters by thread. */
import {
  CHAIN_ENDS,
  type ChainEnd,
  KINDS,
  type Kind,
  NONE,
  type ProfileTables,
  type ProfileWindow,
  rowCount,
  STATES,
  type State,
} from '@stallscope/profile';

export interface SeenWaker {
  /** The thread's name, or what interrupted, in brackets. */
  comm: string;
  isInterrupt: boolean;
  /** Names of its user frames. */
  frames: ReadonlySet<string>;
}

/** Intervals of one row; sums over them. */
export interface SeenWait {
  tgid: number;
  tid: number;
  comm: string;
  kind: Kind;
  state: State;
  /** Names of its user and kernel frames. */
  frames: ReadonlySet<string>;
  /** Nearest first; none when the waker is not known. */
  wakers: readonly SeenWaker[];
  /** Why the last waker is the last; 'unknown' when there is none. */
  end: ChainEnd | 'unknown';
  captures: number;
  ns: number;
  varianceNs2: number;
}

/** Exact, of one thread. */
export interface SeenThread {
  blockedNs: number;
  runqNs: number;
  preemptedNs: number;
  blockedCount: number;
  runqCount: number;
}

export interface Seen {
  waits: readonly SeenWait[];
  /** By `tgid tid`. */
  threads: ReadonlyMap<string, SeenThread>;
  losses: Readonly<Record<string, number>>;
  tauNs: number;
}

export function toSeen(
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
  losses: Readonly<Record<string, number>>,
): Seen {
  const framesOf = framesReader(tables);
  const chainOf = chainReader(tables, framesOf);
  const waits: SeenWait[] = [];
  const threads = new Map<string, SeenThread>();
  for (const { rows, threads: counters } of windows) {
    for (let i = 0; i < rowCount(rows); i++) {
      waits.push({
        tgid: rows.tgid[i]!,
        tid: rows.tid[i]!,
        comm: tables.strings[rows.comm[i]!]!,
        kind: KINDS[rows.kind[i]!]!,
        state: STATES[rows.state[i]!]!,
        frames: new Set([...framesOf(rows.userStack[i]!), ...framesOf(rows.kernelStack[i]!)]),
        ...chainOf(rows.chain[i]!),
        captures: rows.captures[i]!,
        ns: rows.estimatedNs[i]!,
        varianceNs2: rows.varianceNs2[i]!,
      });
    }
    for (const [i, tid] of counters.tid.entries()) {
      const key = `${counters.tgid[i]} ${tid}`;
      const sum = threads.get(key) ?? {
        blockedNs: 0,
        runqNs: 0,
        preemptedNs: 0,
        blockedCount: 0,
        runqCount: 0,
      };
      sum.blockedNs += counters.blockedNs[i]!;
      sum.runqNs += counters.runqNs[i]!;
      sum.preemptedNs += counters.preemptedNs[i]!;
      sum.blockedCount += counters.blockedCount[i]!;
      sum.runqCount += counters.runqCount[i]!;
      threads.set(key, sum);
    }
  }
  return { waits, threads, losses, tauNs: windows[0]?.tauNs ?? 0 };
}

function framesReader(tables: ProfileTables): (stack: number) => ReadonlySet<string> {
  const known = new Map<number, ReadonlySet<string>>();
  return (stack) => {
    let names = known.get(stack);
    if (names === undefined) {
      names = new Set(tables.framesLeafFirst(stack).map((frame) => tables.frameLabel(frame)));
      known.set(stack, names);
    }
    return names;
  };
}

function chainReader(
  tables: ProfileTables,
  framesOf: (stack: number) => ReadonlySet<string>,
): (chain: number) => Pick<SeenWait, 'wakers' | 'end'> {
  const known = new Map<number, Pick<SeenWait, 'wakers' | 'end'>>();
  return (chain) => {
    const found = known.get(chain);
    if (found !== undefined) return found;
    const wakers: SeenWaker[] = [];
    let end: ChainEnd | 'unknown' = 'unknown';
    for (let at = chain; at !== NONE; ) {
      const node = tables.chains[at]!;
      wakers.push({
        comm: tables.strings[node.comm]!,
        isInterrupt: node.tid === 0,
        frames: framesOf(node.userStack),
      });
      end = CHAIN_ENDS[node.end]!;
      at = end === 'linked' ? node.parent : NONE;
    }
    const read = { wakers, end };
    known.set(chain, read);
    return read;
  };
}
