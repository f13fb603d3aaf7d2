export * from './flame-layout.js';
export * from './flame-tree.js';
export * from './kinds.js';
export * from './query.js';
export * from './rows.js';
export * from './tables.js';
export * from './window.js';
