/**
 * Owns the choice of tau under load: raises it while tracing costs more than its budget, lets it fall when that would
 * cost no more than it. Pure: told what the last window cost, answers the tau of the next.
 *
 * Two costs follow tau, each with its budget: the probe's captures, and the CPU time of the agent, which names and sends
 * what was captured. Captures act at once. The agent's CPU acts when it has been over budget for a while, as a burst of
 * new stacks to name is no storm, and only as far as captures can be the cause of it: what many threads or processes cost
 * does not fall with tau.
 *
 * Invariant: under a constant load tau comes to rest. An interval of length d is captured with p = min(1, d / tau), so
 * half of tau at most doubles captures, and what they cost the agent with them; tau falls only where twice the present
 * cost is within budget. Where that cannot be told, as the agent's CPU is not by captures alone, a fall is tried after
 * a time that doubles with each trial that failed.
 */

/** Captures a second that cost the kernel side 2 to 5 % of one core, at 2 to 5 us each: two stacks and a chain. */
export const DEFAULT_CAPTURES_A_SECOND = 10_000;
/** What the agent may take of one core. */
export const DEFAULT_AGENT_CPU_SHARE = 0.02;
/** MAX_TAU_NS of probes/sched/sched.h. */
export const MAX_TAU_NS = 100_000_000;

/** Where raising begins when everything was asked for (tau 0): 1 us, the length of the shortest block there is. */
const FIRST_STEP_NS = 1_000;
/** A raise aims below the budget, is large enough to arrive within seconds, and takes no single window at its word. */
const RAISE_MARGIN = 1.25;
const LEAST_RAISE = 1.5;
const MOST_RAISE = 16;
/** Below this share of both budgets tau falls: far enough under a half that noise does not bring it up again. */
const FALL_SHARE = 0.4;
/**
 * The most that a capture costs the agent, when each has a stack of its own. More of its CPU time than this times the
 * captures goes to something else.
 */
const AGENT_NS_A_CAPTURE = 10_000;
/** How long the agent must have been over its budget, and each window of it. */
const SUSTAINED_SECONDS = 5;
const FIRST_TRIAL_SECONDS = 2;
const LAST_TRIAL_SECONDS = 600;
/** A trial that held this long has passed: several times what a sustained excess takes to show. */
const TRIAL_PASSED_SECONDS = 20;

/** What a window cost. */
export interface WindowCost {
  captures: number;
  /** CPU time of the agent's process, ns. */
  agentCpuNs: number;
  /** Length of the window. */
  seconds: number;
}

export interface GovernorBudget {
  capturesASecond: number;
  /** Of one core, 0 to 1. */
  agentCpuShare: number;
}

/** Why tau was raised last: which cost was over its budget, and by how much. */
export type RaiseCause =
  | { over: 'captures'; capturesASecond: number; budget: GovernorBudget }
  | { over: 'agent-cpu'; agentCpuShare: number; budget: GovernorBudget };

export class Governor {
  readonly #askedTauNs: number;
  readonly #budget: GovernorBudget;
  #tauNs: number;
  #cause: RaiseCause | undefined;
  /** For how long the agent's CPU has been over its budget, and the least that it was. */
  #overSeconds = 0;
  #leastOverLoad = Number.POSITIVE_INFINITY;
  /** For how long only doubt about the agent's CPU has kept tau from falling. */
  #doubtSeconds = 0;
  #trialSeconds = FIRST_TRIAL_SECONDS;
  /** For how long the last fall has been on trial; undefined when none is. */
  #onTrialSeconds: number | undefined;

  constructor(askedTauNs: number, budget: Partial<GovernorBudget> = {}) {
    this.#askedTauNs = askedTauNs;
    this.#budget = {
      capturesASecond: DEFAULT_CAPTURES_A_SECOND,
      agentCpuShare: DEFAULT_AGENT_CPU_SHARE,
      ...budget,
    };
    this.#tauNs = askedTauNs;
  }

  get tauNs(): number {
    return this.#tauNs;
  }

  get askedTauNs(): number {
    return this.#askedTauNs;
  }

  /** True while tau is above what was asked for. */
  get isGoverning(): boolean {
    return this.#tauNs > this.#askedTauNs;
  }

  /** Undefined while tau is what was asked for. */
  get cause(): RaiseCause | undefined {
    return this.#cause;
  }

  /** @returns tau for the next window, ns */
  next({ captures, agentCpuNs, seconds }: WindowCost): number {
    if (!(seconds > 0)) return this.#tauNs;
    if (this.#onTrialSeconds !== undefined) {
      this.#onTrialSeconds += seconds;
      if (this.#onTrialSeconds > TRIAL_PASSED_SECONDS) this.#onTrialSeconds = undefined;
    }
    const capturesASecond = captures / seconds;
    const captureLoad = capturesASecond / this.#budget.capturesASecond;
    const agentCpuShare = agentCpuNs / 1e9 / seconds;
    const ofCapturesShare = Math.min(agentCpuShare, (capturesASecond * AGENT_NS_A_CAPTURE) / 1e9);
    const cpuLoad = ofCapturesShare / this.#budget.agentCpuShare;
    const sustainedCpuLoad = this.#sustained(cpuLoad, seconds);

    if (captureLoad > 1) {
      this.#raise(captureLoad, { over: 'captures', capturesASecond, budget: this.#budget });
    } else if (sustainedCpuLoad > 1) {
      this.#raise(sustainedCpuLoad, { over: 'agent-cpu', agentCpuShare, budget: this.#budget });
    } else if (this.isGoverning && captureLoad < FALL_SHARE) {
      if (cpuLoad < FALL_SHARE) {
        this.#fall();
        if (!this.isGoverning) this.#trialSeconds = FIRST_TRIAL_SECONDS;
      } else if (cpuLoad <= 1) this.#fallOnTrial(seconds);
      else this.#doubtSeconds = 0;
    }
    return this.#tauNs;
  }

  /** The least load of the time over budget once that has lasted, else 0. */
  #sustained(cpuLoad: number, seconds: number): number {
    if (cpuLoad <= 1) {
      this.#overSeconds = 0;
      this.#leastOverLoad = Number.POSITIVE_INFINITY;
      return 0;
    }
    this.#overSeconds += seconds;
    this.#leastOverLoad = Math.min(this.#leastOverLoad, cpuLoad);
    return this.#overSeconds < SUSTAINED_SECONDS ? 0 : this.#leastOverLoad;
  }

  #raise(load: number, cause: RaiseCause): void {
    if (this.#onTrialSeconds !== undefined) {
      this.#trialSeconds = Math.min(LAST_TRIAL_SECONDS, 2 * this.#trialSeconds);
    }
    this.#settle();
    const factor = Math.min(MOST_RAISE, Math.max(LEAST_RAISE, load * RAISE_MARGIN));
    this.#tauNs = Math.min(MAX_TAU_NS, Math.ceil(Math.max(this.#tauNs, FIRST_STEP_NS) * factor));
    if (this.isGoverning) this.#cause = cause;
  }

  #fallOnTrial(seconds: number): void {
    this.#doubtSeconds += seconds;
    if (this.#doubtSeconds < this.#trialSeconds) return;
    this.#fall();
    this.#onTrialSeconds = 0;
  }

  #fall(): void {
    this.#settle();
    const halved = Math.floor(this.#tauNs / 2);
    this.#tauNs = halved < FIRST_STEP_NS || halved < this.#askedTauNs ? this.#askedTauNs : halved;
    if (!this.isGoverning) this.#cause = undefined;
  }

  /** What was measured at another tau says nothing of the new one. */
  #settle(): void {
    this.#overSeconds = 0;
    this.#leastOverLoad = Number.POSITIVE_INFINITY;
    this.#doubtSeconds = 0;
    this.#onTrialSeconds = undefined;
  }
}
