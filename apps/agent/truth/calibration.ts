/**
 * Owns the judgement of many estimates that state their own error, each beside its truth: are they right on average, and is
 * the error that they state the one that they have? Pure.
 *
 *     z = (estimate − truth) / stated error      unbiased: mean 0      calibrated: variance 1
 */

export interface Estimate {
  truth: number;
  estimate: number;
  /** Of `estimate`, as it states it. */
  variance: number;
}

export interface Calibration {
  count: number;
  truth: number;
  estimate: number;
  /** (estimate − truth) / truth of the sums. */
  bias: number;
  /** The same in standard errors of the sum: about normal when the estimates are independent. */
  biasInErrors: number;
  /** Mean of z² over the estimates: below 1 the stated errors are too large, above too small. */
  spread: number;
  /** The largest |z|. */
  worst: number;
}

/** @throws Error for an estimate without a stated error: it has no z */
export function toCalibration(estimates: readonly Estimate[]): Calibration {
  let truth = 0;
  let estimate = 0;
  let variance = 0;
  let squares = 0;
  let worst = 0;
  for (const one of estimates) {
    if (!(one.variance > 0)) throw new Error(`an estimate of ${one.estimate} states no error`);
    const z = (one.estimate - one.truth) / Math.sqrt(one.variance);
    truth += one.truth;
    estimate += one.estimate;
    variance += one.variance;
    squares += z * z;
    worst = Math.max(worst, Math.abs(z));
  }
  return {
    count: estimates.length,
    truth,
    estimate,
    bias: (estimate - truth) / truth,
    biasInErrors: (estimate - truth) / Math.sqrt(variance),
    spread: squares / estimates.length,
    worst,
  };
}
