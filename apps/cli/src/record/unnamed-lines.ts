/**
 * Owns what `record` says of frames without a name: how much of the time in frames, why, what can be done about each
 * reason, and which processes could tell more.
 *
 *     … · 3.2 % of frames unnamed
 *       unnamed: 2.1 % no symbols: The file has no symbol for this address: it is stripped. Install its debug symbols …
 *       java 4711: Java: this JVM cannot tell … Run it with …
 */
import {
  FlameBuilder,
  HINT_WORDS,
  type Hint,
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
  const { share, shareByReason } = toUnnamedFrames(new FlameBuilder(tables).build(rows, query));
  return [
    `${percent(share)} of frames unnamed`,
    ...sharesByReason(shareByReason)
      .filter((part) => part.share >= MIN_SHARE)
      .map((part) => {
        const { short, why, remedy } = UNNAMED_WORDS[part.reason];
        return `unnamed: ${percent(part.share)} ${short}: ${why} ${remedy}`;
      }),
    ...hintLines(hints),
  ];
}

/** Processes of one hint together: a host may run many of a kind. */
function hintLines(hints: Recording['hints']): string[] {
  const byHint = new Map<Hint, string[]>();
  for (const { tgid, name, hint } of hints) {
    byHint.set(hint, [...(byHint.get(hint) ?? []), `${name} ${tgid}`]);
  }
  return [...byHint].map(
    ([hint, processes]) => `${processes.join(', ')}: ${HINT_WORDS[hint].what} ${HINT_WORDS[hint].remedy}`,
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
