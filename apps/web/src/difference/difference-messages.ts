/**
 * Owns what page and worker say to each other of a difference. Before and after are always in that order of time or of
 * the reader's choice; one of both is what the page shows, the other is the base.
 */
import type { DiffTree, GrowthTable, ValueUnit } from '@stallscope/profile';
import type { BucketSpan } from '../latency/bucket-span';
import type { WaitTable } from '../live/live-messages';
import type { Base } from './base';

export const SCALINGS = ['none', 'time', 'share'] as const;
/** What before-values are multiplied by: nothing, what makes both as long, or what makes both totals equal. */
export type Scaling = (typeof SCALINGS)[number];

/** What the page asks for. */
export interface DifferenceAsk {
  base: Base;
  scaling: Scaling;
  /** What is shown is before, and the base after. */
  isSwapped: boolean;
}

/** What one side is made of. */
export interface SideFacts {
  /** The selection of the page, or the base. */
  of: 'page' | 'base';
  /** Where it comes from: a host's name or id, the title of a snapshot or of a profile in a file. */
  name: string;
  /** Which profile of a file of several: its title; '' where there is one. */
  part: string;
  /** Of the clock of its host; null where a file does not say. */
  fromMs: number | null;
  toMs: number | null;
  /** The stretch of a profile from elsewhere, ns from its beginning; null for all of it, and for windows. */
  stretch: { fromNs: number; toNs: number } | null;
  /** Time that its windows cover; null where a file does not say. */
  coveredMs: number | null;
  /** Null for profiles from elsewhere. */
  windows: number | null;
  /** Processes that are kept; null for all. */
  processes: { name: string; tgids: readonly number[] } | null;
  /** The thread that is kept; null for all. */
  thread: { name: string; tid: number } | null;
  /** Lengths of a heatmap that are kept, in buckets; 'rest': all that it shows but the region; null for all. */
  latency: BucketSpan | 'rest' | null;
  /** Of the graph, before any scaling. */
  value: number;
  /** One standard error of `value`; null for profiles from elsewhere. */
  standardError: number | null;
  /** All losses of its windows together; null for profiles from elsewhere. */
  lost: number | null;
}

export type DifferenceUpdate =
  | { state: 'waiting'; ask: DifferenceAsk; words: string }
  | { state: 'failed'; ask: DifferenceAsk; message: string; hint: string }
  | ({ state: 'ready'; ask: DifferenceAsk } & Difference);

/** What can be chosen of a base that is a profile from elsewhere. */
export interface BaseParts {
  /** All of its file, in order. */
  profiles: readonly { title: string; samples: number }[];
  /** Which of them is the base. */
  profile: number;
  processes: WaitTable;
  /** Of the process that is the base, or of all. */
  threads: WaitTable;
}

export interface Difference {
  before: SideFacts;
  after: SideFacts;
  /** Its labels are those of the view's own tree. */
  tree: Omit<DiffTree, 'labels'>;
  /** Of the tree; where both have one. */
  unit: ValueUnit;
  /** What before-values are multiplied by, here and in the table; and by which rule, which may not be the one asked for. */
  scale: number;
  scaling: Scaling;
  /** Why it is another rule than the one asked for; null when it is that. */
  scalingWhy: string | null;
  /** 1 where a node matches the search; null without one. */
  matched: Uint8Array | null;
  /** Of the after-values. */
  matchedValue: number;
  /** At most `MAX_GROWTH_ROWS`, those that changed most, what grew most first. */
  growth: GrowthTable;
  /** How many functions there are. */
  functions: number;
  /** Null for windows. */
  parts: BaseParts | null;
}

/** Functions of a difference that go to the page: more than anyone scrolls. */
export const MAX_GROWTH_ROWS = 2000;
