/** Owns making files of the windows that a selection shows: a snapshot's, and the present view in the formats of others. */
import { type OutputFormat, treeToSamples, windowsToSamples, writeProfile } from '@stallscope/formats';
import { redactorOf, reductionPreview, SLICE_MS, type SliceSpan } from '@stallscope/profile';
import type { HostFacts, SnapshotNote } from '@stallscope/protocol';
import { type HeldWindows, slicesOf } from '../live/held-windows';
import type { LiveSelection } from '../live/live-messages';
import { toClockMs } from '../words/words';
import { isReshaped, RESHAPED_WORDS } from './is-reshaped';
import { makeKeptFile } from './make-file';
import type { Made, MakeRequest, ReducedKind } from './make-messages';
import { hostWords, newPreviewKey, toReducedKinds } from './reduction-preview';

export async function makeOfWindows(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  request: Exclude<MakeRequest, { kind: 'difference' }>,
): Promise<Made> {
  switch (request.kind) {
    case 'kept':
      return makeKeptFile(held, selection, host, request.note);
    case 'export':
      return makeExport(held, selection, host, request.format, request.note);
    case 'reduction':
      return { kind: 'reduction', kinds: toKinds(held, selection, host, request) };
  }
}

async function makeExport(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  format: OutputFormat,
  note: SnapshotNote,
): Promise<Made> {
  const slices = slicesOf(selection);
  if (format === 'stallscope') {
    const made = makeKeptFile(held, selection, host, note);
    if (made.kind !== 'kept') return made;
    const { bytes } = made;
    return {
      kind: 'export',
      bytes,
      mediaType: 'application/octet-stream',
      extension: '.stallscope',
      lost: slices === undefined ? [] : [stretchWords(slices)],
    };
  }
  const { title } = note;
  const { profile, facts } = windowsToSamples(held.tables, held.partsOf(selection), selection.query, {
    title,
    hostName: host.name || host.id,
    slices,
  });
  // Reshaped, the graph is what is asked for: its boxes, whose rows are of many threads.
  const drawn = isReshaped(selection.shape)
    ? treeToSamples(held.treeOf(selection), profile.valueTypes[0]!, title)
    : profile;
  const { lost, ...written } = await writeProfile(drawn, format, { title, facts });
  return { kind: 'export', ...written, lost: drawn === profile ? lost : [RESHAPED_WORDS, ...lost] };
}

function stretchWords({ from, to }: SliceSpan): string {
  const [start, end] = [from, to].map((slice) => toClockMs(slice * SLICE_MS));
  return `The stretch ${start} – ${end} by itself: all windows are in it whole, for every view. Choose it again in its heatmap.`;
}

/** Of the whole file, as a link shows it, whichever stretch of it the page shows. */
function toKinds(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  { reduce, about }: Extract<MakeRequest, { kind: 'reduction' }>,
): ReducedKind[] {
  const windows = held.windowsOf({ ...selection, span: { kind: 'all' }, pausedAtMs: null });
  const hosts = [...hostWords(about), ...[host.name, host.id].filter((name) => name !== '')];
  const redactor = redactorOf(held.tables, windows, hosts, reduce, newPreviewKey());
  return toReducedKinds(reductionPreview(held.tables, windows, redactor), redactor, about);
}
