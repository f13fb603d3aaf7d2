/**
 * Owns dashboards in LMDB: a table of their own in the file of the snapshots, one small record each. Records are in memory
 * too, changed after the commit that keeps them; changes go one by one.
 */
import {
  type Dashboard,
  type DashboardChange,
  type DashboardDraft,
  readDashboard,
} from '@stallscope/protocol';
import type { Database } from 'lmdb';
import type { DashboardStore } from './dashboard-store.js';
import { MAX_DASHBOARDS } from './limits.js';
import { type LmdbWriter, readJson, toJson } from './lmdb-writer.js';
import { newId } from './share-token.js';
import { StoreError } from './store-error.js';

export class LmdbDashboardStore implements DashboardStore {
  readonly maxDashboards = MAX_DASHBOARDS;
  /** Ids of records that could not be read when the store was opened; they are left as they are. */
  readonly unreadable: string[] = [];
  readonly #table: Database<Buffer, string>;
  readonly #writer: LmdbWriter;
  readonly #nowMs: () => number;
  readonly #dashboards = new Map<string, Dashboard>();

  constructor(table: Database<Buffer, string>, writer: LmdbWriter, nowMs: () => number) {
    this.#table = table;
    this.#writer = writer;
    this.#nowMs = nowMs;
  }

  /** Once, before anything else. Throws what LMDB says of a file that it cannot read. */
  load(): void {
    for (const { key, value } of this.#table.getRange({})) {
      try {
        this.#dashboards.set(key, readDashboard({ dashboard: readJson(value) }));
      } catch {
        // Counted and told by the hub; one bad record must not keep the others from being shown.
        this.unreadable.push(key);
      }
    }
  }

  async list(): Promise<Dashboard[]> {
    return [...this.#dashboards.values()].sort(
      (a, b) => a.name.localeCompare(b.name, 'en') || (a.id < b.id ? -1 : 1),
    );
  }

  async find(id: string): Promise<Dashboard | undefined> {
    return this.#dashboards.get(id);
  }

  keep(draft: DashboardDraft): Promise<Dashboard> {
    return this.#writer.oneByOne(async () => {
      this.#assertFree(draft.name);
      if (this.#dashboards.size + this.unreadable.length >= this.maxDashboards) {
        throw new StoreError(
          'full',
          `keep “${draft.name}”: there are ${this.maxDashboards} dashboards already`,
          'Delete one that is not needed any more.',
        );
      }
      const nowMs = this.#nowMs();
      return this.#write({ ...draft, id: newId(), revision: 1, createdAtMs: nowMs, changedAtMs: nowMs });
    });
  }

  change(id: string, { revision, ...draft }: DashboardChange): Promise<Dashboard | undefined> {
    return this.#writer.oneByOne(async () => {
      const before = this.#dashboards.get(id);
      if (before === undefined) return undefined;
      if (before.revision !== revision) {
        const who = before.author === '' ? 'somebody else' : before.author;
        throw new StoreError(
          'changed',
          `keep “${draft.name}”: ${who} has kept another version of it meanwhile`,
          'Look at that one first, or keep yours under another name.',
        );
      }
      this.#assertFree(draft.name, id);
      return this.#write({ ...before, ...draft, revision: revision + 1, changedAtMs: this.#nowMs() });
    });
  }

  delete(id: string): Promise<boolean> {
    return this.#writer.oneByOne(async () => {
      if (!this.#dashboards.has(id)) return false;
      await this.#writer.commit(() => this.#table.remove(id));
      this.#dashboards.delete(id);
      return true;
    });
  }

  #assertFree(name: string, except?: string): void {
    for (const dashboard of this.#dashboards.values()) {
      if (dashboard.id === except || toKey(dashboard.name) !== toKey(name)) continue;
      throw new StoreError(
        'name-taken',
        `keep “${name}”: there is a dashboard of this name`,
        'Choose another name, or open that one and change it.',
      );
    }
  }

  async #write(dashboard: Dashboard): Promise<Dashboard> {
    await this.#writer.commit(() => this.#table.put(dashboard.id, toJson(dashboard)));
    this.#dashboards.set(dashboard.id, dashboard);
    return dashboard;
  }
}

function toKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
