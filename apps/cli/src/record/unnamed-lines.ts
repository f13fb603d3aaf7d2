/**
 * Owns what a recording says on stderr of frames without a name: their share, why, what can be done about each reason,
 * and the processes that could tell more.
 *
 *     … · 3.2 % of frames unnamed
 *       unnamed: 2.1 % no symbols (libfoo.so 2.0 %): The file has no symbol for this address: it is stripped. Install …
 *       java 4711: Java: this JVM cannot tell … Run it with …
 */
import {
  FlameBuilder,
  groupHints,
  HINT_WORDS,
  rowCount,
  sharesByReason,
  toUnnamedFrames,
  UNNAMED_WORDS,
} from '@stallscope/profile';
import type { Recording } from './record.js';

/** Smaller shares are said together, by the first line alone. */
const MIN_SHARE = 0.001;

/** The first is the share, for the line of the totals; none of a recording of nothing. */
export function unnamedLines({
  tables,
  rows,
  query,
  hints,
}: Pick<Recording, 'tables' | 'rows' | 'query' | 'hints'>): string[] {
  if (rowCount(rows) === 0) return [];
  const { share, shareByReason, filesByReason } = toUnnamedFrames(
    new FlameBuilder(tables).build(rows, query),
  );
  return [
    `${percent(share)} of frames unnamed`,
    ...sharesByReason(shareByReason)
      .filter((part) => part.share >= MIN_SHARE)
      .map((part) => {
        const { short, why, remedy } = UNNAMED_WORDS[part.reason];
        const files = (filesByReason[part.reason] ?? [])
          .filter((file) => file.share >= MIN_SHARE)
          .map((file) => `${file.module} ${percent(file.share)}`);
        const most = files.length === 0 ? '' : ` (most in ${files.join(', ')})`;
        return `unnamed: ${percent(part.share)} ${short}${most}: ${why} ${remedy}`;
      }),
    ...groupHints(hints).map(({ hint, processes }) => {
      const names = processes.map(({ tgid, name }) => `${name} ${tgid}`);
      return `${names.join(', ')}: ${HINT_WORDS[hint].what} ${HINT_WORDS[hint].remedy}`;
    }),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
