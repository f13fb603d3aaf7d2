/**
 * Owns the processes of this host for whoever makes windows: what names their frames, and what says who they are. Where
 * the kernel does not tell of processes, as without the right to perf events, names from /proc are what is left.
 */
import { BpfError, type BpfProgram } from '@stallscope/libbpf';
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import type { Mapping, ProcessImage, ProcessImages } from '@stallscope/symbols';
import { appendProcesses } from './process-columns.js';
import { ProcessNames } from './process-names.js';
import { ProcessRegistry } from './process-registry.js';
import type { CommandLineMode } from './who/command-line.js';
import { ProcessWhoWords } from './who/process-who.js';
import { UserNames } from './who/user-names.js';

export class HostProcesses implements ProcessImages {
  readonly #mode: CommandLineMode;
  readonly #names = new ProcessNames();
  #registry: ProcessRegistry | undefined;
  #words: ProcessWhoWords | undefined;
  #refusal: string | undefined;

  constructor(mode: CommandLineMode) {
    this.#mode = mode;
  }

  /** Follows processes from here on, where the kernel lets it. */
  start(): void {
    try {
      this.#registry = ProcessRegistry.open();
    } catch (error) {
      if (!(error instanceof BpfError)) throw error;
      this.#refusal = `${error.operation} ${error.subject}: ${error.cause}`;
      return;
    }
    this.#words = new ProcessWhoWords(new UserNames(), this.#registry.cgroups, this.#mode);
  }

  /** Why processes are not followed; undefined when they are. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** What the kernel runs to tell of them; none where it does not tell. */
  get programs(): readonly BpfProgram[] {
    const program = this.#registry?.program;
    return program === undefined ? [] : [program];
  }

  find(tgid: number): ProcessImage | undefined {
    return this.#registry?.find(tgid);
  }

  witness(tgid: number): number | undefined {
    return this.#registry?.witness(tgid);
  }

  refresh(tgid: number): void {
    this.#registry?.refresh(tgid);
  }

  /** Tells of the code that processes map; undefined where processes are not followed. */
  watchMapped(listener: (tgid: number, mapping: Mapping) => void): (() => void) | undefined {
    return this.#registry?.watchMapped(listener);
  }

  findHeldFile(mapping: Mapping): string | undefined {
    return this.#registry?.findHeldFile(mapping);
  }

  /** After the window's rows were taken, before their addresses are named. */
  beginWindow(): void {
    this.#registry?.beginWindow();
  }

  /** Threads as the kernel reported them: the first of a process names it where nobody told its name. */
  append(
    window: ProfileWindow,
    tables: ProfileTables,
    threads: Iterable<{ tgid: number; tid: number; comm: string }>,
  ): void {
    for (const { tgid, tid, comm } of threads) this.#names.see(tgid, tid, comm);
    appendProcesses(window, tables, {
      registry: this.#registry,
      words: this.#words,
      names: this.#names,
    });
    const lost = this.#registry?.takeLost() ?? 0;
    if (lost > 0) window.losses['process-events-lost'] = (window.losses['process-events-lost'] ?? 0) + lost;
  }

  /** Idempotent. */
  close(): void {
    this.#registry?.close();
  }
}
