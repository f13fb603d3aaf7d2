/** Owns writing our own file, which keeps everything: every view, filter and chain of it still works. */
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import { type WindowFileHeader, WindowFileWriter } from '@stallscope/protocol';

/** Windows in the order of time, all of `tables`. @throws ProtocolError when one is beyond the bounds of the wire */
export function writeStallscope(
  header: WindowFileHeader,
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
): Uint8Array<ArrayBuffer> {
  const writer = new WindowFileWriter(tables);
  const parts = [writer.start(header), ...windows.map((window) => writer.window(window))];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
