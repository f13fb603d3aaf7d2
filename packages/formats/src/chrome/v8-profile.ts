/**
 * Owns what V8 says of where JavaScript spent its time, which is one thing in three shapes: a cpuprofile file, one of before
 * 2015 that nests its nodes, and the chunks of a trace. All become columns here, and these a profile.
 *
 *     node     1 (root)   2 main ← 1   3 read ← 2
 *     samples  3 3 2      each taken `deltas` µs after the one before, the first after `startUs`
 *
 * A sample lasts until the next one, the last until the end: what V8 saw is what ran until it looked again. `(root)` is no
 * frame; `(idle)`, `(program)` and `(garbage collector)` are marks, not functions.
 */
import { NONE, type SampleLabels, type SampleProfile } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import type { JsonPlace } from '../json-bytes.js';
import type { ReadBudget } from '../read-limits.js';

export interface V8Node {
  functionName: string;
  url: string;
  /** From 0; -1 where unknown. */
  lineNumber: number;
  /** Samples that ended here, for files that have no samples. */
  hitCount: number;
  /** Id of its caller; undefined at the root. */
  parent: number | undefined;
  place: string;
}

export interface V8Profile {
  title: string;
  place: string;
  nodes: Map<number, V8Node>;
  /** Ids of nodes. */
  samples: readonly number[];
  /** Time of each sample, µs, of any beginning. */
  timesUs: readonly number[];
  startUs: number;
  endUs: number;
  labels: SampleLabels;
  placeOfSample: (sample: number) => string;
}

/** @throws FormatError */
export function toV8SampleProfile(profile: V8Profile, budget: ReadBudget): SampleProfile {
  const { samples, timesUs, startUs, endUs, nodes, place } = profile;
  const hasSamples = samples.length > 0;
  const types = [{ type: 'samples', unit: 'count' as const }];
  const builder = new BoundedProfileBuilder(
    profile.title,
    hasSamples ? [{ type: 'time', unit: 'nanoseconds' }, ...types] : types,
    budget,
    place,
  );
  const stacks = new NodeStacks(nodes, builder, budget);
  const labels = builder.labels(profile.labels, place);
  if (!hasSamples) {
    for (const [id, { hitCount, place: at }] of nodes) {
      if (hitCount > 0) builder.sample(stacks.of(id, at), [hitCount], labels, at);
    }
    return builder.profile;
  }
  // Samples may come out of order: V8 takes them on one thread and hands them out on another.
  const order = samples.map((_, at) => at).sort((a, b) => timesUs[a]! - timesUs[b]!);
  for (const [at, sample] of order.entries()) {
    const timeUs = timesUs[sample]!;
    const next = order[at + 1];
    const untilUs = Math.max(timeUs, next === undefined ? endUs : timesUs[next]!);
    const where = profile.placeOfSample(sample);
    const stack = stacks.of(samples[sample]!, where);
    const ns = Math.round((untilUs - timeUs) * NS_PER_US);
    builder.sample(stack, [ns, 1], labels, where, Math.round((timeUs - startUs) * NS_PER_US));
  }
  builder.profile.durationNs = Math.max(0, Math.round((endUs - startUs) * NS_PER_US));
  return builder.profile;
}

const NS_PER_US = 1000;

/** Of a call frame. */
export function readFunction(place: JsonPlace): Pick<V8Node, 'functionName' | 'url' | 'lineNumber'> {
  const url = place.at('url');
  const line = place.at('lineNumber');
  return {
    functionName: place.at('functionName').string(),
    url: url.isAbsent ? '' : url.string(),
    lineNumber: line.isAbsent ? -1 : line.number(),
  };
}

/** Stacks by node; each node's once. */
class NodeStacks {
  readonly #nodes: ReadonlyMap<number, V8Node>;
  readonly #builder: BoundedProfileBuilder;
  readonly #budget: ReadBudget;
  readonly #stacks = new Map<number, number>();

  constructor(nodes: ReadonlyMap<number, V8Node>, builder: BoundedProfileBuilder, budget: ReadBudget) {
    this.#nodes = nodes;
    this.#builder = builder;
    this.#budget = budget;
  }

  of(id: number, place: string): number {
    const missing: number[] = [];
    for (let at: number | undefined = id; at !== undefined && !this.#stacks.has(at); ) {
      const node = this.#nodes.get(at);
      if (node === undefined) return this.#budget.refuse(place, `names node ${at}, which is not there`);
      missing.push(at);
      // Ends cycles too: a stack is no deeper than the bound.
      this.#budget.depth(missing.length, node.place);
      at = node.parent;
    }
    for (let at = missing.pop(); at !== undefined; at = missing.pop()) {
      const node = this.#nodes.get(at)!;
      const caller = node.parent === undefined ? NONE : this.#stacks.get(node.parent)!;
      this.#stacks.set(at, this.#push(caller, node));
    }
    return this.#stacks.get(id)!;
  }

  #push(caller: number, { functionName, url, lineNumber, parent, place }: V8Node): number {
    if (parent === undefined && functionName === ROOT) return NONE;
    const isMark = url === '' && MARKS.has(functionName);
    const line = Number.isSafeInteger(lineNumber) && lineNumber >= 0 && url !== '' ? lineNumber + 1 : 0;
    const frame = this.#builder.frame(
      {
        name: functionName === '' ? ANONYMOUS : functionName,
        module: toScript(url),
        file: url,
        line,
        role: isMark ? 'marker' : 'user',
        unnamed: 0,
      },
      place,
    );
    return this.#builder.stack(caller, frame, place);
  }
}

const ROOT = '(root)';
/** As DevTools show it. */
const ANONYMOUS = '(anonymous)';
const MARKS: ReadonlySet<string> = new Set(['(idle)', '(program)', '(garbage collector)']);

/** The file's name without its folder, what a web address asks for left out. */
function toScript(url: string): string {
  const end = url.search(/[?#]/);
  const plain = end < 0 ? url : url.slice(0, end);
  return plain.slice(plain.lastIndexOf('/') + 1);
}
