/**
 * Owns what the agent does for names of code that is made at run time: has JVMs write their maps when code of theirs has
 * none, and says of each process what its user could do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hint, ProfileTables, ProfileWindow } from '@stallscope/profile';
import {
  BoundedCache,
  hasJvmOption,
  JavaPerfMaps,
  type JitState,
  type Symbolizer,
} from '@stallscope/symbols';
import { toHint } from './runtime-hints.js';
import type { KernelId } from './sched-records.js';

/** What a window waits for names of JVMs that are seen for the first time: most answer in a tenth of it. */
const MAX_WAIT_MS = 1_000;
/** JVMs of which is remembered how they were started. */
const MAX_JVMS = 512;

interface StackOfProcess {
  tgid: number;
  userStack: KernelId;
}

export class RuntimeNames {
  readonly #symbolizer: Symbolizer;
  readonly #java: JavaPerfMaps | undefined;
  readonly #startedWith = new BoundedCache<
    number,
    { identity: string; keepsFramePointers: boolean | undefined }
  >(MAX_JVMS);

  /** @param asksJava false: JVMs are left alone */
  constructor(symbolizer: Symbolizer, asksJava: boolean) {
    this.#symbolizer = symbolizer;
    this.#java = asksJava
      ? new JavaPerfMaps({ onWritten: (tgid) => symbolizer.rereadPerfMap(tgid) })
      : undefined;
  }

  /**
   * Before the stacks of a window are named: JVMs whose code has no names are asked for them. One that has not been asked
   * before is waited for, so that its first window has names as well.
   * @returns whether names may be others now than before
   */
  async prepare(
    lists: readonly (readonly StackOfProcess[])[],
    resolver: { userStack(tgid: number, id: KernelId): number },
  ): Promise<boolean> {
    if (this.#java === undefined) return false;
    const jvms = new Map<number, JitState | undefined>();
    for (const list of lists) {
      for (const { tgid, userStack } of list) {
        if (userStack === 0n) continue;
        if (!jvms.has(tgid)) jvms.set(tgid, this.#jvm(tgid));
        const jvm = jvms.get(tgid);
        // What has no name is known only when it has been asked for.
        if (jvm !== undefined && !this.#java.wasAsked(tgid, jvm.identity))
          resolver.userStack(tgid, userStack);
      }
    }
    const answers: Promise<void>[] = [];
    for (const [tgid, jvm] of jvms) {
      const answer = jvm && this.#java.consider(tgid, this.#symbolizer.jitState(tgid));
      if (answer !== undefined) answers.push(answer);
    }
    if (answers.length === 0) return false;
    const late = new AbortController();
    await Promise.race([
      Promise.all(answers),
      sleep(MAX_WAIT_MS, undefined, { signal: late.signal }).catch((error: unknown) => {
        if (!late.signal.aborted) throw error;
      }),
    ]);
    late.abort();
    return true;
  }

  /** Fills the hints of the processes that a window has. */
  appendHints(window: ProfileWindow, tables: ProfileTables): void {
    const { tgid, hint } = window.processes;
    for (let i = 0; i < tgid.length; i++) hint[i] = tables.internString(this.hint(tgid[i]!));
  }

  hint(tgid: number): Hint | '' {
    const state = this.#symbolizer.jitState(tgid);
    const isJava = state.runtime?.name === 'java' && !state.isGone;
    return toHint(state, {
      isAsked: this.#java !== undefined,
      refusal: this.#java?.refusal(tgid, state.identity),
      keepsFramePointers: isJava ? this.#keepsFramePointers(tgid, state.identity) : undefined,
    });
  }

  #jvm(tgid: number): JitState | undefined {
    const state = this.#symbolizer.jitState(tgid);
    return state.runtime?.name === 'java' && !state.isGone ? state : undefined;
  }

  #keepsFramePointers(tgid: number, identity: string): boolean | undefined {
    const known = this.#startedWith.get(tgid);
    if (known?.identity === identity) return known.keepsFramePointers;
    const keepsFramePointers = hasJvmOption(tgid, '+PreserveFramePointer');
    this.#startedWith.set(tgid, { identity, keepsFramePointers });
    return keepsFramePointers;
  }
}
