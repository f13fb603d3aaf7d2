/**
 * Owns the views of a profile from elsewhere: the same graph, table and sandwich as of waits, of any of its values, and
 * tables of whose samples they are where the file says it. What only waits have (kinds, exact counters, wakers) is absent,
 * not zero.
 */
import {
  type FlameShape,
  type FlameTree,
  KINDS,
  LabelTable,
  matchNodes,
  SANDWICH_SIDES,
  type SampleFilter,
  SampleFlameBuilder,
  type SampleProfile,
  toSampleDetails,
  toSampleMatcher,
  toUnnamedFrames,
} from '@stallscope/profile';
import { type ShownSamples, sampleSide } from '../difference/sample-base';
import type { Compare, Shown, Side } from '../difference/side';
import { columnsOf } from '../difference/to-difference';
import { type BesideGraph, toHiddenOfZoom, toNoiseTimes, toPosted } from '../live/beside-graph';
import { toFunctionRows } from '../live/function-rows';
import type { OpenWaitTable, SampleView, StripSeries, ViewTotals, ViewUpdate } from '../live/live-messages';
import { findPlace } from '../selection/place';
import { sampleBaseMs, toSampleStrip } from './sample-strip';
import { samplesByOwner } from './samples-by-owner';
import { STILL_HOST_ID } from './still-host-id';
import type { StillSelection } from './still-messages';

type ViewMessage = { type: 'view' } & ViewUpdate;

export class SampleViews {
  readonly profiles: readonly SampleProfile[];
  /** One numbering for all profiles, so that a page keeps one list of labels. */
  readonly #labels = new LabelTable();
  readonly #builders = new Map<SampleProfile, SampleFlameBuilder>();
  #labelsPosted = 0;

  constructor(profiles: readonly SampleProfile[]) {
    this.profiles = profiles;
  }

  /** What a selection names; its own first where it names what there is not. */
  chosen({ profile: index, value: name, query, span }: StillSelection): {
    index: number;
    profile: SampleProfile;
    filter: SampleFilter;
  } {
    const at = this.profiles[index] === undefined ? 0 : index;
    const profile = this.profiles[at]!;
    const named = profile.valueTypes.findIndex(({ type }) => type === name);
    const value = named < 0 ? profile.defaultValue : named;
    const labels: Record<string, number> = {};
    if (query.tgids?.[0] !== undefined) labels.tgid = query.tgids[0];
    if (query.tids?.[0] !== undefined) labels.tid = query.tids[0];
    const startMs = profile.startMs ?? 0;
    const time =
      span.kind === 'fixed' && profile.sampleAtNs !== null
        ? { fromNs: (span.fromMs - startMs) * 1e6, toNs: (span.toMs - startMs) * 1e6 }
        : {};
    return { index: at, profile, filter: { value, labels, ...time } };
  }

  /** The graph that a selection shows. */
  treeOf(selection: StillSelection): FlameTree {
    const { profile, filter } = this.chosen(selection);
    return this.#builderOf(profile).build(filter, selection.shape);
  }

  /** What is shown, to be compared; apart from a view of it. */
  comparedOf(selection: StillSelection): Shown {
    const { index, filter } = this.chosen(selection);
    const samples: ShownSamples = { profiles: this.profiles, index, filter };
    const side = (): Side => sampleSide(this.treeOf(selection), '', samples);
    return { side, labels: this.#labels, held: null, samples, shape: selection.shape };
  }

  /** Labels are sent once, so the message has to be posted. */
  toView(selection: StillSelection, compare?: Compare): { message: ViewMessage; transfer: Transferable[] } {
    const { index, profile, filter } = this.chosen(selection);
    const builder = this.#builderOf(profile);
    const tree = builder.build(filter, selection.shape);
    const { beside, transfer } = toPosted(this.#toBeside(builder, filter, selection, tree));
    const matches = selection.search === null ? null : matchNodes(tree, new RegExp(selection.search));
    const valueType = profile.valueTypes[filter.value]!;
    const samples = toSampleView(profile, index, filter);
    const shown: ShownSamples = { profiles: this.profiles, index, filter };
    const side = (): Side => sampleSide(tree, '', shown);
    // Before the labels are taken: those of the base are among them.
    const difference =
      compare?.({ side, labels: this.#labels, held: null, samples: shown, shape: selection.shape }) ?? null;
    const { labels, ...columns } = tree;
    const newLabels = labels.slice(this.#labelsPosted);
    const message: ViewMessage = {
      type: 'view',
      hostId: STILL_HOST_ID,
      selection,
      watch: { state: 'receiving' },
      behindMs: null,
      labelEpoch: 0,
      labelsFrom: this.#labelsPosted,
      newLabels,
      tree: columns,
      unit: valueType.unit,
      samples,
      ...beside,
      matched: matches?.matched ?? null,
      matchedValue: matches?.matchedValue ?? 0,
      difference,
      totals: toTotals(tree),
      answer: null,
      shown: toShown(profile, filter),
      newer: null,
      processes: samplesByOwner(profile, filter, 'tgid'),
      threads: samplesByOwner(profile, filter, 'tid'),
      openWaits: NO_OPEN_WAITS,
      histogram: KINDS.map(() => []),
      strip: toSampleStrip(profile, filter) ?? NO_STRIP,
      cpuHeat: null,
      timeline: null,
      heat: null,
      operations: null,
    };
    this.#labelsPosted += newLabels.length;
    const columnsSent = [
      ...Object.values(columns).filter((column) => typeof column !== 'number'),
      ...(matches === null ? [] : [matches.matched]),
      ...transfer,
      ...(difference?.state === 'ready' ? columnsOf(difference) : []),
    ];
    return { message, transfer: columnsSent.map(({ buffer }) => buffer) };
  }

  #builderOf(profile: SampleProfile): SampleFlameBuilder {
    let builder = this.#builders.get(profile);
    if (builder === undefined) {
      builder = new SampleFlameBuilder(profile, this.#labels);
      this.#builders.set(profile, builder);
    }
    return builder;
  }

  /** `tree` is what `builder` built last. */
  #toBeside(
    builder: SampleFlameBuilder,
    filter: SampleFilter,
    selection: StillSelection,
    tree: FlameTree,
  ): BesideGraph<FlameTree> {
    const { shape, wants, search } = selection;
    const noise = toNoiseTimes(selection, builder.hidden, (presets) => builder.noiseOf(filter, presets));
    const pattern = search === null ? null : new RegExp(search);
    const { sandwich } = wants;
    const ofTree = wants.details.of;
    const detailed =
      ofTree === 'graph' || sandwich === null
        ? shape
        : { ...shape, sandwich: { function: sandwich, side: ofTree } };
    const detailTree = detailed === shape ? tree : builder.build(filter, detailed);
    const { place } = wants.details;
    const node = place === null ? 0 : findPlace(detailTree, place);
    // Before another shape is built: the builder tells of the tree that it built last.
    const sampleDetails =
      node === undefined
        ? null
        : {
            ...wants.details,
            details: toSampleDetails(
              builder.profile,
              filter.value,
              builder.samplesThrough(filter, detailed, node),
            ),
          };
    const half = (sided: FlameShape) => {
      const built = builder.build(filter, sided);
      return {
        tree: built,
        matched: pattern === null ? null : matchNodes(built, pattern).matched,
        owners: null,
      };
    };
    const [callers, callees] = SANDWICH_SIDES.map((side) =>
      sandwich === null ? null : half({ ...shape, sandwich: { function: sandwich, side } }),
    );
    return {
      functions: wants.functions === null ? null : toFunctionRows(tree, [], wants.functions, pattern),
      sandwich: sandwich === null ? null : { function: sandwich, callers: callers!, callees: callees! },
      details: null,
      sampleDetails,
      noise,
      // Whose samples of other tools are is said by their labels alone.
      owners: null,
      hiddenOfZoom: toHiddenOfZoom(selection, tree, (unhidden) => builder.build(filter, unhidden)),
    };
  }
}

function toSampleView(profile: SampleProfile, index: number, filter: SampleFilter): SampleView {
  const { sampleValues, title, valueTypes } = profile;
  const values = sampleValues[filter.value]!;
  const matches = toSampleMatcher(profile, filter);
  let samples = 0;
  let total = 0;
  let allTotal = 0;
  for (let i = 0; i < values.length; i++) {
    allTotal += values[i]!;
    if (!matches(i)) continue;
    samples++;
    total += values[i]!;
  }
  return {
    title,
    profile: index,
    valueType: valueTypes[filter.value]!,
    samples,
    allSamples: values.length,
    total,
    allTotal,
    timedSinceMs: profile.sampleAtNs === null ? null : sampleBaseMs(profile),
  };
}

/** Of waits nothing is known; what the graph itself tells is. */
function toTotals(tree: FlameTree): ViewTotals {
  return {
    sampledNs: tree.totalValue[0]!,
    standardErrorNs: 0,
    exactNs: null,
    captures: 0,
    unnamed: toUnnamedFrames(tree),
    hints: [],
    tauNs: null,
    tauNowNs: null,
    governed: false,
    governedNow: false,
    losses: {},
    cpuPeriodNs: 0,
    region: null,
    life: { threads: 0, livedNs: 0 },
    coalescedWindows: 0,
    agentCpuNs: 0,
    agentRssBytes: 0,
    probes: [],
  };
}

function toShown({ startMs, durationNs }: SampleProfile, filter: SampleFilter): ViewUpdate['shown'] {
  const { fromNs, toNs } = filter;
  const fromMs = (startMs ?? 0) + (fromNs ?? 0) / 1e6;
  const lengthMs = ((toNs ?? durationNs ?? 0) - (toNs === undefined ? 0 : (fromNs ?? 0))) / 1e6;
  return {
    fromMs,
    toMs: fromMs + lengthMs,
    // One profile stands for the windows: the stretch is never one without data.
    windows: 1,
    coveredMs: lengthMs,
    slicesMs: null,
    newestMs: null,
    windowMs: null,
  };
}

const NO_OPEN_WAITS: OpenWaitTable = {
  total: 0,
  idle: 0,
  tgid: [],
  tid: [],
  name: [],
  process: [],
  state: [],
  kind: [],
  elapsedNs: [],
  isLowerBound: [],
  isIdle: [],
  inFunction: [],
  stack: [],
};

const NO_STRIP: StripSeries = {
  startMs: new Float64Array(0),
  endMs: new Float64Array(0),
  blockedNs: new Float64Array(0),
  runqNs: new Float64Array(0),
  preemptedNs: new Float64Array(0),
  lost: new Float64Array(0),
};
