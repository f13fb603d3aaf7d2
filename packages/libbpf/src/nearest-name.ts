/** Owns the "did you mean" of this package: the known name with the fewest edits, when that is few enough to be a slip. */

/** More edits than this share of the longer name is another name, not a slip. */
const MAX_EDIT_SHARE = 0.5;

export function nearestName(wanted: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of known) {
    const edits = editDistance(wanted, name);
    if (edits < fewest && edits <= Math.max(wanted.length, name.length) * MAX_EDIT_SHARE) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

/** The hint of an error about an unknown name. */
export function nearestNameHint(wanted: string, known: readonly string[]): string {
  if (known.length === 0) return 'there are none';
  const nearest = nearestName(wanted, known);
  const all = `known: ${known.join(', ')}`;
  return nearest === undefined ? all : `did you mean ${nearest}? ${all}`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
