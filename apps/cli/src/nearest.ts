/** Owns "did you mean": the candidate with the fewest slips of the hand, when those are few enough to be slips. */

/** Of the longer word's letters, how many may be wrong before it is another word: about what commander allows. */
const MAX_WRONG_SHARE = 0.6;
/** Letters from which a beginning says what was meant: `--agent-token` for `--agent-token-file`. */
const MIN_BEGINNING = 3;

export function findNearest(word: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const isBeginning = word.length >= MIN_BEGINNING && candidate.startsWith(word);
    const slips = isBeginning ? 1 : slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (slips < fewest && slips <= Math.max(word.length, candidate.length) * MAX_WRONG_SHARE) {
      fewest = slips;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Letters left out, added, replaced or swapped with their neighbour (optimal string alignment distance). */
function slipsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let slips = Math.min(rows[i - 1]![j - 1]! + (same ? 0 : 1), rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        slips = Math.min(slips, rows[i - 2]![j - 2]! + 1);
      }
      row.push(slips);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
