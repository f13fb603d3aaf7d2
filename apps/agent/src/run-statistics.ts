/**
 * Owns what the kernel says of how long BPF programs run. It counts only while somebody asks it to, as that makes each run
 * some tens of nanoseconds longer.
 *
 *     window      │ asked for here     │ counted in all of it │
 *     isMeasured  │ false    ▲         │ true                 │
 *
 * The right to ask for it is CAP_SYS_ADMIN, which an agent may not have: then whoever started it may ask in its place, in
 * its own time. So whether a window was counted whole is seen by the counts themselves: a switch is always under way.
 */
import { type BpfProgram, enableRunTimeStats } from '@stallscope/libbpf';

/** Has the kernel count, or no longer. @throws BpfError when it refuses */
export type AskForRunTimes = (isWanted: boolean) => void;

export interface RunTimes {
  /** CPU time, ns. */
  runNs: number;
  runCount: number;
}

export const NOTHING_RAN: RunTimes = { runNs: 0, runCount: 0 };

/** Programs that one line of costs stands for. */
export class RunMeter {
  readonly #programs: readonly BpfProgram[];
  #before: RunTimes = NOTHING_RAN;

  constructor(programs: readonly BpfProgram[]) {
    this.#programs = programs;
    this.#before = this.#total();
  }

  /** Since the last call. */
  take(): RunTimes {
    const before = this.#before;
    this.#before = this.#total();
    return {
      runNs: this.#before.runNs - before.runNs,
      runCount: this.#before.runCount - before.runCount,
    };
  }

  #total(): RunTimes {
    let runNs = 0;
    let runCount = 0;
    for (const program of this.#programs) {
      const info = program.info();
      runNs += info.runTimeNs;
      runCount += info.runCount;
    }
    return { runNs, runCount };
  }
}

export class RunStatistics {
  readonly #ask: AskForRunTimes;
  #isWanted = false;
  #refusal: string | undefined;
  /** It counted at the end of the last window. */
  #wasCounting = false;

  constructor(ask: AskForRunTimes = askKernel()) {
    this.#ask = ask;
  }

  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Why the kernel does not count though it was asked to; undefined when it does, or was not asked. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  setWanted(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return;
    this.#isWanted = isWanted;
    this.#wasCounting = false;
    this.#refusal = undefined;
    try {
      this.#ask(isWanted);
    } catch (error) {
      this.#refusal = firstLine(error);
    }
  }

  /** A window ends. @param ran what ran in it of programs that run all the time @returns whether all of it was counted */
  endWindow(ran: RunTimes): boolean {
    const wasWhole = this.#isWanted && this.#wasCounting && ran.runCount > 0;
    this.#wasCounting = this.#isWanted && ran.runCount > 0;
    return wasWhole;
  }

  close(): void {
    this.setWanted(false);
  }
}

/** Why this process may not have the kernel count; undefined when it may. */
export function runTimesRefusal(): string | undefined {
  try {
    enableRunTimeStats().close();
    return undefined;
  } catch (error) {
    return firstLine(error);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}

/** The kernel counts as long as a descriptor is open. */
function askKernel(): AskForRunTimes {
  let counting: { close(): void } | undefined;
  return (isWanted) => {
    counting?.close();
    counting = isWanted ? enableRunTimeStats() : undefined;
  };
}
