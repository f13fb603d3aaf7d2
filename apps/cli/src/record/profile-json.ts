/**
 * Owns the JSON that `record --format json` writes. Its shape, as `record --help` documents it:
 *
 *     { "format": "stallscope-profile", "version": 1, "view": "off-cpu", "startedAt": "2026-01-01T00:00:00.000Z",
 *       "durationMs": 5000.1, "tauNs": 1000000, "governed": false, "kinds": ["blocked"],
 *       "totals": { "sampledNs": 1, "standardErrorNs": 0, "exactNs": 1, "ratio": 1, "ratioError": 0 },
 *       "losses": { "stack-error": 3 },
 *       "stacks": [ { "frames": [ { "name": "app", "role": "comm", "module": null, "unnamed": null }, … ],
 *                     "ns": 1, "count": 1 }, … ] }
 *
 * `frames` are root first. `ns` and `count` are estimates, exact when `tauNs` is 0. `exactNs`, `ratio` and
 * `ratioError` (one standard error of `ratio`) are null where nothing was counted. Losses that did not happen are absent. Stacks are in the order of their frames' names.
 */
import { projectRow, type Role, rowCount, toRowMatcher, UNNAMED, type Unnamed } from '@stallscope/profile';
import type { Recording } from './record.js';

export interface ProfileJson {
  format: 'stallscope-profile';
  version: 1;
  view: string;
  startedAt: string;
  durationMs: number;
  tauNs: number;
  governed: boolean;
  kinds: readonly string[];
  totals: {
    sampledNs: number;
    standardErrorNs: number;
    exactNs: number | null;
    ratio: number | null;
    ratioError: number | null;
  };
  losses: Record<string, number>;
  stacks: StackJson[];
}

export interface StackJson {
  frames: FrameJson[];
  ns: number;
  count: number;
}

export interface FrameJson {
  name: string;
  role: Role;
  /** The ELF file or kernel module; null where there is none. */
  module: string | null;
  /** Why the frame has no function name; null when it has one. */
  unnamed: Unnamed | null;
}

export function toProfileJson(recording: Recording): ProfileJson {
  const { tables, rows, query, totals } = recording;
  const matches = toRowMatcher(tables, query);
  const stacks = new Map<string, StackJson>();
  for (let i = 0; i < rowCount(rows); i++) {
    if (!matches(rows, i)) continue;
    const frames: FrameJson[] = [];
    projectRow(tables, rows, i, query, (name, role, unnamed, module) => {
      frames.push({
        name,
        role,
        module: module === '' ? null : module,
        unnamed: unnamed === 0 ? null : UNNAMED[unnamed]!,
      });
    });
    const key = JSON.stringify(frames);
    let stack = stacks.get(key);
    if (stack === undefined) {
      stack = { frames, ns: 0, count: 0 };
      stacks.set(key, stack);
    }
    stack.ns += rows.estimatedNs[i]!;
    stack.count += rows.estimatedCount[i]!;
  }
  return {
    format: 'stallscope-profile',
    version: 1,
    view: query.view,
    startedAt: new Date(recording.startedAtMs).toISOString(),
    durationMs: recording.durationMs,
    tauNs: recording.tauNs,
    governed: recording.governed,
    kinds: query.kinds,
    totals: {
      sampledNs: totals.sampledNs,
      standardErrorNs: totals.standardErrorNs,
      exactNs: totals.exactNs ?? null,
      ratio: totals.ratio ?? null,
      ratioError: totals.ratioError ?? null,
    },
    losses: { ...recording.losses },
    stacks: [...stacks.keys()].sort().map((key) => stacks.get(key)!),
  };
}
