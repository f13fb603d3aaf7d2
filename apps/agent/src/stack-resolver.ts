/**
 * Owns the way from content hashes in the kernel's maps to ids in `ProfileTables`: reads each stack, link and chain once,
 * names its frames, and remembers the result.
 *
 *     row.chain ──▶ { links: [a, b] } ──▶ ChainNode(a, parent: ChainNode(b, end))
 *
 * Invariant: a hash means the same content for ever, so a cached id stays right as long as the tables live. User stacks
 * are addresses and depend on the process, so they are cached by process; a process that has exec'd is forgotten.
 * Everything cached is bounded: when a cache passes its bound the entries least recently used go.
 */
import {
  CHAIN_ENDS,
  type ChainEndCode,
  FRAME_KINDS,
  type FrameKind,
  type FrameKindCode,
  type LossCounts,
  NONE,
  type ProfileTables,
  SPACES,
  type SpaceCode,
  TableImporter,
  UNNAMED,
  type Unnamed,
  type UnnamedCode,
} from '@stallscope/profile';
import { BoundedCache, RecentCache, type StackEnd } from '@stallscope/symbols';
import type { KernelId, RawChain, RawLink } from './sched-records.js';

export interface NamedFrame {
  name: string;
  module: string;
  unnamed: Unnamed;
  kind: FrameKind;
}

/** How addresses get names; the real one reads kallsyms and ELF tables, tests give their own. */
export interface FrameNames {
  kernelFrame(address: bigint): NamedFrame;
  userFrame(tgid: number, address: bigint): NamedFrame;
  /** Functions that are inlined into the one at this address, innermost first; absent where nobody asked for them. */
  inlinedFrames?(tgid: number, address: bigint): readonly NamedFrame[];
  /** Drops the frames of the measuring itself from the leaf side. Names leaf first. */
  trimMeasuringFrames(namesLeafFirst: readonly string[]): number;
  /** Whether a user stack was walked to its root. Leaf first, as they were named. */
  stackEnd(framesLeafFirst: readonly NamedFrame[]): StackEnd;
  /** What interrupted: `timer`, `block completion`, … Names leaf first. */
  interruptName(namesLeafFirst: readonly string[]): string;
  /** Changes when the addresses of a process no longer mean what they meant (exec, tgid used again). */
  processGeneration(tgid: number): number;
}

/** What stands for the frames that a walk did not come to, so that they are counted and seen. */
const MISSING_ROOTS: Readonly<Record<StackEnd, NamedFrame | undefined>> = {
  whole: undefined,
  unknown: undefined,
  broken: { name: '[stack broken]', module: '', unnamed: 'stack-broken', kind: 'native' },
  truncated: { name: '[stack truncated]', module: '', unnamed: 'stack-truncated', kind: 'native' },
};

/** Reads one entry of the probe's maps; undefined when it is not there. */
export interface KernelTables {
  stack(id: KernelId): BigUint64Array | undefined;
  link(id: KernelId): RawLink | undefined;
  chain(id: KernelId): RawChain | undefined;
}

/** Four times the kernel's default map: what was deleted there may still be named by a task that has slept since. */
const MAX_CACHED = 65_536;

const SPACE_USER = SPACES.indexOf('user') as SpaceCode;
const SPACE_KERNEL = SPACES.indexOf('kernel') as SpaceCode;
const END_LINKED = CHAIN_ENDS.indexOf('linked') as ChainEndCode;
const END_INTERRUPT = CHAIN_ENDS.indexOf('interrupt') as ChainEndCode;
const END_UNSAMPLED = CHAIN_ENDS.indexOf('unsampled') as ChainEndCode;

interface ResolvedLink {
  tgid: number;
  tid: number;
  comm: number;
  userStack: number;
  kernelStack: number;
  isInterrupt: boolean;
}

interface ProcessStacks {
  generation: number;
  stacks: Map<KernelId, number>;
}

/** Processes whose stacks are remembered, and stacks of each: together about as much as MAX_CACHED in practice. */
const MAX_PROCESSES = 1_024;
const MAX_STACKS_A_PROCESS = 4_096;

/** What a record of the kernel has of user stacks: its own, and those of wakers. */
export interface SeenStacks {
  tgid: number;
  userStack: KernelId;
  chain?: KernelId;
}

export class StackResolver {
  readonly #kernel: KernelTables;
  readonly #names: FrameNames;
  readonly #tables: ProfileTables;
  readonly #kernelStacks = new RecentCache<KernelId, number>(MAX_CACHED);
  readonly #kernelFrames = new RecentCache<bigint, number>(MAX_CACHED);
  readonly #processes = new BoundedCache<number, ProcessStacks>(MAX_PROCESSES);
  readonly #links = new RecentCache<KernelId, ResolvedLink>(MAX_CACHED);
  readonly #chains = new RecentCache<KernelId, number>(MAX_CACHED);
  /** Processes looked up since the window began. */
  readonly #ofWindow = new Map<number, ProcessStacks>();
  /** Until `forgetPredecessor`. */
  #predecessor: { resolver: StackResolver; importer: TableImporter } | undefined;
  #losses: LossCounts = {};

  /**
   * @param predecessor of the tables that these follow. A thread that has slept for long names stacks that the kernel's
   *   maps may have lost since; what is known of those is carried over when it is asked for.
   */
  constructor(tables: ProfileTables, kernel: KernelTables, names: FrameNames, predecessor?: StackResolver) {
    this.#tables = tables;
    this.#kernel = kernel;
    this.#names = names;
    if (predecessor === undefined) return;
    this.#predecessor = { resolver: predecessor, importer: new TableImporter(predecessor.#tables, tables) };
    predecessor.#predecessor = undefined;
  }

  /** Frees the tables before. After a window: it has named every open wait, and with them all that can be old. */
  forgetPredecessor(): void {
    this.#predecessor = undefined;
  }

  /** From here on processes are looked at again: one that has exec'd is another. Within a window they are not. */
  beginWindow(): void {
    this.#ofWindow.clear();
  }

  /** What could not be found since the last call. */
  takeLosses(): LossCounts {
    const losses = this.#losses;
    this.#losses = {};
    return losses;
  }

  /** @returns a stack id, NONE for hash 0 and for a stack that is not there (counted). */
  kernelStack(id: KernelId): number {
    if (id === 0n) return NONE;
    const known = this.#kernelStacks.get(id);
    if (known !== undefined) return known;
    const stack = this.#carriedOver((before) => before.#kernelStacks.get(id)) ?? this.#readKernelStack(id);
    if (stack !== NONE) this.#kernelStacks.set(id, stack);
    return stack;
  }

  userStack(tgid: number, id: KernelId): number {
    if (id === 0n) return NONE;
    const process = this.#process(tgid);
    const known = process.stacks.get(id);
    if (known !== undefined) return known;
    const carried = this.#carriedOver((before) => {
      const then = before.#processes.get(tgid);
      return then?.generation === process.generation ? then.stacks.get(id) : undefined;
    });
    const stack = carried ?? this.#readUserStack(tgid, id);
    if (stack === NONE) return NONE;
    if (process.stacks.size >= MAX_STACKS_A_PROCESS) process.stacks.clear();
    process.stacks.set(id, stack);
    return stack;
  }

  #carriedOver(known: (before: StackResolver) => number | undefined): number | undefined {
    if (this.#predecessor === undefined) return undefined;
    const stack = known(this.#predecessor.resolver);
    return stack === undefined ? undefined : this.#predecessor.importer.stack(stack);
  }

  #readKernelStack(id: KernelId): number {
    const addresses = this.#readStack(id);
    return addresses === undefined ? NONE : this.#internKernelFrames(addresses);
  }

  #readUserStack(tgid: number, id: KernelId): number {
    const addresses = this.#readStack(id);
    if (addresses === undefined) return NONE;
    const lookedUp = toLookedUp(addresses);
    const leafFirst = lookedUp.map((address) => this.#names.userFrame(tgid, address));
    const missing = MISSING_ROOTS[this.#names.stackEnd(leafFirst)];
    if (missing !== undefined) {
      // What a walk that went astray took for return addresses is no frame.
      while (leafFirst.at(-1)?.unnamed === 'no-mapping') leafFirst.pop();
      leafFirst.push(missing);
    }
    return this.#tables.internFrames(
      this.#withInlined(tgid, lookedUp, leafFirst)
        .map((frame) => this.#internFrame(frame, SPACE_USER))
        .reverse(),
    );
  }

  /** `leafFirst` may have lost its last frames, or end in one that stands for others. */
  #withInlined(
    tgid: number,
    lookedUp: readonly bigint[],
    leafFirst: readonly NamedFrame[],
  ): readonly NamedFrame[] {
    if (this.#names.inlinedFrames === undefined) return leafFirst;
    return leafFirst.flatMap((frame, i) => {
      const address = lookedUp[i];
      const isOfCode = address !== undefined && frame.unnamed === 'named';
      return isOfCode ? [...this.#names.inlinedFrames!(tgid, address), frame] : [frame];
    });
  }

  /** Addresses, as they are looked up, of user stacks that are not named yet, those of wakers among them; with repeats. */
  *newUserAddresses(seen: Iterable<SeenStacks>): Generator<{ tgid: number; address: bigint }> {
    const stacks = new Set<string>();
    const chains = new Set<KernelId>();
    const take = (tgid: number, id: KernelId): readonly bigint[] => {
      const key = `${tgid} ${id}`;
      if (id === 0n || stacks.has(key) || this.#process(tgid).stacks.has(id)) return [];
      stacks.add(key);
      const addresses = this.#kernel.stack(id);
      return addresses === undefined ? [] : toLookedUp(addresses);
    };
    for (const { tgid, userStack, chain = 0n } of seen) {
      for (const address of take(tgid, userStack)) yield { tgid, address };
      if (chain === 0n || chains.has(chain) || this.#chains.get(chain) !== undefined) continue;
      chains.add(chain);
      for (const id of this.#kernel.chain(chain)?.links ?? []) {
        const link = this.#kernel.link(id);
        if (link === undefined) continue;
        for (const address of take(link.tgid, link.userStack)) yield { tgid: link.tgid, address };
      }
    }
  }

  /** @returns a chain id, NONE for hash 0 and for a chain that is not there (counted). */
  chain(id: KernelId): number {
    if (id === 0n) return NONE;
    const known = this.#chains.get(id);
    if (known !== undefined) return known;
    const raw = this.#kernel.chain(id);
    if (raw === undefined) {
      this.#lose('chain-unknown');
      return NONE;
    }
    let parent = NONE;
    let end = raw.end as ChainEndCode;
    for (let i = raw.links.length - 1; i >= 0; i--) {
      const link = this.#link(raw.links[i]!);
      if (link === undefined) {
        // What was behind it stays right, but nothing can be hung on a waker that is not known.
        parent = NONE;
        end = END_UNSAMPLED;
        continue;
      }
      const { isInterrupt, ...waker } = link;
      parent = this.#tables.internChain({ ...waker, parent, end: isInterrupt ? END_INTERRUPT : end });
      end = END_LINKED;
    }
    this.#chains.set(id, parent);
    return parent;
  }

  #link(id: KernelId): ResolvedLink | undefined {
    const known = this.#links.get(id);
    if (known !== undefined) return known;
    const raw = this.#kernel.link(id);
    if (raw === undefined) {
      this.#lose('chain-unknown');
      return undefined;
    }
    const kernelStack = this.kernelStack(raw.kernelStack);
    const link: ResolvedLink = {
      tgid: raw.tgid,
      tid: raw.tid,
      comm: this.#tables.internString(raw.isInterrupt ? `[${this.#interruptName(kernelStack)}]` : raw.comm),
      userStack: this.userStack(raw.tgid, raw.userStack),
      kernelStack,
      isInterrupt: raw.isInterrupt,
    };
    this.#links.set(id, link);
    return link;
  }

  #interruptName(kernelStack: number): string {
    return this.#names.interruptName(
      this.#tables.framesLeafFirst(kernelStack).map((f) => this.#tables.frameLabel(f)),
    );
  }

  #process(tgid: number): ProcessStacks {
    const seen = this.#ofWindow.get(tgid);
    if (seen !== undefined) return seen;
    const generation = this.#names.processGeneration(tgid);
    let process = this.#processes.get(tgid);
    if (process === undefined || process.generation !== generation) {
      process = { generation, stacks: new Map<KernelId, number>() };
      this.#processes.set(tgid, process);
    }
    this.#ofWindow.set(tgid, process);
    return process;
  }

  #readStack(id: KernelId): BigUint64Array | undefined {
    const addresses = this.#kernel.stack(id);
    if (addresses === undefined) this.#lose('stack-unknown');
    return addresses;
  }

  #internKernelFrames(addresses: BigUint64Array): number {
    const labels: string[] = [];
    const frames: number[] = [];
    for (let i = 0; i < addresses.length; i++) {
      const frame = this.#kernelFrame(i === 0 ? addresses[i]! : addresses[i]! - 1n);
      frames.push(frame);
      labels.push(this.#tables.frameLabel(frame));
    }
    return this.#tables.internFrames(frames.slice(this.#names.trimMeasuringFrames(labels)).reverse());
  }

  #kernelFrame(address: bigint): number {
    const known = this.#kernelFrames.get(address);
    if (known !== undefined) return known;
    const frame = this.#internFrame(this.#names.kernelFrame(address), SPACE_KERNEL);
    this.#kernelFrames.set(address, frame);
    return frame;
  }

  #internFrame(frame: NamedFrame, space: SpaceCode): number {
    return this.#tables.internFrame({
      name: this.#tables.internString(frame.name),
      module: this.#tables.internString(frame.module),
      space,
      unnamed: UNNAMED.indexOf(frame.unnamed) as UnnamedCode,
      kind: FRAME_KINDS.indexOf(frame.kind) as FrameKindCode,
    });
  }

  #lose(loss: keyof LossCounts): void {
    this.#losses[loss] = (this.#losses[loss] ?? 0) + 1;
  }
}

/** A return address points behind its call, which may be the first byte of the next function. The leaf is exact. */
function toLookedUp(addresses: BigUint64Array): bigint[] {
  return Array.from(addresses, (address, i) => (i === 0 ? address : address - 1n));
}
