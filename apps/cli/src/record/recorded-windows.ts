/**
 * Owns keeping every window of a recording for a file of ours, encoded as they come: a window takes tens of kilobytes so,
 * several times that in columns.
 *
 * Invariant: the file never grows beyond what can be read again; when the next window would, `full` ends the recording,
 * which says that it was ended early.
 */
import type { WrittenProfile } from '@stallscope/formats';
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import { WindowFileWriter } from '@stallscope/protocol';
import { RECORD_WINDOW_MS, type Recording } from './record.js';

/** DEFAULT_READ_LIMITS.maxInputBytes of the formats, less the largest single window. */
const MAX_BYTES = 240 * 1024 * 1024;

export class RecordedWindows {
  readonly #full = new AbortController();
  readonly #parts: Uint8Array[] = [];
  #writer: WindowFileWriter | undefined;
  #bytes = 0;

  /** Aborted when no more fits. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  add(window: ProfileWindow, tables: ProfileTables): void {
    this.#writer ??= new WindowFileWriter(tables);
    const part = this.#writer.window(window);
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes > MAX_BYTES) this.#full.abort();
  }

  async toWritten(recording: Recording): Promise<WrittenProfile> {
    const { readHostIdentity } = await import('@stallscope/agent');
    const host = { ...readHostIdentity(), capabilities: [] };
    const writer = this.#writer ?? new WindowFileWriter(recording.tables);
    const header = writer.start({
      host,
      title: host.name,
      recordedAtMs: Math.round(recording.startedAtMs),
      windowMs: RECORD_WINDOW_MS,
    });
    return {
      bytes: new Uint8Array(Buffer.concat([header, ...this.#parts])),
      mediaType: 'application/vnd.stallscope.windows',
      extension: '.stallscope',
      lost: [],
    };
  }
}
