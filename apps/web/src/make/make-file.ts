/** Owns making a snapshot's file: the windows shown, in tables that hold nothing else, so that no name of before is in it. */
import { ProfileTables, type ProfileWindow, TableImporter } from '@stallscope/profile';
import {
  type HostFacts,
  MAX_SNAPSHOT_BYTES,
  MAX_WINDOW_MS,
  MIN_WINDOW_MS,
  type SnapshotNote,
  WindowFileWriter,
} from '@stallscope/protocol';
import type { HeldWindows } from '../live/held-windows';
import type { LiveSelection } from '../live/live-messages';
import type { Made } from './make-messages';

export function makeKeptFile(
  held: HeldWindows,
  selection: LiveSelection,
  host: HostFacts,
  note: SnapshotNote,
): Made {
  const shown = held.windowsOf(selection);
  const first = shown[0];
  const last = shown.at(-1);
  if (first === undefined || last === undefined) {
    return {
      kind: 'failed',
      message: 'Nothing to keep: no window lies in the span shown.',
      hint: 'Choose a span that has windows.',
    };
  }
  const tables = new ProfileTables();
  const importer = new TableImporter(held.tables, tables);
  const writer = new WindowFileWriter(tables);
  // Windows that came merged may be longer than any that an agent sends.
  const windowMs = Math.min(MAX_WINDOW_MS, Math.max(MIN_WINDOW_MS, Math.round(last.endMs - last.startMs)));
  const parts = [
    writer.start({ host, title: note.title, recordedAtMs: first.startMs, windowMs, snapshot: note }),
  ];
  let bytes = parts[0]!.length;
  for (const window of shown) {
    const part = writer.window(importer.window(window));
    parts.push(part);
    bytes += part.length;
    if (bytes > MAX_SNAPSHOT_BYTES) {
      return {
        kind: 'failed',
        message: `The ${shown.length} windows shown make a file of more than ${MAX_SNAPSHOT_BYTES / 2 ** 20} MiB, the most that is kept in one snapshot.`,
        hint: 'Choose a shorter span, then save again.',
      };
    }
  }
  return {
    kind: 'kept',
    bytes: joined(parts, bytes),
    host,
    fromMs: first.startMs,
    toMs: last.endMs,
    windows: shown.length,
    waitedNs: shown.reduce((sum, window) => sum + blockedNs(window), 0),
    lost: shown.reduce((sum, window) => sum + lossesOf(window), 0),
  };
}

export function blockedNs({ threads }: ProfileWindow): number {
  return threads.blockedNs.reduce((sum, ns) => sum + ns, 0);
}

export function lossesOf({ losses }: ProfileWindow): number {
  return Object.values(losses).reduce((sum, count) => sum + count, 0);
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
