/** Owns making files of the windows that a selection shows: a snapshot's, and the present view in the formats of others. */
import { type OutputFormat, type RowFacts, rowsToSamples, writeProfile } from '@stallscope/formats';
import { redactorOf, reductionPreview, totals } from '@stallscope/profile';
import type { HostFacts, Reduction, SnapshotNote } from '@stallscope/protocol';
import type { HeldWindows } from '../live/held-windows';
import type { LiveSelection } from '../live/live-messages';
import { makeKeptFile } from './make-file';
import type { Made, MakeRequest, ReducedKind } from './make-messages';
import { newPreviewKey, toReducedKinds } from './reduction-preview';

export async function makeOfWindows(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  request: MakeRequest,
): Promise<Made> {
  switch (request.kind) {
    case 'kept':
      return makeKeptFile(held, selection, host, request.note);
    case 'export':
      return makeExport(held, selection, host, request.format, request.note);
    case 'reduction':
      return { kind: 'reduction', kinds: toKinds(held, selection, host, request.reduce) };
  }
}

async function makeExport(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  format: OutputFormat,
  note: SnapshotNote,
): Promise<Made> {
  if (format === 'stallscope') {
    const made = makeKeptFile(held, selection, host, note);
    if (made.kind !== 'kept') return made;
    const { bytes } = made;
    return {
      kind: 'export',
      bytes,
      mediaType: 'application/octet-stream',
      extension: '.stallscope',
      lost: [],
    };
  }
  const { query } = selection;
  const { title } = note;
  const windows = held.windowsOf(selection);
  const span = held.spanOf(selection);
  const rows = span.rows();
  const profile = rowsToSamples(held.tables, rows, query, {
    title,
    ...(windows[0] !== undefined && { startMs: windows[0].startMs }),
    durationNs: windows.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) * 1e6, 0),
  });
  const facts: RowFacts = {
    hostName: host.name || host.id,
    view: query.view,
    kinds: query.kinds,
    tauNs: windows.reduce((most, { tauNs }) => Math.max(most, tauNs), 0),
    governed: windows.some(({ governed }) => governed),
    totals: totals(held.tables, rows, span.threads(), query),
    losses: span.losses(),
  };
  return { kind: 'export', ...(await writeProfile(profile, format, { title, facts })) };
}

function toKinds(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  reduce: Reduction,
): ReducedKind[] {
  const windows = held.windowsOf(selection);
  const hostNames = [host.name, host.id].filter((name) => name !== '');
  const redactor = redactorOf(held.tables, windows, hostNames, reduce, newPreviewKey());
  return toReducedKinds(reductionPreview(held.tables, windows, hostNames, redactor));
}
