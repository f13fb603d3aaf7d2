/** Owns reading a file that is a base: a snapshot's or one of the reader's, of any format that is read. */
import { readProfile } from '@stallscope/formats';
import type { SampleProfile } from '@stallscope/profile';
import { HeldWindows } from '../live/held-windows';

export type BaseFile =
  | { kind: 'windows'; name: string; held: HeldWindows }
  /** At least one profile. */
  | { kind: 'samples'; name: string; profiles: readonly SampleProfile[] };

/** @throws FormatError */
export async function readBaseFile(bytes: Uint8Array, name: string): Promise<BaseFile> {
  const read = await readProfile(bytes, { name });
  if (read.format !== 'stallscope') {
    const { profiles } = read;
    return { kind: 'samples', name: profiles[0]!.title || name, profiles };
  }
  const { header, tables, windows } = read;
  const held = new HeldWindows({ maxTableStacks: Number.POSITIVE_INFINITY }, tables);
  for (const window of windows) held.addDecoded(window);
  return { kind: 'windows', name: header.title || header.host.name || name, held };
}
