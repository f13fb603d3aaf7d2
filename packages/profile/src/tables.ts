/**
 * Owns the dictionaries that rows point into: strings, frames, stacks, chains.
 * Append-only columns; an id is an index and never changes meaning within one `ProfileTables`.
 *
 * Stacks are a prefix tree, root first, so that shared prefixes are stored once:
 *
 *     main → read → vfs_read      stackPrefix  [-1, 0, 1]
 *     main → write                              [..., 0]
 *
 * Chains are the same shape over wakers: node = (waker, next waker behind it).
 * User frames differ by process, so a frame is (name, module, space, unnamed, kind), already named by the agent.
 */
import { type ChainEndCode, type FrameKindCode, NONE, type SpaceCode, type UnnamedCode } from './kinds.js';
import { WhoTable } from './who-table.js';

export interface Frame {
  /** Function name, or `module+0xoffset` when `unnamed` is not 0. String id. */
  name: number;
  /** Basename of the ELF file or kernel module, '' for the kernel itself. String id. */
  module: number;
  space: SpaceCode;
  unnamed: UnnamedCode;
  /** Absent: native. */
  kind?: FrameKindCode;
}

export interface ChainNode {
  /** 0 for an interrupt. */
  tgid: number;
  /** 0 for an interrupt. */
  tid: number;
  /** The waker's thread name, or `[timer]`, `[block completion]`, `[network receive]`, … for an interrupt. String id. */
  comm: number;
  /** Stack id or NONE. */
  userStack: number;
  /** Stack id or NONE; cut at the interrupt entry frame for an interrupt. */
  kernelStack: number;
  /** The next waker behind this one: chain id, or NONE when `end` is not `linked`. */
  parent: number;
  end: ChainEndCode;
}

export class ProfileTables {
  readonly strings: string[] = [''];
  /** Who the processes of the windows are that were added to whatever shows them. */
  readonly who = new WhoTable(this.strings);
  readonly frameName: number[] = [];
  readonly frameModule: number[] = [];
  readonly frameSpace: SpaceCode[] = [];
  readonly frameUnnamed: UnnamedCode[] = [];
  readonly frameKind: FrameKindCode[] = [];
  /** Stack id of the caller, or NONE at the root. */
  readonly stackPrefix: number[] = [];
  readonly stackFrame: number[] = [];
  readonly chains: ChainNode[] = [];

  readonly #stringIds = new Map<string, number>([['', 0]]);
  readonly #frameIds = new Map<string, number>();
  /** By prefix and frame in one number: a Map for each prefix would cost more than the stacks. */
  readonly #stackIds = new Map<number, number>();
  /** By hash of all fields: the newest node of that hash, the others behind it in #chainBefore. Text keys took 400 bytes. */
  readonly #chainIds = new Map<number, number>();
  readonly #chainBefore: number[] = [];

  internString(text: string): number {
    const known = this.#stringIds.get(text);
    if (known !== undefined) return known;
    const id = this.strings.push(text) - 1;
    this.#stringIds.set(text, id);
    return id;
  }

  internFrame(frame: Frame): number {
    const { kind = 0 } = frame;
    const key = `${frame.name},${frame.module},${frame.space},${frame.unnamed},${kind}`;
    const known = this.#frameIds.get(key);
    if (known !== undefined) return known;
    const id = this.frameName.push(frame.name) - 1;
    this.frameModule.push(frame.module);
    this.frameSpace.push(frame.space);
    this.frameUnnamed.push(frame.unnamed);
    this.frameKind.push(kind);
    this.#frameIds.set(key, id);
    return id;
  }

  /** The stack that is `prefix` (NONE for an empty one) with `frame` called on top. */
  internStack(prefix: number, frame: number): number {
    // Ids stay below 2^26 (the protocol allows 2^21 stacks, 2^20 frames), so the key is an exact integer.
    const key = (prefix + 1) * 2 ** 26 + frame;
    const known = this.#stackIds.get(key);
    if (known !== undefined) return known;
    const id = this.stackPrefix.push(prefix) - 1;
    this.stackFrame.push(frame);
    this.#stackIds.set(key, id);
    return id;
  }

  /** Frame ids, root first. NONE for no frames. */
  internFrames(framesRootFirst: readonly number[]): number {
    let stack = NONE;
    for (const frame of framesRootFirst) stack = this.internStack(stack, frame);
    return stack;
  }

  internChain(node: ChainNode): number {
    const hash = hashOfChain(node);
    const newest = this.#chainIds.get(hash) ?? NONE;
    for (let id = newest; id !== NONE; id = this.#chainBefore[id]!) {
      if (isSameChain(this.chains[id]!, node)) return id;
    }
    const { tgid, tid, comm, userStack, kernelStack, parent, end } = node;
    const id = this.chains.push({ tgid, tid, comm, userStack, kernelStack, parent, end }) - 1;
    this.#chainBefore.push(newest);
    this.#chainIds.set(hash, id);
    return id;
  }

  /** Frame ids of a stack, leaf first (the cheap direction of the prefix tree); empty for NONE. */
  framesLeafFirst(stack: number): number[] {
    const frames: number[] = [];
    for (let at = stack; at !== NONE; at = this.stackPrefix[at]!) frames.push(this.stackFrame[at]!);
    return frames;
  }

  frameLabel(frame: number): string {
    return this.strings[this.frameName[frame]!]!;
  }

  get stackCount(): number {
    return this.stackPrefix.length;
  }

  get frameCount(): number {
    return this.frameName.length;
  }
}

function hashOfChain(node: ChainNode): number {
  let hash = node.tid;
  for (const field of [node.tgid, node.comm, node.userStack, node.kernelStack, node.parent, node.end]) {
    hash = Math.imul(hash ^ field, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isSameChain(a: ChainNode, b: ChainNode): boolean {
  return (
    a.parent === b.parent &&
    a.kernelStack === b.kernelStack &&
    a.userStack === b.userStack &&
    a.tid === b.tid &&
    a.tgid === b.tgid &&
    a.comm === b.comm &&
    a.end === b.end
  );
}
