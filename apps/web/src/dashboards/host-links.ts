/**
 * Owns going from the page of a host to its dashboard and back: what is selected on the one is selected on the other, as far
 * as it is of that host and both know it.
 *
 *     /host/?host=web-1&p=4711&from=…&to=…&span=30s   ⇄   /dashboards/?layout=overview&host=web-1&p=4711:web-1&from=…&to=…&span=1m
 */
import { SPAN_MS, SPANS } from '../selection/selection';
import { DASH_SPAN_MS, DASH_SPANS } from './dash-address';
import { readProcess, readRegion, writeProcess, writeRegion } from './dash-selection';

/** Names that are the same on both pages. */
const SAME_NAMES = ['at', 'from', 'to', 'window'] as const;

/** @param hostQuery the query string of the host's page */
export function toDashboardOfHost(hostQuery: URLSearchParams): string {
  const hostId = hostQuery.get('host');
  const query = new URLSearchParams();
  if (hostId !== null) {
    query.set('layout', 'overview');
    query.set('host', hostId);
  }
  copy(SAME_NAMES, hostQuery, query);
  const spanMs = SPAN_MS[SPANS.find((span) => span === hostQuery.get('span')) ?? '30s'];
  query.set('span', DASH_SPANS.find((span) => DASH_SPAN_MS[span] >= spanMs) ?? '15m');
  const process =
    hostId === null ? null : readProcess(writeProcess({ hostId, tgid: Number(hostQuery.get('p')) }));
  if (process !== null) query.set('p', writeProcess(process));
  const region = hostId === null ? null : readRegionOfHost(hostQuery, hostId);
  if (region !== null) query.set('region', region);
  return `/dashboards/?${query}`;
}

/** @param dashQuery the query string of the dashboard, whose host this one need not be */
export function toHostOfDashboard(hostId: string, dashQuery: URLSearchParams): string {
  const query = new URLSearchParams({ host: hostId });
  copy(SAME_NAMES, dashQuery, query);
  const dashSpan = DASH_SPANS.find((span) => span === dashQuery.get('span'));
  if (dashSpan !== undefined) {
    query.set('span', SPANS.find((span) => SPAN_MS[span] >= DASH_SPAN_MS[dashSpan]) ?? '15m');
  }
  const process = readProcess(dashQuery.get('p') ?? '');
  if (process?.hostId === hostId) query.set('p', String(process.tgid));
  const region = readRegion(dashQuery.get('region') ?? '');
  if (region?.hostId === hostId) {
    query.set('heat', region.name);
    query.set('lat', `${region.fromBucket}-${region.toBucket}`);
    if (region.operation !== undefined) query.set('op', region.operation);
    if (region.target !== undefined) query.set('on', region.target);
  }
  return `/host/?${query}`;
}

function copy(names: readonly string[], from: URLSearchParams, to: URLSearchParams): void {
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) to.set(name, value);
  }
}

/** As a dashboard writes it; null where the page of the host shows none, or not of a stretch. */
function readRegionOfHost(query: URLSearchParams, hostId: string): string | null {
  const [name, lengths] = [query.get('heat'), query.get('lat')];
  if (name === null || lengths === null || query.get('from') === null) return null;
  const [fromBucket, toBucket] = lengths.split('-').map(Number);
  const [operation, target] = [query.get('op'), query.get('on')];
  const region = readRegion(
    writeRegion({
      ...{ hostId, name, fromBucket: fromBucket ?? Number.NaN, toBucket: toBucket ?? Number.NaN },
      ...(operation === null ? {} : { operation }),
      ...(target === null ? {} : { target }),
    }),
  );
  return region === null ? null : writeRegion(region);
}
