/**
 * Owns whether results can be believed at all, which is what CI asks: every number is one, nothing is empty, and what
 * cannot be negative is positive. It judges no cost.
 */

/** Differences of noisy readings, what is made of them, and times that count from an event may have any sign. */
const ANY_SIGN = /^(addedNs|ofBoth|ofOffcputime|atSecond|error.*)$/;

/** @returns {string[]} a line each */
export function complaintsAbout(results, path = 'results', anySign = false) {
  if (typeof results === 'number') {
    if (!Number.isFinite(results)) return [`${path} is ${results}`];
    return results < 0 && !anySign ? [`${path} is negative: ${results}`] : [];
  }
  if (Array.isArray(results) && results.length === 0) return [`${path} is empty`];
  if (results === undefined) return [`${path} is missing`];
  if (typeof results !== 'object' || results === null) return [];
  return Object.entries(results).flatMap(([name, value]) =>
    complaintsAbout(value, `${path}.${name}`, anySign || ANY_SIGN.test(name)),
  );
}
