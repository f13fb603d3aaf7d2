/**
 * Owns writing a profile in the formats of others. What a format cannot carry is said with what is written, in words.
 *
 *     const { bytes, extension, lost } = await writeProfile(profile, 'pprof', { facts });
 */
import type { LossCounts, ProcessHint, RowKind, SampleProfile, Totals, View } from '@stallscope/profile';
import type { SampleOutputFormat } from './format-names.js';
import { WRITERS } from './writers.js';

/** What is known of rows that samples were made from; absent for profiles from elsewhere. */
export interface RowFacts {
  hostName: string;
  view: View;
  kinds: readonly RowKind[];
  /** The highest τ in force, ns; 0 is exact. */
  tauNs: number;
  governed: boolean;
  totals: Totals;
  losses: LossCounts;
  /** Processes whose frames could have better names, those of most time first. */
  hints: readonly ProcessHint[];
}

export interface WriteOptions {
  /** Default the profile's own. */
  title?: string;
  /** Index into `valueTypes`, for formats of one value (folded, svg, html); default the profile's own default. */
  value?: number;
  facts?: RowFacts;
  /** Of folded stacks: marks behind the names of kernel, JIT and inlined frames in every path. Default only in those without separators. */
  annotated?: boolean;
}

export interface WrittenProfile {
  bytes: Uint8Array<ArrayBuffer>;
  mediaType: string;
  /** With its dot: `.pb.gz`. */
  extension: string;
  /** What the profile has and the format cannot carry, in words, one sentence each; empty when all is in it. */
  lost: string[];
}

export type Writer = (
  profile: SampleProfile,
  options: WriteOptions,
) => WrittenProfile | Promise<WrittenProfile>;

export async function writeProfile(
  profile: SampleProfile,
  format: SampleOutputFormat,
  options: WriteOptions = {},
): Promise<WrittenProfile> {
  return WRITERS[format](profile, options);
}
