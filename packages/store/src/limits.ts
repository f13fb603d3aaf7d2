/** Owns the store's own bounds, each with its unit and reason. Sizes of what is sent are the protocol's. */

/** Snapshots kept at once: the list of them is sent whole, about a kilobyte each. */
export const MAX_SNAPSHOTS = 1000;

/** Files, images and reduced copies together, bytes; a snapshot of a minute is some megabytes. */
export const DEFAULT_MAX_BYTES = 2 * 1024 * 1024 * 1024;

/** Unpinned snapshots go at this age, ms: a quarter, so that the last one's can be compared. */
export const DEFAULT_MAX_AGE_MS = 90 * 24 * 3600 * 1000;

/** A file is kept in pieces of this many bytes: what one reader or writer holds in memory, and what one commit writes. */
export const CHUNK_BYTES = 256 * 1024;

/** Bytes of the digest that stands before each piece: enough to notice damage, which is no adversary. */
export const DIGEST_BYTES = 16;

/** Uploads at once; each holds some pieces, and on the disk at most one file that is not counted yet. */
export const MAX_UPLOADS = 4;

/** Links of one snapshot that work at once. */
export const MAX_SHARES_A_SNAPSHOT = 50;

/** Links that ended and are still answered with 410 in place of 404; the oldest are forgotten first. */
export const MAX_ENDED_SHARES = 5000;

/** Evictions that are told with the list, so that nobody wonders where a snapshot went. */
export const MAX_EVICTED_TOLD = 50;

/** Room that the database file may need beyond what is counted, as a part: pages are filled to half at worst, pieces nearly whole. */
export const FILE_SLACK = 1.25;

/** Free bytes below which a failed write is taken for a full disk. */
export const FULL_DISK_BYTES = 2 * 1024 * 1024;

/** Dashboards kept at once: the list of them is sent whole, some kilobytes each at most. */
export const MAX_DASHBOARDS = 200;
