/**
 * Owns carrying windows from one `ProfileTables` to another. An id is translated when a window first names it, and
 * remembered: what no window names is left behind, which is how outgrown tables are rebuilt.
 *
 *     from: strings ['', 'x', 'main']     into: strings ['', 'main']
 *     window.rows.comm [2, 2]         →   [1, 1]
 *
 * Invariant: `from` may go on growing; both tables must be those of the windows before and after.
 */
import { NONE } from './kinds.js';
import { PROCESS_STRINGS } from './rows.js';
import type { ProfileTables } from './tables.js';
import type { ProfileWindow } from './window.js';

export class TableImporter {
  readonly #from: ProfileTables;
  readonly #into: ProfileTables;
  readonly #strings = new Translation();
  readonly #frames = new Translation();
  readonly #stacks = new Translation();
  readonly #chains = new Translation();

  constructor(from: ProfileTables, into: ProfileTables) {
    this.#from = from;
    this.#into = into;
  }

  /** A window of `into` that says the same; the given one is left as it is, and columns without ids are shared. */
  window(window: ProfileWindow): ProfileWindow {
    const { rows, threads, openWaits, processes, latencies, vitals, probes } = window;
    const strings = (ids: readonly number[]): number[] => ids.map((id) => this.string(id));
    const stacks = (ids: readonly number[]): number[] => ids.map((id) => this.stack(id));
    return {
      ...window,
      rows: {
        ...rows,
        comm: strings(rows.comm),
        userStack: stacks(rows.userStack),
        kernelStack: stacks(rows.kernelStack),
        chain: rows.chain.map((id) => this.chain(id)),
      },
      threads: { ...threads, comm: strings(threads.comm) },
      openWaits: {
        ...openWaits,
        comm: strings(openWaits.comm),
        userStack: stacks(openWaits.userStack),
        kernelStack: stacks(openWaits.kernelStack),
      },
      processes: {
        ...processes,
        ...Object.fromEntries(PROCESS_STRINGS.map((column) => [column, strings(processes[column])])),
      },
      latencies: {
        ...latencies,
        operation: strings(latencies.operation),
        target: strings(latencies.target),
      },
      vitals: { ...vitals, metric: strings(vitals.metric), label: strings(vitals.label) },
      probes: { ...probes, name: strings(probes.name), detail: strings(probes.detail) },
    };
  }

  string(id: number): number {
    const known = this.#strings.get(id);
    if (known !== UNKNOWN) return known;
    const imported = this.#into.internString(this.#from.strings[id]!);
    this.#strings.set(id, imported);
    return imported;
  }

  stack(id: number): number {
    if (id === NONE) return NONE;
    const known = this.#stacks.get(id);
    if (known !== UNKNOWN) return known;
    // Callers first, without recursion: a stack may be a thousand frames deep.
    const pending: number[] = [];
    let at = id;
    for (; at !== NONE && this.#stacks.get(at) === UNKNOWN; at = this.#from.stackPrefix[at]!)
      pending.push(at);
    let imported = at === NONE ? NONE : this.#stacks.get(at);
    for (let n = pending.length - 1; n >= 0; n--) {
      const stack = pending[n]!;
      imported = this.#into.internStack(imported, this.#frame(this.#from.stackFrame[stack]!));
      this.#stacks.set(stack, imported);
    }
    return imported;
  }

  chain(id: number): number {
    if (id === NONE) return NONE;
    const known = this.#chains.get(id);
    if (known !== UNKNOWN) return known;
    const pending: number[] = [];
    let at = id;
    for (; at !== NONE && this.#chains.get(at) === UNKNOWN; at = this.#from.chains[at]!.parent)
      pending.push(at);
    let parent = at === NONE ? NONE : this.#chains.get(at);
    for (let n = pending.length - 1; n >= 0; n--) {
      const chain = pending[n]!;
      const node = this.#from.chains[chain]!;
      parent = this.#into.internChain({
        ...node,
        comm: this.string(node.comm),
        userStack: this.stack(node.userStack),
        kernelStack: this.stack(node.kernelStack),
        parent,
      });
      this.#chains.set(chain, parent);
    }
    return parent;
  }

  #frame(id: number): number {
    const known = this.#frames.get(id);
    if (known !== UNKNOWN) return known;
    const imported = this.#into.internFrame({
      name: this.string(this.#from.frameName[id]!),
      module: this.string(this.#from.frameModule[id]!),
      space: this.#from.frameSpace[id]!,
      unnamed: this.#from.frameUnnamed[id]!,
      kind: this.#from.frameKind[id]!,
    });
    this.#frames.set(id, imported);
    return imported;
  }
}

/** No id, nor NONE. */
const UNKNOWN = -2;

/** Id in one table → id in the other. An array with holes would become a hash table when ids far apart come first. */
class Translation {
  #ids = new Int32Array(64).fill(UNKNOWN);

  get(id: number): number {
    return id < this.#ids.length ? this.#ids[id]! : UNKNOWN;
  }

  set(id: number, translated: number): void {
    if (id >= this.#ids.length) {
      const grown = new Int32Array(Math.max(id + 1, this.#ids.length * 2)).fill(UNKNOWN);
      grown.set(this.#ids);
      this.#ids = grown;
    }
    this.#ids[id] = translated;
  }
}
