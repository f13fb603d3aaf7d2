/**
 * Owns what the agent's log says of the governor: a line when it starts to hold tau up, and a line when tau is back.
 * Between the two it may rise and fall; the windows tell of each step.
 *
 *     sampling threshold raised from 1 ms to 6 ms: 96,000 captures a second are over the budget of 10,000. …
 *     sampling threshold back at 1 ms, after 34 s up to 40 ms
 */
import type { RaiseCause } from './governor.js';

/** How tau stands after a window. */
export interface GovernedState {
  tauNs: number;
  askedTauNs: number;
  /** Undefined while tau is what was asked for. */
  cause: RaiseCause | undefined;
}

export class GoverningLog {
  #raised: { sinceMs: number; highestTauNs: number } | undefined;

  /** @returns the line to log, if there is news */
  after({ tauNs, askedTauNs, cause }: GovernedState, nowMs: number): string | undefined {
    if (cause !== undefined) {
      if (this.#raised !== undefined) {
        this.#raised.highestTauNs = Math.max(this.#raised.highestTauNs, tauNs);
        return undefined;
      }
      this.#raised = { sinceMs: nowMs, highestTauNs: tauNs };
      return `sampling threshold raised from ${toWords(askedTauNs)} to ${toWords(tauNs)}: ${reasonOf(cause)}. Totals stay right; waits shorter than it are sampled more thinly until the load has passed`;
    }
    if (this.#raised === undefined) return undefined;
    const { sinceMs, highestTauNs } = this.#raised;
    this.#raised = undefined;
    const seconds = Math.max(1, Math.round((nowMs - sinceMs) / 1000));
    return `sampling threshold back at ${toWords(askedTauNs)}, after ${seconds} s up to ${toWords(highestTauNs)}`;
  }
}

function reasonOf(cause: RaiseCause): string {
  if (cause.over === 'captures') {
    const { capturesASecond, budget } = cause;
    return `${Math.round(capturesASecond).toLocaleString('en')} captures a second are over the budget of ${budget.capturesASecond.toLocaleString('en')}`;
  }
  const { agentCpuShare, budget } = cause;
  return `the agent took ${(100 * agentCpuShare).toFixed(1)} % of a CPU for seconds, its budget is ${100 * budget.agentCpuShare} %`;
}

/** Three digits are enough, and none of them a trailing zero. */
function toWords(ns: number): string {
  if (ns === 0) return '0 (exact)';
  const [scale, unit] = ns >= 1e6 ? [1e6, 'ms'] : ns >= 1e3 ? [1e3, 'µs'] : [1, 'ns'];
  return `${Number((ns / scale).toPrecision(3))} ${unit}`;
}
