/**
 * Owns the folded text form that flame graph tools share: one line a path, its frames root first, then integer
 * microseconds.
 *
 *     app;main;read;-;vfs_read 1500
 *
 * In a label `;` becomes `:` and line ends become `\n` and `\r` as two characters each; paths that become equal by it
 * are one line. Lines are in code unit order. Time is summed per line before it is rounded, so only a line shorter
 * than half a microsecond is left out, and its time is given back as dropped.
 */
import { projectRow, toRowMatcher } from './project.js';
import type { Query } from './query.js';
import { rowCount } from './rows.js';
import type { ProfileTables } from './tables.js';
import type { Rows } from './window.js';

export interface Folded {
  lines: string[];
  /** Sum of the lines left out because they round to 0 µs, ns. */
  droppedNs: number;
}

export function toFolded(tables: ProfileTables, rows: Rows, query: Query): Folded {
  const matches = toRowMatcher(tables, query);
  const nsByPath = new Map<string, number>();
  const count = rowCount(rows);
  for (let i = 0; i < count; i++) {
    if (!matches(rows, i)) continue;
    const labels: string[] = [];
    projectRow(tables, rows, i, query, (label) => labels.push(escapeLabel(label)));
    const path = labels.join(';');
    nsByPath.set(path, (nsByPath.get(path) ?? 0) + rows.estimatedNs[i]!);
  }
  const lines: string[] = [];
  let droppedNs = 0;
  for (const path of [...nsByPath.keys()].sort()) {
    const ns = nsByPath.get(path)!;
    const micros = Math.round(ns / 1000);
    if (micros > 0) lines.push(`${path} ${micros}`);
    else droppedNs += ns;
  }
  return { lines, droppedNs };
}

export interface FoldedStack {
  path: string[];
  micros: number;
}

export type FoldedResult =
  | { ok: true; stacks: FoldedStack[] }
  /** `line` counts from 1. */
  | { ok: false; line: number; message: string };

/** Reads folded lines; empty lines are passed over. */
export function readFolded(text: string): FoldedResult {
  const stacks: FoldedStack[] = [];
  const lines = text.split('\n');
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n]!;
    if (line.trim() === '') continue;
    // The value follows the last space: labels have spaces too.
    const space = line.lastIndexOf(' ');
    const value = line.slice(space + 1);
    const micros = Number(value);
    if (space < 0 || !/^[0-9]+$/.test(value) || !Number.isSafeInteger(micros)) {
      const message =
        `read folded line ${n + 1}: no integer after the last space in ${JSON.stringify(cutShort(line))}; ` +
        'expected `frame;frame;frame microseconds`';
      return { ok: false, line: n + 1, message };
    }
    stacks.push({ path: line.slice(0, space).split(';'), micros });
  }
  return { ok: true, stacks };
}

function escapeLabel(label: string): string {
  return label.replaceAll(';', ':').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** Characters of a faulty line that an error shows; folded lines can be tens of kilobytes long. */
const SHOWN_CHARACTERS = 80;

function cutShort(line: string): string {
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}…`;
}
