/** Owns reading a file that is a base: a snapshot's or one of the reader's, of any format that is read. */
import { readProfile } from '@stallscope/formats';
import type { SampleProfile } from '@stallscope/profile';
import { HeldWindows } from '../live/held-windows';

export type BaseFile =
  | { kind: 'windows'; name: string; held: HeldWindows }
  /** The first profile of the file. */
  | { kind: 'samples'; name: string; profile: SampleProfile };

/** @throws FormatError */
export async function readBaseFile(bytes: Uint8Array, name: string): Promise<BaseFile> {
  const read = await readProfile(bytes, { name });
  if (read.format !== 'stallscope') {
    const profile = read.profiles[0]!;
    return { kind: 'samples', name: profile.title || name, profile };
  }
  const { header, tables, windows } = read;
  const held = new HeldWindows({ maxTableStacks: Number.POSITIVE_INFINITY }, tables);
  for (const window of windows) held.addDecoded(window);
  return { kind: 'windows', name: header.title || header.host.name || name, held };
}
