/**
 * Owns how much of a graph has no function names, and why: shares of the width drawn in frames, so of the time in them.
 *
 *     a: main;? = 6us   b: main = 2us     frames are 14 us wide, 6 of them without a name: 42.9 %
 *
 * Comms, separators, markers and groups are no frames.
 */
import type { FlameTree } from './flame-tree.js';
import { NONE, UNNAMED, type Unnamed, type UnnamedCode } from './kinds.js';
import { ROLES, type Role } from './query.js';
import type { SampleProfile } from './sample-profile.js';

export interface UnnamedFrames {
  /** 0 to 1. */
  share: number;
  /** The same by reason; reasons that do not occur are absent. */
  shareByReason: Partial<Record<Unnamed, number>>;
  /** Of each reason, the files of the largest shares, at most MAX_FILES; reasons that are of no file are absent. */
  filesByReason: Partial<Record<Unnamed, UnnamedFile[]>>;
}

export interface UnnamedFile {
  /** As the graph has it. */
  module: string;
  share: number;
}

/** Few, as they are read in a line: whose symbols would help most. */
const MAX_FILES = 3;

const FRAME_ROLES: ReadonlySet<Role> = new Set<Role>(['user', 'kernel', 'waker-user', 'waker-kernel']);

export function toUnnamedFrames(tree: FlameTree): UnnamedFrames {
  const sum = new UnnamedSum((label) => tree.labels[label]!);
  for (let node = 1; node < tree.nodeCount; node++) {
    if (!FRAME_ROLES.has(ROLES[tree.role[node]!]!)) continue;
    sum.add(tree.unnamed[node] as UnnamedCode, tree.module[node]!, tree.totalValue[node]!);
  }
  return sum.shares();
}

/** The same of samples: those of a graph of all of them. @param value index into `valueTypes` */
export function unnamedFramesOfSamples(profile: SampleProfile, value: number): UnnamedFrames {
  const totals = new Float64Array(profile.stackPrefix.length);
  for (const [sample, stack] of profile.sampleStack.entries()) {
    if (stack !== NONE) totals[stack]! += profile.sampleValues[value]![sample]!;
  }
  const sum = new UnnamedSum((frame) => profile.frames[frame]!.module);
  // A caller has a smaller number than what it called.
  for (let stack = totals.length - 1; stack >= 0; stack--) {
    const prefix = profile.stackPrefix[stack]!;
    if (prefix !== NONE) totals[prefix]! += totals[stack]!;
    const frame = profile.stackFrame[stack]!;
    const { role, unnamed } = profile.frames[frame]!;
    if (FRAME_ROLES.has(role)) sum.add(unnamed, frame, totals[stack]!);
  }
  return sum.shares();
}

class UnnamedSum {
  readonly #byReason = new Float64Array(UNNAMED.length);
  /** By what tells a module. */
  readonly #byFile = UNNAMED.map(() => new Map<number, number>());
  readonly #moduleOf: (file: number) => string;
  #all = 0;

  constructor(moduleOf: (file: number) => string) {
    this.#moduleOf = moduleOf;
  }

  add(unnamed: UnnamedCode, file: number, value: number): void {
    this.#all += value;
    if (unnamed === 0) return;
    this.#byReason[unnamed]! += value;
    const byFile = this.#byFile[unnamed]!;
    byFile.set(file, (byFile.get(file) ?? 0) + value);
  }

  shares(): UnnamedFrames {
    const shares: UnnamedFrames = { share: 0, shareByReason: {}, filesByReason: {} };
    for (let code = 1; code < UNNAMED.length; code++) {
      if (this.#byReason[code] === 0) continue;
      const share = this.#byReason[code]! / this.#all;
      shares.share += share;
      shares.shareByReason[UNNAMED[code]!] = share;
      const files = this.#files(code);
      if (files.length > 0) shares.filesByReason[UNNAMED[code]!] = files;
    }
    return shares;
  }

  #files(code: number): UnnamedFile[] {
    const byModule = new Map<string, number>();
    for (const [file, value] of this.#byFile[code]!) {
      const module = this.#moduleOf(file);
      if (module !== '') byModule.set(module, (byModule.get(module) ?? 0) + value);
    }
    return [...byModule]
      .map(([module, value]) => ({ module, share: value / this.#all }))
      .sort((a, b) => b.share - a.share || (a.module < b.module ? -1 : 1))
      .slice(0, MAX_FILES);
  }
}
