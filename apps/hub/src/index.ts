export { DEFAULT_MAX_AGE_MS, DEFAULT_MAX_BYTES, prepareDataDirectory, StoreError } from '@stallscope/store';
export { isLoopback } from './access.js';
export { Hub, type HubCoreOptions } from './hub.js';
export { DEFAULT_RETAIN_BYTES, DEFAULT_RETAIN_MS, MIN_TOKEN_CHARS } from './limits.js';
export type { Log } from './log.js';
export type { OpenedFileOptions } from './opened-file.js';
export { type RunningHub, type StartHubOptions, startHub } from './start-hub.js';
