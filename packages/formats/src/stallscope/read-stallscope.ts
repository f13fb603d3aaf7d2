/** Owns reading our own file, a window file, into what the viewer works on. */
import { ProfileTables } from '@stallscope/profile';
import { ProtocolError, readWindowFile } from '@stallscope/protocol';
import { FormatError } from '../format-error.js';
import type { ReadProfile } from '../read.js';

/** @throws FormatError */
export function readStallscope(bytes: Uint8Array): Extract<ReadProfile, { format: 'stallscope' }> {
  const tables = new ProfileTables();
  try {
    return { format: 'stallscope', tables, ...readWindowFile(bytes, tables) };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new FormatError('stallscope', '', error.message);
  }
}
