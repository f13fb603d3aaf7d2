/**
 * Owns the panels of a dashboard as text, for its address and for the hub: readable, and bounded.
 *
 *     1:vitals:load:0,0,6,7~2:heatmap:offcpu:6,0,6,7:web-2~3:note:Look at vda first!:0,7,12,3
 *
 *     panels   joined by ~       fields   id : kind : arg : x,y,w,h [: host id]       ! before ~, : and ! that are meant
 *
 * What cannot be read is left out and told in words; the rest is shown.
 */
import { MAX_HOST_ID_CHARS } from '@stallscope/protocol';
import { settle } from './dash-grid';
import {
  type DashPanel,
  GRID_COLUMNS,
  MAX_NOTE_CHARS,
  MAX_PANEL_H,
  MAX_PANELS,
  MAX_PANELS_CHARS,
  MAX_ROWS,
  MIN_PANEL_H,
  MIN_PANEL_W,
  PANEL_KINDS,
  type PanelKind,
  type Place,
} from './dash-panel';
import { argsOf } from './panel-choices';

export interface ReadPanels {
  panels: DashPanel[];
  /** Each a sentence: which panel, what is wrong with it, what is done about it. */
  problems: string[];
}

export function writePanels(panels: readonly DashPanel[]): string {
  return panels
    .map(({ id, kind, arg, x, y, w, h, host }) =>
      [id, kind, arg, `${x},${y},${w},${h}`, ...(host === null ? [] : [host])].map(escapeMarks).join(':'),
    )
    .join('~');
}

/** Whether a dashboard of these panels has an address that can be sent on. */
export function fitsInAddress(panels: readonly DashPanel[]): boolean {
  return new URLSearchParams({ panels: writePanels(panels) }).toString().length <= MAX_PANELS_CHARS;
}

export function readPanels(text: string): ReadPanels {
  if (text === '') return { panels: [], problems: [] };
  const problems: string[] = [];
  let parts = splitAt(text, '~');
  if (parts.length > MAX_PANELS) {
    problems.push(
      `The address has ${parts.length} panels; the first ${MAX_PANELS} are shown, as more are not.`,
    );
    parts = parts.slice(0, MAX_PANELS);
  }
  const panels: DashPanel[] = [];
  for (const [index, part] of parts.entries()) {
    const read = readPanel(part);
    if (typeof read === 'string') {
      problems.push(`Panel ${index + 1} of the address is left out: ${read}.`);
      continue;
    }
    const isTaken = panels.some(({ id }) => id === read.id);
    panels.push(isTaken ? { ...read, id: newPanelId(panels) } : read);
  }
  return { panels: settle(panels), problems };
}

/** One that no panel has. */
export function newPanelId(panels: readonly DashPanel[]): string {
  return String(1 + panels.reduce((highest, { id }) => Math.max(highest, Number(id)), 0));
}

/** Or what is wrong with it. */
function readPanel(text: string): DashPanel | string {
  const fields = splitAt(text, ':').map(unescapeMarks);
  const [id = '', kind = '', arg = '', place = '', host] = fields;
  if (fields.length < 4 || fields.length > 5) {
    return `“${shorten(text)}” has ${fields.length} parts between colons, where a panel has 4 or 5 (1:vitals:load:0,0,6,7)`;
  }
  if (!/^[1-9]\d{0,3}$/.test(id)) return `“${shorten(id)}” is no number of a panel`;
  if (!isPanelKind(kind)) return `there is no kind “${shorten(kind)}”; kinds are ${PANEL_KINDS.join(', ')}`;
  if (kind === 'note') {
    if (arg.length > MAX_NOTE_CHARS)
      return `its note has ${arg.length} characters, at most ${MAX_NOTE_CHARS}`;
  } else if (!argsOf(kind).includes(arg)) {
    return `there is no ${kind} panel “${shorten(arg)}”; there are ${argsOf(kind).join(', ')}`;
  }
  const read = readPlace(place);
  if (read === undefined) {
    return `“${shorten(place)}” is no place; one is column,row,width,height, as 0,0,6,7, in ${GRID_COLUMNS} columns`;
  }
  if (host !== undefined && (host === '' || host.length > MAX_HOST_ID_CHARS)) return 'its host has no name';
  return { id, kind, arg, host: host ?? null, ...read };
}

function readPlace(text: string): Place | undefined {
  const match = /^(\d{1,4}),(\d{1,4}),(\d{1,2}),(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [x = 0, y = 0, w = 0, h = 0] = match.slice(1).map(Number);
  const isOnGrid =
    w >= MIN_PANEL_W && h >= MIN_PANEL_H && h <= MAX_PANEL_H && x + w <= GRID_COLUMNS && y <= MAX_ROWS;
  return isOnGrid ? { x, y, w, h } : undefined;
}

function isPanelKind(text: string): text is PanelKind {
  return (PANEL_KINDS as readonly string[]).includes(text);
}

function escapeMarks(text: string): string {
  return text.replace(/[!~:]/g, '!$&');
}

function unescapeMarks(text: string): string {
  return text.replace(/!(.?)/gsu, '$1');
}

/** At separators that are not escaped; escapes stay. */
function splitAt(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '!') at++;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** Of what a stranger may have written, enough to find it. */
function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
