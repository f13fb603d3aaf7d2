/** Owns what a page can compare with, beside other times and processes of its own data. */
import type { BaseSource } from './base';

export interface BaseWays {
  /** What the page itself shows, as another page would name it; null where no other page can. */
  shown: BaseSource | null;
  /** Hosts that the hub knows; null where the page does not follow them: then it is asked. */
  hosts: readonly { id: string; name: string }[] | null;
  /** There is a hub that may have hosts and snapshots for this reader: not so behind a share link. */
  hasHub: boolean;
  /** Of the file that is shown, where it is of profiles from elsewhere; left out for windows. */
  profiles?: readonly { title: string; samples: number }[];
  giveFile(name: string, file: Blob): void;
}
