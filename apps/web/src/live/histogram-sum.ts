/**
 * Owns the exact log2 histograms of the windows of one span. Invariant: `remove` undoes `add`; counts are integers.
 */
import { DURATION_BUCKETS, KINDS, type ProfileWindow } from '@stallscope/profile';

export class HistogramSum {
  /** By tgid × kinds + kind: counts by bucket. */
  readonly #counts = new Map<number, Float64Array>();

  add(window: Pick<ProfileWindow, 'histograms'>): void {
    this.#sum(window, 1);
  }

  remove(window: Pick<ProfileWindow, 'histograms'>): void {
    this.#sum(window, -1);
  }

  /** `counts[kind][bucket]`, of one process or of all. */
  counts(tgid: number | null): number[][] {
    const sums = KINDS.map(() => new Array<number>(DURATION_BUCKETS).fill(0));
    for (const [key, counts] of this.#counts) {
      if (tgid !== null && Math.floor(key / KINDS.length) !== tgid) continue;
      const into = sums[key % KINDS.length]!;
      for (let bucket = 0; bucket < DURATION_BUCKETS; bucket++) into[bucket]! += counts[bucket]!;
    }
    return sums;
  }

  #sum({ histograms }: Pick<ProfileWindow, 'histograms'>, sign: 1 | -1): void {
    const { tgid, kind, bucket, count } = histograms;
    for (let index = 0; index < tgid.length; index++) {
      const key = tgid[index]! * KINDS.length + kind[index]!;
      let counts = this.#counts.get(key);
      if (counts === undefined) {
        counts = new Float64Array(DURATION_BUCKETS);
        this.#counts.set(key, counts);
      }
      counts[bucket[index]!]! += sign * count[index]!;
      if (sign < 0 && counts.every((left) => left === 0)) this.#counts.delete(key);
    }
  }
}
