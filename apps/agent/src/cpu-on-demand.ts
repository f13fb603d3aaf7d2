/**
 * Owns the CPU probe as it comes and goes with who asks for it. Loaded just before a window ends, so that the next is
 * sampled whole; let go of with the end of another. Where the kernel refuses, it is asked again only by whoever asks anew.
 *
 *     prepare() ─▶ flip() ─▶ grace period ─▶ drain()
 */
import { BpfError } from '@stallscope/libbpf';
import type { ProbeState } from '@stallscope/profile';
import type { CpuCollector, CpuSamples } from './cpu-collector.js';

export interface CpuWindow {
  state: ProbeState;
  /** Why it was refused; '' when there is nothing to say. */
  detail: string;
  /** What a sample stands for, ns; 0 where the window was not sampled. */
  periodNs: number;
  samples: CpuSamples | undefined;
  runNs: number;
  runCount: number;
}

export class CpuOnDemand {
  readonly #open: () => CpuCollector;
  #isWanted = false;
  #probe: CpuCollector | undefined;
  /** The window that ends next is one that it was attached in. */
  #isStarting = false;
  #refusal: BpfError | undefined;
  #stacksInsertedBefore = 0;

  /** @param open attaches; refused with a BpfError */
  constructor(open: () => CpuCollector) {
    this.#open = open;
  }

  /** undefined where it is not attached. */
  get probe(): CpuCollector | undefined {
    return this.#probe;
  }

  /** Why CPUs are not sampled though it was asked for. */
  get refusal(): BpfError | undefined {
    return this.#refusal;
  }

  /** Entries that it ever put into the map of stacks. */
  get stacksInserted(): number {
    return this.#stacksInsertedBefore + (this.#probe?.stacksInserted ?? 0);
  }

  setWanted(isWanted: boolean): void {
    if (isWanted && !this.#isWanted) this.#refusal = undefined;
    this.#isWanted = isWanted;
  }

  /** Before the first window: attached, all of that window is sampled. @throws BpfError when the kernel refuses */
  openNow(): void {
    this.#isWanted = true;
    this.#probe = this.#open();
  }

  /** Just before a window ends. */
  prepare(): void {
    if (!this.#isWanted || this.#probe !== undefined || this.#refusal !== undefined) return;
    try {
      this.#probe = this.#open();
      this.#isStarting = true;
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      this.#refusal = error;
    }
  }

  /** The window ends now. */
  flip(): void {
    this.#probe?.flip();
  }

  /** What the window before the flip had; only after a grace period. undefined where nobody asked for it. */
  drain(windowNs: number): CpuWindow | undefined {
    const probe = this.#probe;
    if (probe === undefined) {
      if (!this.#isWanted) return undefined;
      const detail = this.#refusal?.message.split('\n')[0] ?? '';
      return { state: 'refused', detail, periodNs: 0, samples: undefined, runNs: 0, runCount: 0 };
    }
    const samples = probe.drain(windowNs);
    const ran = probe.takeRunTimes();
    const isStarting = this.#isStarting;
    this.#isStarting = false;
    if (!this.#isWanted) this.#release();
    return isStarting
      ? { state: 'starting', detail: '', periodNs: 0, samples: undefined, ...ran }
      : { state: 'on', detail: '', periodNs: probe.periodNs, samples, ...ran };
  }

  /** Ends the sampling; what was sampled since the last flip is there to be drained. */
  detach(): void {
    this.#probe?.detach();
  }

  /** Idempotent. */
  close(): void {
    this.#release();
  }

  #release(): void {
    if (this.#probe === undefined) return;
    this.#stacksInsertedBefore += this.#probe.stacksInserted;
    this.#probe.close();
    this.#probe = undefined;
  }
}
