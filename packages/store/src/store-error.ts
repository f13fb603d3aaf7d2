/**
 * Owns what can go wrong with the store: one stable code each. `message` says what, where and why; `hint` what to do.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly code: StoreErrorCode,
    message: string,
    readonly hint = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export type StoreErrorCode =
  /** The directory cannot be made, read or written. */
  | 'directory'
  /** Another hub has the directory. */
  | 'in-use'
  /** The database file is none, was cut off, or is of a newer version. */
  | 'corrupt'
  /** The disk is full. */
  | 'disk-full'
  /** Pinned snapshots leave no room for another, or there are as many dashboards as may. */
  | 'full'
  /** One snapshot is larger than is taken. */
  | 'too-large'
  /** As many uploads run as may. */
  | 'busy'
  /** A dashboard is at another revision than the change is of. */
  | 'changed'
  /** Another dashboard has the name. */
  | 'name-taken'
  /** There is no such snapshot or link, or it went while it was read. */
  | 'unknown'
  /** What was stored is not what is read. */
  | 'damaged'
  /** A snapshot has as many links as it may. */
  | 'too-many-shares'
  /** The disk failed. */
  | 'io'
  /** The hub is closing. */
  | 'closed';
