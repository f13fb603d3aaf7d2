/**
 * Owns what the viewer's panels draw from: one answer to one selection, whether it came live, from a snapshot or from a
 * file of another tool.
 */
import type { LiveView } from '../live/live-store';

export type GraphView = Pick<
  LiveView,
  | 'selection'
  | 'tree'
  | 'unit'
  | 'matched'
  | 'matchedValue'
  | 'totals'
  | 'shown'
  | 'functions'
  | 'sandwich'
  | 'details'
  | 'sampleDetails'
  | 'noise'
  | 'owners'
  | 'hiddenOfZoom'
  | 'difference'
  | 'strip'
  | 'processes'
  | 'threads'
  | 'samples'
>;
