/**
 * Owns the choice of tau under load: raises it when captures pass their budget, lets it fall when they no longer do.
 * Pure: told what the last window captured, answers the tau of the next.
 */

/** Captures a second that cost about 2 % of one core at 1 us each with their share of naming and sending. */
export const DEFAULT_CAPTURES_A_SECOND = 20_000;
/** Below this share of the budget tau falls again: far enough from 1 that it does not swing. */
const RELAX_SHARE = 0.25;
/** Where raising begins when everything was asked for (tau 0): 1 us, the length of the shortest block there is. */
const FIRST_STEP_NS = 1_000;
/** MAX_TAU_NS of probes/sched/sched.h. */
export const MAX_TAU_NS = 100_000_000;

export class Governor {
  readonly #askedTauNs: number;
  readonly #budgetASecond: number;
  #tauNs: number;

  constructor(askedTauNs: number, budgetASecond = DEFAULT_CAPTURES_A_SECOND) {
    this.#askedTauNs = askedTauNs;
    this.#budgetASecond = budgetASecond;
    this.#tauNs = askedTauNs;
  }

  get tauNs(): number {
    return this.#tauNs;
  }

  /** True while tau is above what was asked for. */
  get isGoverning(): boolean {
    return this.#tauNs > this.#askedTauNs;
  }

  /** @param captures in the window @param seconds its length @returns tau for the next window, ns */
  next(captures: number, seconds: number): number {
    const load = seconds > 0 ? captures / seconds / this.#budgetASecond : 0;
    if (load > 1) {
      this.#tauNs = Math.min(
        MAX_TAU_NS,
        Math.ceil(Math.max(this.#tauNs, FIRST_STEP_NS) * Math.min(load, 16)),
      );
    } else if (load < RELAX_SHARE && this.isGoverning) {
      const halved = Math.floor(this.#tauNs / 2);
      this.#tauNs = halved < FIRST_STEP_NS || halved < this.#askedTauNs ? this.#askedTauNs : halved;
    }
    return this.#tauNs;
  }
}
