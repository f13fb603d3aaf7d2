export * from './flame-graph.js';
export * from './palette.js';
