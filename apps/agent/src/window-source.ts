/** Owns what the agent's loop needs of whatever makes windows: the kernel, or a recording in its place. */
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import type { Collectible } from '@stallscope/protocol';
import type { SourceOfFunction } from '@stallscope/symbols';
import type { GovernedState } from './governing-log.js';

export interface WindowSource {
  /** The tables that ids of the last window point into; may be replaced between windows. */
  readonly tables: ProfileTables;
  /** How tau stands since the last window; absent where nothing is measured. */
  readonly governed?: GovernedState;
  /** Ends the present window and begins the next. */
  collect(): Promise<ProfileWindow>;
  /** Where a function comes from; absent where there is no code to look at. */
  sourceOf?(name: string, module: string): Promise<SourceOfFunction>;
  /** What is collected from the next window on, in place of what was before. A recording plays what it has. */
  setCollected(wants: ReadonlySet<Collectible>): void;
  /** Makes the windows from the next on start with empty tables. */
  renewTables(): void;
  close(): void;
}
