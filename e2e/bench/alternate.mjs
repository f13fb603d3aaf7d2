/**
 * Owns measuring conditions against each other on a noisy machine: all of them in each round, in an order that turns,
 * medians with their spread. A single reading means nothing here; a ratio of medians of one run does.
 */

/**
 * @param {Record<string, () => Promise<number>>} conditions each measures once
 * @param {number} rounds
 * @param {(line: string) => void} say
 * @returns {Promise<Record<string, {median: number, min: number, max: number, values: number[]}>>}
 */
export async function alternate(conditions, rounds, say) {
  const names = Object.keys(conditions);
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const turned = [...names.slice(round % names.length), ...names.slice(0, round % names.length)];
    for (const name of turned) {
      const value = await conditions[name]();
      values[name].push(value);
      say(`  round ${round + 1}/${rounds}  ${name}: ${value.toFixed(0)}`);
    }
  }
  return Object.fromEntries(names.map((name) => [name, spreadOf(values[name])]));
}

/** @param {number[]} values at least one */
export function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1), values };
}
