/**
 * Owns telling which noise preset a wait belongs to: the first of a list that matches.
 * Only blocked time is ever noise: who waits for a CPU has work, wherever it slept before.
 */
import { KINDS, NONE } from './kinds.js';
import type { NoisePreset } from './noise-presets.js';
import type { ProfileTables } from './tables.js';
import { TupleIndex } from './tuple-index.js';
import { isScheduler } from './wait-site.js';
import type { Rows } from './window.js';

/** What a preset is matched against. */
export interface Wait {
  comm: string;
  /** Own frames, leaf first, as far as known: kernel frames, then user frames. */
  kernelFrames: readonly string[];
  userFrames: readonly string[];
}

export class NoiseMatcher {
  readonly #presets: readonly CompiledPreset[];

  /** @throws SyntaxError where a pattern is no RegExp. */
  constructor(presets: readonly NoisePreset[]) {
    this.#presets = presets.map(({ on, pattern, and }) => ({
      on,
      pattern: new LabelPattern(pattern),
      and: and === undefined ? null : new LabelPattern(and),
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
  /** (comm, user stack, kernel stack) → preset, by entry. */
  readonly #seen = new TupleIndex(3);
  readonly #preset: number[] = [];

  constructor(tables: ProfileTables, presets: readonly NoisePreset[]) {
    this.#tables = tables;
    this.#matcher = new NoiseMatcher(presets);
  }

  /** Index of the preset that row `i` belongs to, or NONE. */
  presetOf(rows: NoiseRows, i: number): number {
    if (rows.kind[i] !== BLOCKED) return NONE;
    const probe = this.#seen.probe;
    probe[0] = rows.comm[i]!;
    probe[1] = rows.userStack[i]!;
    probe[2] = rows.kernelStack[i]!;
    const known = this.#seen.size;
    const entry = this.#seen.add();
    if (entry === known) {
      this.#preset.push(
        this.#matcher.match({
          comm: this.#tables.strings[rows.comm[i]!]!,
          kernelFrames: this.#labels(rows.kernelStack[i]!),
          userFrames: this.#labels(rows.userStack[i]!),
        }),
      );
    }
    return this.#preset[entry]!;
  }

  #labels(stack: number): string[] {
    return this.#tables.framesLeafFirst(stack).map((frame) => this.#tables.frameLabel(frame));
  }
}

export type NoiseRows = Pick<Rows, 'comm' | 'kind' | 'userStack' | 'kernelStack'>;

interface CompiledPreset {
  on: NoisePreset['on'];
  pattern: LabelPattern;
  and: LabelPattern | null;
}

function matches({ on, pattern, and }: CompiledPreset, wait: Wait): boolean {
  const isMatch =
    on === 'comm'
      ? pattern.test(wait.comm)
      : on === 'wait'
        ? isOn(pattern, waitSite(wait))
        : isInFrames(pattern, wait);
  return isMatch && (and === null || and.test(wait.comm) || isInFrames(and, wait));
}

/** Without kernel frames, as in profiles from elsewhere, what the thread called last is what it waits in. */
function waitSite({ kernelFrames, userFrames }: Wait): string | undefined {
  return kernelFrames.length === 0 ? userFrames[0] : kernelFrames.find((label) => !isScheduler(label));
}

function isOn(pattern: LabelPattern, label: string | undefined): boolean {
  return label !== undefined && pattern.test(label);
}

function isInFrames(pattern: LabelPattern, { kernelFrames, userFrames }: Wait): boolean {
  return kernelFrames.some((label) => pattern.test(label)) || userFrames.some((label) => pattern.test(label));
}

/** Labels repeat far more often than not, so each is tried once. */
class LabelPattern {
  readonly #pattern: RegExp;
  readonly #verdicts = new Map<string, boolean>();

  constructor(source: string) {
    this.#pattern = new RegExp(source);
  }

  test(label: string): boolean {
    let verdict = this.#verdicts.get(label);
    if (verdict === undefined) {
      verdict = this.#pattern.test(label);
      this.#verdicts.set(label, verdict);
    }
    return verdict;
  }
}

const BLOCKED = KINDS.indexOf('blocked');
