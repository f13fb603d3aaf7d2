/**
 * Owns telling which noise preset a wait belongs to: the first of a list that matches.
 * Only blocked time is ever noise: who waits for a CPU has work, wherever it slept before.
 */
import { KINDS, NONE } from './kinds.js';
import { LabelPattern } from './noise-marks.js';
import { IDLE_PRESETS, MAX_NOISE_FRAMES, type NoisePreset } from './noise-presets.js';
import type { ProfileTables } from './tables.js';
import type { OpenWait } from './totals.js';
import { TupleIndex } from './tuple-index.js';
import { isScheduler } from './wait-site.js';
import type { Rows } from './window.js';

/** What a preset is matched against. */
export interface Wait {
  comm: string;
  /** The first thread of its process; unknown counts as that. */
  isLeader: boolean;
  /** Own frames, leaf first, as far as known: kernel frames, then user frames. */
  kernelFrames: readonly string[];
  userFrames: readonly string[];
}

export class NoiseMatcher {
  readonly #presets: readonly CompiledPreset[];

  /** @throws SyntaxError where a pattern is no RegExp. */
  constructor(presets: readonly NoisePreset[]) {
    this.#presets = presets.map(({ on, pattern, and, unless }) => ({
      on,
      pattern: new LabelPattern(pattern),
      and: and === undefined ? null : new LabelPattern(and),
      unless: unless === undefined ? null : new LabelPattern(unless),
    }));
  }

  /** Index of the first preset that matches, or NONE. */
  match(wait: Wait): number {
    return this.#presets.findIndex((preset) => matches(preset, wait));
  }
}

/** `NoiseMatcher` over rows of one set of tables, at one look-up a row once a stack is known. */
export class RowNoise {
  readonly #tables: ProfileTables;
  readonly #matcher: NoiseMatcher;
  /** (comm, whether leader, user stack, kernel stack) → preset, by entry. */
  readonly #seen = new TupleIndex(4);
  readonly #preset: number[] = [];

  constructor(tables: ProfileTables, presets: readonly NoisePreset[]) {
    this.#tables = tables;
    this.#matcher = new NoiseMatcher(presets);
  }

  /** Index of the preset that row `i` belongs to, or NONE. */
  presetOf(rows: NoiseRows, i: number): number {
    if (rows.kind[i] !== BLOCKED) return NONE;
    const isLeader = rows.tid[i] === rows.tgid[i];
    return this.#presetOf(rows.comm[i]!, isLeader, rows.userStack[i]!, rows.kernelStack[i]!);
  }

  /** The same of a wait that has not ended. `comm` is a string of the tables. */
  presetOfOpen({ kind, tgid, tid, comm, userStack, kernelStack }: OpenWait): number {
    if (kind !== 'blocked') return NONE;
    return this.#presetOf(this.#tables.internString(comm), tid === tgid, userStack, kernelStack);
  }

  #presetOf(comm: number, isLeader: boolean, userStack: number, kernelStack: number): number {
    const probe = this.#seen.probe;
    probe[0] = comm;
    probe[1] = isLeader ? 1 : 0;
    probe[2] = userStack;
    probe[3] = kernelStack;
    const known = this.#seen.size;
    const entry = this.#seen.add();
    if (entry === known) {
      this.#preset.push(
        this.#matcher.match({
          comm: this.#tables.strings[comm]!,
          isLeader,
          kernelFrames: this.#labels(kernelStack),
          userFrames: this.#labels(userStack),
        }),
      );
    }
    return this.#preset[entry]!;
  }

  #labels(stack: number): string[] {
    const labels: string[] = [];
    const { stackPrefix, stackFrame } = this.#tables;
    for (let at = stack; at !== NONE && labels.length < MAX_NOISE_FRAMES; at = stackPrefix[at]!) {
      labels.push(this.#tables.frameLabel(stackFrame[at]!));
    }
    return labels;
  }
}

/** What nobody chose to hide but is idle, of the rows and open waits of `tables`: index into IDLE_PRESETS or NONE. */
export function idleWaitsOf(tables: ProfileTables): RowNoise {
  let idle = idleByTables.get(tables);
  if (idle === undefined) {
    idle = new RowNoise(tables, IDLE_PRESETS);
    idleByTables.set(tables, idle);
  }
  return idle;
}

/** A live view asks every second; the tables of a page are replaced now and then, and these with them. */
const idleByTables = new WeakMap<ProfileTables, RowNoise>();

/** Whether these presets are judged alike: what a cache of a matcher goes by. */
export function noiseKey(presets: readonly NoisePreset[]): string {
  return JSON.stringify(presets.map(({ on, pattern, and, unless }) => [on, pattern, and, unless]));
}

export type NoiseRows = Pick<Rows, 'tgid' | 'tid' | 'comm' | 'kind' | 'userStack' | 'kernelStack'>;

interface CompiledPreset {
  on: NoisePreset['on'];
  pattern: LabelPattern;
  and: LabelPattern | null;
  unless: LabelPattern | null;
}

function matches({ on, pattern, and, unless }: CompiledPreset, wait: Wait): boolean {
  const isMatch =
    on === 'comm' ? isName(pattern, wait) : on === 'wait' ? isWait(pattern, wait) : isInFrames(pattern, wait);
  if (!isMatch) return false;
  if (and !== null && !isName(and, wait) && !isInFrames(and, wait)) return false;
  return unless === null || !isInFrames(unless, wait);
}

/** Without kernel frames, as in profiles from elsewhere, what the thread called last is what it waits in. */
function isWait(pattern: LabelPattern, { kernelFrames, userFrames }: Wait): boolean {
  const frames = kernelFrames.length === 0 ? userFrames : kernelFrames;
  const site = frames.findIndex((label) => !isScheduler(label));
  return site < 0 ? pattern.test('') : pattern.testWait(frames[site]!, frames[site + 1]);
}

function isName(pattern: LabelPattern, { comm, isLeader }: Wait): boolean {
  return pattern.test(comm) || (!isLeader && pattern.testBesideFirst(comm));
}

function isInFrames(pattern: LabelPattern, { kernelFrames, userFrames }: Wait): boolean {
  return kernelFrames.some((label) => pattern.test(label)) || userFrames.some((label) => pattern.test(label));
}

const BLOCKED = KINDS.indexOf('blocked');
