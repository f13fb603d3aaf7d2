/**
 * Owns what a store of dashboards promises, whatever keeps it: `dashboard-store.test.ts` holds each implementation to it.
 *
 * - What a promise has answered is on the disk, and is there after kill -9 or a power cut.
 * - A name is that of one dashboard, in whatever case it is written.
 * - A change names the revision that it is of: nobody's change is overwritten by one who has not seen it.
 */
import type { Dashboard, DashboardChange, DashboardDraft } from '@stallscope/protocol';

export interface DashboardStore {
  readonly maxDashboards: number;
  /** All of them, by name. */
  list(): Promise<Dashboard[]>;
  find(id: string): Promise<Dashboard | undefined>;
  /** Throws StoreError `name-taken`, `full`, `disk-full`; nothing is kept then. */
  keep(draft: DashboardDraft): Promise<Dashboard>;
  /** Throws StoreError `changed` where its revision is another by now, and as `keep`. undefined when there is none such. */
  change(id: string, change: DashboardChange): Promise<Dashboard | undefined>;
  /** False when there is no such dashboard. */
  delete(id: string): Promise<boolean>;
}
