/** Owns which processes of a view could have better names, and what would give them: `Processes.hint`, by their time. */
import { findHint, type Hint, reasonOfHint } from './hints.js';
import type { Unnamed } from './kinds.js';
import { toRowMatcher } from './project.js';
import type { Query } from './query.js';
import { rowCount } from './rows.js';
import type { ProfileTables } from './tables.js';
import type { Processes, Rows } from './window.js';

export interface ProcessHint {
  tgid: number;
  /** '' when it is not known. */
  name: string;
  hint: Hint;
}

/** Processes that one hint is of, in the order in which they came. */
export interface HintGroup {
  hint: Hint;
  /** Of frames without a name; null: their names could say more. */
  reason: Exclude<Unnamed, 'named'> | null;
  processes: Pick<ProcessHint, 'tgid' | 'name'>[];
}

/** A host may run many processes of a kind: what is said of them is said once. */
export function groupHints(hints: readonly ProcessHint[]): HintGroup[] {
  const groups = new Map<Hint, HintGroup>();
  for (const { tgid, name, hint } of hints) {
    let group = groups.get(hint);
    if (group === undefined) {
      group = { hint, reason: reasonOfHint(hint), processes: [] };
      groups.set(hint, group);
    }
    group.processes.push({ tgid, name });
  }
  return [...groups.values()];
}

/** What windows said last of each process. */
export class ProcessHints {
  readonly #hints = new Map<number, Hint>();

  /** Undefined where nothing is amiss, and of a process that no window has told of. */
  find(tgid: number): Hint | undefined {
    return this.#hints.get(tgid);
  }

  add(tables: ProfileTables, { tgid, hint }: Pick<Processes, 'tgid' | 'hint'>): void {
    for (let i = 0; i < tgid.length; i++) {
      const known = findHint(tables.strings[hint[i] ?? 0] ?? '');
      if (known === undefined) this.#hints.delete(tgid[i]!);
      else this.#hints.set(tgid[i]!, known);
    }
  }

  clear(): void {
    this.#hints.clear();
  }

  /** Of the rows that a query keeps, the processes of most time first, at most `max`. */
  of(
    tables: ProfileTables,
    rows: Rows,
    query: Query,
    nameOf: (tgid: number) => string,
    max: number,
  ): ProcessHint[] {
    if (this.#hints.size === 0) return [];
    const nsByTgid = new Map<number, number>();
    const matches = toRowMatcher(tables, query);
    for (let i = 0; i < rowCount(rows); i++) {
      const tgid = rows.tgid[i]!;
      if (!this.#hints.has(tgid) || !matches(rows, i)) continue;
      nsByTgid.set(tgid, (nsByTgid.get(tgid) ?? 0) + rows.estimatedNs[i]!);
    }
    return [...nsByTgid]
      .sort(([a, aNs], [b, bNs]) => bNs - aNs || a - b)
      .slice(0, max)
      .map(([tgid]) => ({ tgid, name: nameOf(tgid), hint: this.#hints.get(tgid)! }));
  }
}
