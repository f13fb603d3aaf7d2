/**
 * Owns what a panel of a dashboard is, and how large panels and dashboards may be.
 *
 *     {id: '2', kind: 'heatmap', arg: 'offcpu', host: null, x: 6, y: 0, w: 6, h: 7}     the right half of the first rows
 *
 * Invariant: `arg` is one of `argsOf(kind)` (panel-choices.ts), but for a note, whose text it is.
 */

export const PANEL_KINDS = [
  'vitals',
  'heatmap',
  'flame',
  'processes',
  'events',
  'checklist',
  'note',
] as const;
export type PanelKind = (typeof PANEL_KINDS)[number];

/** Cells of the grid that a panel takes; x and y count from 0, at the left and at the top. */
export interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface DashPanel extends Place {
  /** Of this dashboard, as long as the panel is there: a small number. */
  id: string;
  kind: PanelKind;
  /** Name of a chart, of a heatmap or of a view; the text of a note; '' where a kind has nothing to choose. */
  arg: string;
  /** Host id; null for the dashboard's host. */
  host: string | null;
}

/** Columns of the grid: halves, thirds and quarters are whole numbers of them. */
export const GRID_COLUMNS = 12;

/** Height of a row of the grid, and what is between two panels, px. */
export const ROW_PX = 36;
export const GAP_PX = 8;

/** Panels of one dashboard: each has a part in every update, and a screen shows some ten at once. */
export const MAX_PANELS = 24;

/** Columns and rows that a panel takes at least, so that its title and its menu fit, and rows at most: some screens. */
export const MIN_PANEL_W = 2;
export const MIN_PANEL_H = 2;
export const MAX_PANEL_H = 40;

/** Rows of the grid: all panels at their highest, one under the other. */
export const MAX_ROWS = MAX_PANELS * MAX_PANEL_H;

/** Characters of a note, which is in the address. */
export const MAX_NOTE_CHARS = 1000;

/** Characters of all panels as they are in the address: proxies and chat programs cut addresses from some 8,000 on. */
export const MAX_PANELS_CHARS = 6000;
