/**
 * Owns the JSON that `--format json` writes. Of waits, as `record --help` documents it:
 *
 *     { "format": "stallscope-profile", "version": 1, "view": "off-cpu", "startedAt": "2026-01-01T00:00:00.000Z",
 *       "durationMs": 5000.1, "tauNs": 1000000, "governed": false, "kinds": ["blocked"],
 *       "totals": { "sampledNs": 1, "standardErrorNs": 0, "exactNs": 1, "ratio": 1, "ratioError": 0 },
 *       "losses": { "stack-error": 3 },
 *       "unnamed": { "share": 0.03, "reasons": [ { "reason": "no-symbol", "share": 0.03, "files": [ { "module": "libfoo.so",
 *                    "share": 0.02 } ], "why": "…", "remedy": "…" } ] },
 *       "hints": [ { "tgid": 4711, "name": "node", "hint": "node-perf-basic-prof", "what": "…", "remedy": "…" } ],
 *       "stacks": [ { "frames": [ { "name": "app", "role": "comm", "module": null, "unnamed": null }, … ],
 *                     "ns": 1, "count": 1 }, … ] }
 *
 * `frames` are root first; one whose code is not native has `kind`: `jit`, `interpreted`, `inlined` or `stub`. `unnamed` says how much of the width drawn in frames has no function name, and why; `hints`,
 * which processes could tell more. `ns` and `count` are estimates, exact when `tauNs` is 0. `exactNs`, `ratio` and
 * `ratioError` (one standard error of `ratio`) are null where nothing was counted. Losses that did not happen are absent.
 * Stacks are in the order of their frames' names.
 *
 * Of a profile from elsewhere, of which none of that is known, every sample by itself:
 *
 *     { "format": "stallscope-samples", "version": 1, "title": "…", "startedAt": null, "durationMs": null,
 *       "valueTypes": [ { "type": "cpu", "unit": "nanoseconds" } ],
 *       "samples": [ { "frames": [ { "name": "main", "role": "user", "module": null, "file": "main.c", "line": 3,
 *                                    "unnamed": null } ], "values": [1], "labels": { "tid": 3 }, "atNs": null } ] }
 */
import {
  FRAME_KINDS,
  type FrameKind,
  HINT_WORDS,
  type Role,
  type SampleFrame,
  type SampleProfile,
  sharesByReason,
  UNNAMED,
  UNNAMED_WORDS,
  type Unnamed,
  unnamedFramesOfSamples,
} from '@stallscope/profile';
import { describeLabels } from '../lost-words.js';
import { framesRootFirst } from '../sample-paths.js';
import { TextBytes } from '../text-bytes.js';
import type { RowFacts, WriteOptions, WrittenProfile } from '../write.js';

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
  /** How its code came to be; absent for native code, and where it is not known. */
  kind?: FrameKind;
}

export function writeJson(profile: SampleProfile, options: WriteOptions = {}): WrittenProfile {
  const text = new TextBytes('JSON');
  const { facts } = options;
  if (facts === undefined) addSamples(text, profile, options.title ?? profile.title);
  else addWaits(text, profile, facts);
  return {
    bytes: text.finish(),
    mediaType: 'application/json',
    extension: '.json',
    lost: facts === undefined ? [] : describeLabels(profile),
  };
}

function addWaits(text: TextBytes, profile: SampleProfile, facts: RowFacts): void {
  const { view, tauNs, governed, kinds, totals, losses, hints } = facts;
  const unnamed = unnamedFramesOfSamples(profile, profile.defaultValue);
  const head = {
    format: 'stallscope-profile',
    version: 1,
    view,
    startedAt: startedAt(profile),
    durationMs: durationMs(profile),
    tauNs,
    governed,
    kinds,
    totals: {
      sampledNs: totals.sampledNs,
      standardErrorNs: totals.standardErrorNs,
      exactNs: totals.exactNs ?? null,
      ratio: totals.ratio ?? null,
      ratioError: totals.ratioError ?? null,
    },
    losses: { ...losses },
    unnamed: {
      share: unnamed.share,
      reasons: sharesByReason(unnamed.shareByReason).map(({ reason, share }) => ({
        reason,
        share,
        files: unnamed.filesByReason[reason] ?? [],
        why: UNNAMED_WORDS[reason].why,
        remedy: UNNAMED_WORDS[reason].remedy,
      })),
    },
    hints: hints.map(({ tgid, name, hint }) => ({ tgid, name, hint, ...HINT_WORDS[hint] })),
  };
  addList(text, head, 'stacks', toStacks(profile));
}

/** Samples of waits summed by their frames, in the order of their names. */
function toStacks(profile: SampleProfile): StackJson[] {
  const [ns, counts] = profile.sampleValues;
  const frames = profile.frames.map(toFrame);
  const stacks = new Map<string, StackJson>();
  const keyOf = new Map<number, string>();
  for (const [sample, stack] of profile.sampleStack.entries()) {
    let key = keyOf.get(stack);
    if (key === undefined) {
      const path = framesRootFirst(profile, stack).map((frame) => frames[frame]!);
      key = JSON.stringify(path);
      keyOf.set(stack, key);
      if (!stacks.has(key)) stacks.set(key, { frames: path, ns: 0, count: 0 });
    }
    const sum = stacks.get(key)!;
    sum.ns += ns![sample]!;
    sum.count += counts![sample]!;
  }
  return [...stacks.keys()].sort().map((key) => stacks.get(key)!);
}

function addSamples(text: TextBytes, profile: SampleProfile, title: string): void {
  const head = {
    format: 'stallscope-samples',
    version: 1,
    title,
    startedAt: startedAt(profile),
    durationMs: durationMs(profile),
    valueTypes: profile.valueTypes,
  };
  const frames = profile.frames.map((frame) => ({
    ...toFrame(frame),
    file: frame.file === '' ? null : frame.file,
    line: frame.line === 0 ? null : frame.line,
  }));
  function* samples() {
    for (const [sample, stack] of profile.sampleStack.entries()) {
      yield {
        frames: framesRootFirst(profile, stack).map((frame) => frames[frame]!),
        values: profile.sampleValues.map((column) => column[sample]!),
        labels: profile.labelSets[profile.sampleLabels[sample]!]!,
        atNs: profile.sampleAtNs?.[sample] ?? null,
      };
    }
  }
  addList(text, head, 'samples', samples());
}

/** `head` with one more member, a list, which may be longer than one string. */
function addList(text: TextBytes, head: object, name: string, list: Iterable<object>): void {
  text.add(`${JSON.stringify(head).slice(0, -1)},"${name}":[`);
  let isFirst = true;
  for (const entry of list) {
    text.add(`${isFirst ? '' : ','}${JSON.stringify(entry)}`);
    isFirst = false;
  }
  text.add(']}\n');
}

function toFrame({ name, role, module, unnamed, kind }: SampleFrame): FrameJson {
  return {
    name,
    role,
    module: module === '' ? null : module,
    unnamed: unnamed === 0 ? null : UNNAMED[unnamed]!,
    ...(kind !== undefined && { kind: FRAME_KINDS[kind]! }),
  };
}

function startedAt({ startMs }: SampleProfile): string | null {
  return startMs === null ? null : new Date(startMs).toISOString();
}

function durationMs({ durationNs }: SampleProfile): number | null {
  return durationNs === null ? null : durationNs / 1e6;
}
