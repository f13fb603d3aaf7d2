/**
 * Owns ways from a panel to the page of its host: the same selection, in the names of that page.
 *
 *     a flame panel with a process and a stretch      /host/?host=web-1&view=chain&p=4711&from=…&to=…
 */
import { isHeatmapName } from '@stallscope/latency';
import type { View } from '@stallscope/profile';
import { createSerializer } from 'nuqs';
import type { DashSelection } from '../dashboards/dash-selection';
import { SELECTION_PARSERS, type Selection, SPAN_MS, SPANS } from '../selection/selection';

const toAddress = createSerializer(SELECTION_PARSERS);

export interface LinkedView {
  hostId: string;
  spanMs: number;
  pausedAtMs: number | null;
  selection: DashSelection;
}

export function hostLink(
  { hostId, spanMs, pausedAtMs, selection }: LinkedView,
  more: Partial<Selection> & { view?: View } = {},
): string {
  const { stretch, region, process } = selection;
  return toAddress('/host/', {
    host: hostId,
    // The shortest of that page which has all of it.
    span: SPANS.find((span) => SPAN_MS[span] >= spanMs) ?? '15m',
    at: pausedAtMs === null ? null : Math.round(pausedAtMs),
    from: stretch?.fromMs ?? null,
    to: stretch?.toMs ?? null,
    p: process?.hostId === hostId ? process.tgid : null,
    ...(region?.hostId === hostId ? toLatencyPlace(region) : {}),
    ...more,
  });
}

function toLatencyPlace(region: NonNullable<DashSelection['region']>): Partial<Selection> {
  const { name, fromBucket, toBucket, operation = null, target = null } = region;
  if (!isHeatmapName(name)) return {};
  return { heat: name, lat: { fromBucket, toBucket }, op: operation, on: target };
}
