/**
 * Owns one run of `heatmap`: waits until its probe counts, then takes windows until the time is up or someone interrupts.
 * Pure but for what is handed in.
 *
 * Invariant: only windows in which the probe was on from beginning to end are counted, so that what is said of the time is
 * true of the counts.
 */
import type { HeatmapKind } from '@stallscope/latency';
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import { CommandError } from '../command-error.js';
import type { HeatmapResult } from './heatmap-result.js';
import { type LatencyChoice, LatencySum, probeIn } from './latency-sum.js';

/** The part of `SchedCollector` that it uses. */
export interface LatencyCollector {
  readonly tables: ProfileTables;
  setCollected(wants: ReadonlySet<HeatmapKind['probe']>): void;
  collect(): Promise<ProfileWindow>;
  finish(): Promise<ProfileWindow>;
  close(): void;
}

export interface HeatmapEnvironment {
  collector: LatencyCollector;
  nowMs(): number;
  /** Resolves after `ms` or when `interrupted` is aborted. */
  pause(ms: number, interrupted: AbortSignal): Promise<void>;
  interrupted: AbortSignal;
  /** The probe counts from now on. */
  onStarted(): void;
}

export interface HeatmapOptions extends LatencyChoice {
  durationNs: number;
  showsOverview: boolean;
}

/** What the kernel's maps are sized for. */
const WINDOW_MS = 1_000;
/** It is on with the window after the one in which it was attached. */
const MAX_WINDOWS_UNTIL_ON = 4;

/** @throws CommandError when the host cannot count it */
export async function runHeatmap(
  options: HeatmapOptions,
  environment: HeatmapEnvironment,
): Promise<HeatmapResult> {
  const { collector, interrupted, nowMs } = environment;
  const sum = new LatencySum(options);
  let failure: unknown;
  try {
    await waitUntilOn(options.kind, collector);
    environment.onStarted();
    const startedMs = nowMs();
    const endMs = startedMs + options.durationNs / 1e6;
    try {
      for (let turn = 1; !interrupted.aborted; turn++) {
        const untilMs = Math.min(startedMs + turn * WINDOW_MS, endMs);
        await environment.pause(untilMs - nowMs(), interrupted);
        if (interrupted.aborted || untilMs >= endMs) break;
        sum.add(await collector.collect(), collector.tables);
      }
      sum.add(await collector.finish(), collector.tables);
    } catch (error) {
      failure = error;
    }
  } finally {
    collector.close();
  }
  return {
    kind: options.kind,
    sum,
    ...(options.operation !== undefined && { operation: options.operation }),
    showsOverview: options.showsOverview,
    wasInterrupted: interrupted.aborted,
    failure,
  };
}

async function waitUntilOn(kind: HeatmapKind, collector: LatencyCollector): Promise<void> {
  collector.setCollected(new Set([kind.probe]));
  for (let turn = 0; turn < MAX_WINDOWS_UNTIL_ON; turn++) {
    const window = await collector.collect();
    const probe = probeIn(window, collector.tables, kind);
    if (probe?.state === 'refused') {
      throw new CommandError(
        `heatmap ${kind.name}: this host cannot count it: ${probe.detail}`,
        'stallscope doctor shows what each heatmap needs.',
      );
    }
    // Attached before this window ended: the next has all of it.
    if (probe !== undefined) return;
  }
  throw new Error(`heatmap ${kind.name}: its probe did not come on`);
}
