/**
 * Owns turning a profile from elsewhere into a flame graph, of any of its value types, filtered by what is known of its
 * samples. A path begins with the process and the thread where the samples' labels name them and the stack itself does
 * not:
 *
 *     labels {process: 'Web', comm: 'main'}, stack f; g   →   Web; main; f; g
 */
import type { HiddenNoise } from './flame-builder.js';
import { type FlameShape, PLAIN_SHAPE } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { KINDS, NONE } from './kinds.js';
import { LabelTable } from './label-table.js';
import { NoiseMatcher, noiseKey } from './noise-matcher.js';
import { MAX_NOISE_FRAMES, type NoisePreset } from './noise-presets.js';
import { type PathSteps, ROLE_CODES } from './path-steps.js';
import { PREEMPTED, RUN_QUEUE_WAIT } from './project.js';
import type { SampleLabels, SampleProfile } from './sample-profile.js';
import { ShapeCache } from './shape-cache.js';
import type { PathStacks, ShapedPaths } from './shaped-paths.js';
import { TupleIndex } from './tuple-index.js';

export interface SampleFilter {
  /** Index into the profile's `valueTypes`. */
  value: number;
  /** Labels that a sample must have, by name, or one of a list; absent: any. Compared as text, as formats disagree on numbers. */
  labels?: Readonly<Record<string, string | number | readonly (string | number)[]>>;
  /** Time that is shown, ns since the profile's start: [from, to). Samples without a time are left out. */
  fromNs?: number;
  toNs?: number;
}

export class SampleFlameBuilder {
  readonly profile: SampleProfile;
  readonly #labels: LabelTable;
  readonly #shapes: ShapeCache;
  /** By label set: the steps before the stack's own, and a number that is the same where these are. */
  readonly #owners: readonly (readonly string[])[];
  readonly #ownerIds: readonly number[];
  /** By frame: its label, its module (label ids) and its role. */
  readonly #frameLabel: Int32Array;
  readonly #frameModule: Int32Array;
  readonly #frameRole: Uint8Array;
  #noise: { key: string; samples: SampleNoise } | undefined;
  #hidden: HiddenNoise[] = [];

  constructor(profile: SampleProfile, labels = new LabelTable()) {
    this.profile = profile;
    this.#labels = labels;
    this.#shapes = new ShapeCache(labels, PATH_COLUMNS);
    this.#owners = profile.labelSets.map(toOwners);
    const ownerIds = new Map<string, number>();
    this.#ownerIds = this.#owners.map((owner) => {
      const key = JSON.stringify(owner);
      const id = ownerIds.get(key) ?? ownerIds.size;
      ownerIds.set(key, id);
      return id;
    });
    this.#frameLabel = Int32Array.from(profile.frames, ({ name }) => labels.idOf(name));
    this.#frameModule = Int32Array.from(profile.frames, ({ module }) => labels.idOf(module));
    this.#frameRole = Uint8Array.from(profile.frames, ({ role }) => ROLE_CODES.get(role)!);
  }

  /** As `FlameBuilder.hidden`. */
  get hidden(): readonly HiddenNoise[] {
    return this.#hidden;
  }

  /** `totalCount` counts samples, or is the sum of the value type of unit `count` where the profile has one. */
  build(filter: SampleFilter, shape: FlameShape = PLAIN_SHAPE): FlameTree {
    const paths = this.#shapes.of('', shape);
    paths.beginBuild();
    const noise = this.#noiseOf(shape.noise);
    const values = this.profile.sampleValues[filter.value]!;
    const counts = this.#counts();
    const hidden = shape.noise.map(({ id }) => ({ preset: id, value: 0, count: 0 }));
    const drawn: number[] = [];
    const leaves: number[] = [];
    this.#visit(filter, paths, (i, leaf) => {
      const preset = noise?.presetOf(i) ?? NONE;
      if (preset === NONE) {
        drawn.push(i);
        leaves.push(leaf);
      } else {
        hidden[preset]!.value += values[i]!;
        hidden[preset]!.count += counts?.[i] ?? 1;
      }
    });
    this.#hidden = hidden;
    const selfValue = new Float64Array(paths.nodeCount);
    const selfCount = new Float64Array(paths.nodeCount);
    for (let n = 0; n < drawn.length; n++) {
      selfValue[leaves[n]!]! += values[drawn[n]!]!;
      selfCount[leaves[n]!]! += counts?.[drawn[n]!] ?? 1;
    }
    return paths.toTree(selfValue, selfCount);
  }

  /** Indices of the samples whose paths go through `node` of the tree that `build` last made with this filter and shape. */
  samplesThrough(filter: SampleFilter, shape: FlameShape, node: number): number[] {
    const paths = this.#shapes.of('', shape);
    const isIn = paths.subtreeOf(node);
    const noise = this.#noiseOf(shape.noise);
    const through: number[] = [];
    this.#visit(filter, paths, (i, leaf) => {
      if (isIn[leaf] === 1 && (noise?.presetOf(i) ?? NONE) === NONE) through.push(i);
    });
    return through;
  }

  /** As `FlameBuilder.noiseOf`. */
  noiseOf(filter: SampleFilter, presets: readonly NoisePreset[]): HiddenNoise[] {
    const noise = new SampleNoise(this.profile, presets);
    const matches = toSampleMatcher(this.profile, filter);
    const values = this.profile.sampleValues[filter.value]!;
    const counts = this.#counts();
    const found = presets.map(({ id }) => ({ preset: id, value: 0, count: 0 }));
    for (let i = 0; i < values.length; i++) {
      if (values[i]! <= 0 || !matches(i)) continue;
      const preset = noise.presetOf(i);
      if (preset === NONE) continue;
      found[preset]!.value += values[i]!;
      found[preset]!.count += counts?.[i] ?? 1;
    }
    return found;
  }

  #counts(): readonly number[] | undefined {
    return this.profile.sampleValues[this.profile.valueTypes.findIndex(({ unit }) => unit === 'count')];
  }

  #visit(filter: SampleFilter, paths: ShapedPaths, take: (i: number, leaf: number) => void): void {
    const { sampleStack, sampleLabels, sampleValues } = this.profile;
    const matches = toSampleMatcher(this.profile, filter);
    const values = sampleValues[filter.value]!;
    const { probe } = paths;
    let sample = 0;
    const stacks: PathStacks = {
      prefix: this.profile.stackPrefix,
      write: (stack, steps) => this.#writeFrame(this.profile.stackFrame[stack]!, steps),
      writeOwner: (outermost, steps) => this.#writeOwner(sampleLabels[sample]!, outermost, steps),
    };
    for (sample = 0; sample < sampleStack.length; sample++) {
      if (values[sample]! <= 0 || !matches(sample)) continue;
      const owner = this.#ownerIds[sampleLabels[sample]!]!;
      probe[0] = sampleStack[sample]!;
      probe[1] = owner;
      const leaf = paths.leafOfStack(owner, sampleStack[sample]!, stacks);
      if (leaf !== NONE) take(sample, leaf);
    }
  }

  #writeOwner(labelSet: number, outermost: number, steps: PathSteps): void {
    const role = outermost === NONE ? NONE : this.#frameRole[this.profile.stackFrame[outermost]!]!;
    if (role === COMM || role === WAKER_COMM) return;
    for (const owner of this.#owners[labelSet]!) steps.push(this.#labels.idOf(owner), COMM, 0, 0);
  }

  #writeFrame(frame: number, steps: PathSteps): void {
    const { unnamed, kind } = this.profile.frames[frame]!;
    steps.push(this.#frameLabel[frame]!, this.#frameRole[frame]!, unnamed, this.#frameModule[frame]!, kind);
  }

  #noiseOf(presets: readonly NoisePreset[]): SampleNoise | undefined {
    if (presets.length === 0) return undefined;
    const key = noiseKey(presets);
    if (this.#noise?.key !== key) this.#noise = { key, samples: new SampleNoise(this.profile, presets) };
    return this.#noise.samples;
  }
}

/** Whether sample `i` is part of what a filter shows. */
export function toSampleMatcher(
  { labelSets, sampleLabels, sampleAtNs }: SampleProfile,
  filter: SampleFilter,
): (i: number) => boolean {
  const wanted = Object.entries(filter.labels ?? {}).map(
    ([name, value]) => [name, new Set([value].flat().map(String))] as const,
  );
  const keeps = labelSets.map((labels) =>
    wanted.every(([name, values]) => labels[name] !== undefined && values.has(String(labels[name]))),
  );
  const { fromNs, toNs } = filter;
  return (i) => {
    if (keeps[sampleLabels[i]!] !== true) return false;
    if (fromNs === undefined && toNs === undefined) return true;
    const atNs = sampleAtNs?.[i];
    return atNs !== undefined && atNs >= (fromNs ?? 0) && atNs < (toNs ?? Number.POSITIVE_INFINITY);
  };
}

function toOwners({ process, comm }: SampleLabels): string[] {
  const owners: string[] = [];
  if (process !== undefined && process !== '') owners.push(String(process));
  if (comm !== undefined && comm !== '' && String(comm) !== owners[0]) owners.push(String(comm));
  return owners;
}

/** `NoiseMatcher` over samples. */
class SampleNoise {
  readonly #profile: SampleProfile;
  readonly #matcher: NoiseMatcher;
  readonly #seen = new TupleIndex(2);
  readonly #preset: number[] = [];

  constructor(profile: SampleProfile, presets: readonly NoisePreset[]) {
    this.#profile = profile;
    this.#matcher = new NoiseMatcher(presets);
  }

  presetOf(i: number): number {
    const probe = this.#seen.probe;
    probe[0] = this.#profile.sampleStack[i]!;
    probe[1] = this.#profile.sampleLabels[i]!;
    const known = this.#seen.size;
    const entry = this.#seen.add();
    if (entry === known) this.#preset.push(this.#match(i));
    return this.#preset[entry]!;
  }

  #match(i: number): number {
    const { frames, stackPrefix, stackFrame, sampleStack, sampleLabels, labelSets } = this.#profile;
    const labels = labelSets[sampleLabels[i]!]!;
    if (labels.kind !== undefined && labels.kind !== KINDS[0]) return NONE;
    const kernelFrames: string[] = [];
    const userFrames: string[] = [];
    let comm = String(labels.comm ?? labels.process ?? '');
    const mostFrames = 2 * MAX_NOISE_FRAMES;
    let at = sampleStack[i]!;
    for (let n = 0; at !== NONE && n < mostFrames; n++, at = stackPrefix[at]!) {
      const { name, role } = frames[stackFrame[at]!]!;
      if (role === 'kernel') kernelFrames.push(name);
      else if (role === 'user') userFrames.push(name);
      else if (role === 'comm') comm = name;
      else if (role === 'marker' && (name === RUN_QUEUE_WAIT || name === PREEMPTED)) return NONE;
    }
    const isLeader = labels.tgid === undefined || labels.tid === undefined || labels.tgid === labels.tid;
    return this.#matcher.match({ comm, isLeader, kernelFrames, userFrames });
  }
}

const COMM = ROLE_CODES.get('comm')!;

const WAKER_COMM = ROLE_CODES.get('waker-comm')!;

/** Stack, owner. */
const PATH_COLUMNS = 2;
