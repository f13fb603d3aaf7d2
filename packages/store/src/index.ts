export * from './dashboard-store.js';
export { claimDataDirectory, type Owner, prepareDataDirectory } from './data-directory.js';
export * from './limits.js';
export { LmdbSnapshotStore, openLmdbSnapshotStore, type StoreOptions } from './lmdb-snapshot-store.js';
export * from './snapshot-store.js';
export * from './store-error.js';
