/**
 * Owns how a label is fitted into a box: measured in cells of a monospace font, never by the canvas, because measuring
 * thousands of labels costs more than drawing them.
 *
 * Invariant: what `fitLabel` returns takes at most the cells asked for, and never cuts a character in two.
 *
 *     fitLabel('entry_SYSCALL_64_after_hwframe', 16)   entry_SYSC…frame   head and tail: both tell frames apart
 *     fitLabel('futex_wait', 6)                        futex…             short boxes show the head only
 *     fitLabel('futex_wait', 2)                        ''                 a letter and an ellipsis say nothing
 *     fitFrame('std::map<int>::find(int)', 10)         map::find          a function's name first loses what tells least
 */
import { foldedName, shorterForms } from './frame-name.js';

/** How much of a function's name is shown where there is room: all, or what `foldedName` leaves. */
export type NameLength = 'whole' | 'short';

const ELLIPSIS = '…';
/** Fewer cells than this hold nothing that can be read. */
export const MIN_LABEL_CELLS = 3;
/** From here on the tail of a label is worth its cells. */
const MIDDLE_FROM_CELLS = 12;
/** Share of the cells that the head keeps. */
const HEAD_SHARE = 0.65;
/** Printable ASCII takes one cell a code unit. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Controls and bidirectional overrides in a thread's name must not reorder or break the row. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The label, shortened to at most `cells`; empty where nothing legible fits. */
export function fitLabel(label: string, cells: number): string {
  if (cells < MIN_LABEL_CELLS && label.length > cells) return '';
  if (PLAIN.test(label)) {
    if (label.length <= cells) return label;
    const [head, tail] = split(cells);
    return label.slice(0, head) + ELLIPSIS + (tail > 0 ? label.slice(-tail) : '');
  }
  return fitWide(label.replace(UNPRINTABLE, '·'), cells);
}

/** As `fitLabel` for the name of a function: its longest form that fits, and the shortest one cut where none does. */
export function fitFrame(wholeName: string, cells: number, names: NameLength = 'whole'): string {
  const name = names === 'short' ? knownFold(wholeName) : wholeName;
  if (name.length <= cells && PLAIN.test(name)) return name;
  if (cells < MIN_LABEL_CELLS) return fitLabel(name, cells);
  for (const form of knownForms(name)) if (cellsOf(form) <= cells) return fitLabel(form, cells);
  return fitLabel(knownForms(name).at(-1)!, cells);
}

/** Forms by name, as each frame of an animation asks for the same ones. */
const FORMS = new Map<string, readonly string[]>();
/** Names remembered: more than fit on any screen, some megabytes. */
const MAX_KNOWN_NAMES = 20_000;

const FOLDS = new Map<string, string>();

function knownFold(name: string): string {
  let folded = FOLDS.get(name);
  if (folded === undefined) {
    if (FOLDS.size >= MAX_KNOWN_NAMES) FOLDS.clear();
    folded = foldedName(name);
    FOLDS.set(name, folded);
  }
  return folded;
}

/** The name itself and its shorter forms. */
function knownForms(name: string): readonly string[] {
  let forms = FORMS.get(name);
  if (forms === undefined) {
    if (FORMS.size >= MAX_KNOWN_NAMES) FORMS.clear();
    forms = [name, ...shorterForms(name)];
    FORMS.set(name, forms);
  }
  return forms;
}

/** Cells that a label takes: 2 for wide scripts and emoji, 1 for anything else that is seen. */
export function cellsOf(label: string): number {
  if (PLAIN.test(label)) return label.length;
  let cells = 0;
  for (const { segment } of SEGMENTER.segment(label)) cells += cellsOfGrapheme(segment);
  return cells;
}

function fitWide(label: string, cells: number): string {
  const graphemes = Array.from(SEGMENTER.segment(label), ({ segment }) => segment);
  const widths = graphemes.map(cellsOfGrapheme);
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= cells) return label;
  if (cells < MIN_LABEL_CELLS) return '';
  const [headCells, tailCells] = split(cells);
  let head = 0;
  for (let used = 0; used + widths[head]! <= headCells; head++) used += widths[head]!;
  let tail = graphemes.length;
  for (let used = 0; tail > head && used + widths[tail - 1]! <= tailCells; ) used += widths[--tail]!;
  return graphemes.slice(0, head).join('') + ELLIPSIS + graphemes.slice(tail).join('');
}

/** Cells for the head and for the tail, one being left for the ellipsis. */
function split(cells: number): [head: number, tail: number] {
  if (cells < MIDDLE_FROM_CELLS) return [cells - 1, 0];
  const head = Math.ceil((cells - 1) * HEAD_SHARE);
  return [head, cells - 1 - head];
}

/** East Asian wide and fullwidth blocks, and pictographs; first code point decides for its grapheme. */
function cellsOfGrapheme(grapheme: string): number {
  const code = grapheme.codePointAt(0)!;
  if (code < 0x1100) return 1;
  const isWide =
    code <= 0x115f ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    code >= 0x1f300;
  return isWide ? 2 : 1;
}
