/** Owns the agent's answer to where a function comes from, within what a message may hold. */
import {
  MAX_INLINE_DEPTH,
  MAX_SOURCE_ANSWER_BYTES,
  MAX_SOURCE_PLACES,
  type SourceAnswer,
  type SourceQuestion,
} from '@stallscope/protocol';
import type { WindowSource } from './window-source.js';

/** Characters of a note: three sentences with paths in them. */
const MAX_NOTE_CHARS = 1_000;

export async function answerSource(
  source: Pick<WindowSource, 'sourceOf'>,
  { name, module }: SourceQuestion,
): Promise<SourceAnswer> {
  if (source.sourceOf === undefined) return noPlaces('this is a recording: there is no program to look into');
  try {
    return toAnswer(await source.sourceOf(name, module));
  } catch (error) {
    return noPlaces(error instanceof Error ? error.message : String(error));
  }
}

/** As many places as fit; what is left out is told. */
export function toAnswer(found: SourceAnswer): SourceAnswer {
  const places: SourceAnswer['places'] = [];
  let bytes = 0;
  for (const list of found.places) {
    const cut = list.slice(0, MAX_INLINE_DEPTH);
    bytes += Buffer.byteLength(JSON.stringify(cut));
    if (places.length === MAX_SOURCE_PLACES || bytes > MAX_SOURCE_ANSWER_BYTES) break;
    places.push(cut);
  }
  const left = found.places.length - places.length;
  const note = left > 0 ? `${left} more places are not listed` : found.note;
  return { places, addresses: found.addresses, note: note.slice(0, MAX_NOTE_CHARS) };
}

function noPlaces(note: string): SourceAnswer {
  return { places: [], addresses: 0, note: note.slice(0, MAX_NOTE_CHARS) };
}
