/**
 * Owns the report of a run of the suite: JSON, for whoever publishes the probe's accuracy.
 *
 *     { "format": "stallscope-truth", "version": 1, "seed": 7, "kernel": "6.18.44", "runs": [
 *       { "case": "sleepers of many lengths", "mode": "exact", "tauNs": 0, "losses": { "switch-missed": 3 },
 *         "findings": [ { "what": "blocked, all threads", "unit": "ns", "truth": 1500000000, "seen": 1499000000,
 *                         "error": -0.00067, "tolerance": 0.01, "allowance": 4000000, "standardErrors": null,
 *                         "passed": true }, … ] }, … ] }
 */
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Finding } from './judge.js';
import type { Seen } from './seen.js';

export interface TruthReportJson {
  format: 'stallscope-truth';
  version: 1;
  seed: number;
  kernel: string;
  runs: TruthRun[];
}

export interface TruthRun {
  case: string;
  mode: 'exact' | 'sampled';
  /** Sampling threshold, ns; 0 is exact. */
  tauNs: number;
  /** What the probe counted as lost, of the workload alone. */
  losses: Readonly<Record<string, number>>;
  findings: readonly Finding[];
}

export class TruthReport {
  readonly #runs: TruthRun[] = [];

  constructor(readonly seed: number) {}

  add(caseName: string, mode: TruthRun['mode'], seen: Seen, findings: readonly Finding[]): void {
    this.#runs.push({ case: caseName, mode, tauNs: seen.tauNs, losses: seen.losses, findings });
  }

  /** To STALLSCOPE_TRUTH_REPORT, when that is set. */
  write(environment: NodeJS.ProcessEnv): void {
    const path = environment.STALLSCOPE_TRUTH_REPORT;
    if (path === undefined) return;
    const json: TruthReportJson = {
      format: 'stallscope-truth',
      version: 1,
      seed: this.seed,
      kernel: release(),
      runs: this.#runs,
    };
    writeFileSync(path, `${JSON.stringify(json, null, 1)}\n`);
  }
}
