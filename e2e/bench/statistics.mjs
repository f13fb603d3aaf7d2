/** Owns the numbers of a sample: median and quartiles, as a noisy machine allows no mean. Pure. */

/** @typedef {{ median: number, q1: number, q3: number, count: number }} Spread */

/** @param {number[]} values at least one @returns {Spread} */
export function spreadOf(values) {
  if (values.length === 0) throw new Error('the spread of no values');
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    q1: quantile(sorted, 0.25),
    q3: quantile(sorted, 0.75),
    count: sorted.length,
  };
}

/** Linear between the two nearest, as most tools have it. */
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.ceil(at);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/**
 * What conditions add, from rounds in which each reading has its own reading with nothing beside it.
 * @param {{ nothing: number, loaded: number }[]} pairs of one condition, a round each
 */
export function addedOf(pairs) {
  return pairs.map(({ nothing, loaded }) => loaded - nothing);
}

/** Round by round, as drift of the machine is in both. @returns {Spread} */
export function ratioOf(added, peerAdded) {
  return spreadOf(added.map((value, round) => value / peerAdded[round]));
}
