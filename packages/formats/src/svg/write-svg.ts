/**
 * Owns writing a flame graph as one SVG, to be read by itself and put into documents: root on top, title, totals and
 * losses above, what the colours mean below. No script and no reference to anything outside; it follows the reader's
 * light or dark theme. Every box has a title with its whole name and exact share, which browsers show under the pointer.
 *
 * Invariant: well-formed XML whatever the names hold; boxes are bounded in number, and what is too narrow is said.
 */
import {
  type FlameLayout,
  formatCount,
  layoutFlame,
  ROLES,
  type Role,
  SampleFlameBuilder,
  type SampleProfile,
} from '@stallscope/profile';
import { factLines } from '../fact-lines.js';
import { describeBox, type FlamePicture } from '../flame-picture.js';
import { describeLabels, describeOtherValues, describeTimes } from '../lost-words.js';
import {
  changeStepWords,
  FILE_COLOURS,
  FILLS,
  type FileColours,
  type Fill,
  fillOf,
  fillWords,
} from '../role-colours.js';
import { chosenValue } from '../sample-paths.js';
import { TextBytes } from '../text-bytes.js';
import type { WriteOptions, WrittenProfile } from '../write.js';

/** As wide as the text column of a report at full width; viewers scale it. */
const WIDTH_PX = 1200;
const MARGIN_PX = 12;
const ROW_PX = 18;
const GAP_PX = 1;
const FONT_PX = 11;
/** Advance of a letter in the monospace fonts named below, at FONT_PX: 0.602 em, a little more for the widest. */
const CELL_PX = FONT_PX * 0.61;
const TEXT_INSET_PX = 4;
const LEAST_CELLS = 5;
const HEAD_LINE_PX = 17;
const MIN_BOX_PX = 0.4;
/** More boxes make viewers stall on opening; narrower ones go first. */
const MAX_BOXES = 40_000;
/** Narrower boxes have no gap to the next one: it would be all that is seen. */
const GAP_FROM_PX = 3;
const MARK_FROM_PX = 6;

export function writeSvg(profile: SampleProfile, options: WriteOptions = {}): WrittenProfile {
  const value = chosenValue(profile, options.value);
  const tree = new SampleFlameBuilder(profile).build({ value });
  const { unit } = profile.valueTypes[value]!;
  const lines = factLines(profile, value, tree.totalValue[0]!, options.facts);
  const written = drawSvg({ title: options.title ?? profile.title, lines, unit, tree });
  written.lost.splice(
    1,
    0,
    ...describeOtherValues(profile, value),
    ...describeLabels(profile),
    ...describeTimes(profile),
  );
  return written;
}

export function drawSvg(picture: FlamePicture): WrittenProfile {
  const svg = new SvgDrawing(picture);
  return {
    bytes: svg.toBytes(),
    mediaType: 'image/svg+xml',
    extension: '.svg',
    lost: [
      'It is a picture: it cannot be read back.',
      ...(svg.culled > 0
        ? [`${formatCount(svg.culled)} boxes narrower than ${svg.minBoxPx} px are left out.`]
        : []),
    ],
  };
}

class SvgDrawing {
  readonly #layout: FlameLayout;
  readonly minBoxPx: number;
  readonly #top: number;

  constructor(private readonly picture: FlamePicture) {
    const { tree, lines } = picture;
    let minWidthPx = MIN_BOX_PX;
    const widthPx = WIDTH_PX - 2 * MARGIN_PX;
    let layout = layoutFlame(tree, { widthPx, zoomNode: 0, minWidthPx });
    while (layout.count > MAX_BOXES) {
      minWidthPx *= 2;
      layout = layoutFlame(tree, { widthPx, zoomNode: 0, minWidthPx });
    }
    this.#layout = layout;
    this.minBoxPx = minWidthPx;
    this.#top = MARGIN_PX + 24 + lines.length * HEAD_LINE_PX + 8;
  }

  get culled(): number {
    return this.#layout.culledNodes;
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new TextBytes('an SVG');
    const isEmpty = this.picture.tree.totalValue[0] === 0;
    const graphPx = (isEmpty ? 2 : this.#layout.rowCount) * ROW_PX;
    const legend = this.#legend(this.#top + graphPx + 12);
    const height = legend.bottom + MARGIN_PX;
    out.add(
      `<?xml version="1.0" encoding="UTF-8"?>\n` +
        `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}" height="${height}" viewBox="0 0 ${WIDTH_PX} ${height}" role="img" aria-labelledby="title facts">\n` +
        `<title id="title">${escapeXml(this.picture.title)}</title>\n<desc id="facts">${escapeXml(this.picture.lines.join('\n'))}</desc>\n` +
        `<style>\n${STYLE}</style>\n` +
        `<rect class="surface" width="100%" height="100%"/>\n` +
        `<text class="head" x="${MARGIN_PX}" y="${MARGIN_PX + 16}">${escapeXml(cut(this.picture.title, 120))}</text>\n`,
    );
    for (const [index, line] of this.picture.lines.entries()) {
      const y = MARGIN_PX + 24 + (index + 1) * HEAD_LINE_PX - 3;
      out.add(`<text class="fact" x="${MARGIN_PX}" y="${y}">${escapeXml(cut(line, 180))}</text>\n`);
    }
    if (isEmpty) {
      out.add(
        `<text class="fact" x="${MARGIN_PX}" y="${this.#top + ROW_PX}">There is nothing in it.</text>\n`,
      );
    } else {
      this.#boxes(out);
    }
    out.add(legend.text);
    out.add('</svg>\n');
    return out.finish();
  }

  #boxes(out: TextBytes): void {
    const { tree } = this.picture;
    const layout = this.#layout;
    for (let run = 0; run < layout.runCount; run++) {
      const y = this.#top + layout.runDepth[run]! * ROW_PX;
      const nodes = layout.runNodes[run]!;
      out.add(
        `<g><title>${nodes} narrower</title><rect class="run" x="${px(MARGIN_PX + layout.runX[run]!)}" y="${y}" width="${px(layout.runWidth[run]!)}" height="${ROW_PX - GAP_PX}"/></g>\n`,
      );
    }
    for (let box = 0; box < layout.count; box++) {
      const node = layout.node[box]!;
      const role = ROLES[tree.role[node]!]!;
      const x = MARGIN_PX + layout.x[box]!;
      const y = this.#top + layout.depth[box]! * ROW_PX;
      const width = layout.width[box]!;
      const drawn = width >= GAP_FROM_PX ? width - GAP_PX : width;
      const label = node === 0 ? 'all' : tree.labels[tree.label[node]!]!;
      const rect = `<rect class="${this.#fillOf(node, role)}" x="${px(x)}" y="${y}" width="${px(drawn)}" height="${ROW_PX - GAP_PX}"/>`;
      out.add(
        `<g><title>${escapeXml(describeBox(this.picture, node).join('\n'))}</title>${rect}${markOf(role, x, y, drawn)}${this.#label(node, label, role, x, y, drawn)}</g>\n`,
      );
    }
  }

  /** Class of a box. */
  #fillOf(node: number, role: Role): string {
    const { diff } = this.picture;
    return diff === undefined ? this.#ownFill(node, role) : `change-${diff.step[node]!}`;
  }

  #ownFill(node: number, role: Role): Fill {
    const { labels, label } = this.picture.tree;
    return fillOf(role, labels[label[node]!]!);
  }

  #label(node: number, label: string, role: Role, x: number, y: number, width: number): string {
    const text = cut(label, Math.floor((width - 2 * TEXT_INSET_PX) / CELL_PX));
    if (text === '') return '';
    const style = [
      role === 'comm' || role === 'waker-comm' ? ' bold' : '',
      this.picture.tree.unnamed[node] !== 0 || role === 'marker' ? ' quiet' : '',
    ].join('');
    return `<text class="frame${style}" x="${px(x + TEXT_INSET_PX)}" y="${y + ROW_PX - GAP_PX - 5}">${escapeXml(text)}</text>`;
  }

  /** Of the steps of change, or of the roles that are in the picture. */
  #legend(top: number): { text: string; bottom: number } {
    if (this.picture.diff !== undefined) return this.#changeLegend(top);
    const present = new Set<Fill>();
    for (let box = 1; box < this.#layout.count; box++) {
      const node = this.#layout.node[box]!;
      present.add(this.#ownFill(node, ROLES[this.picture.tree.role[node]!]!));
    }
    let text = '';
    let x = MARGIN_PX;
    for (const fill of FILLS) {
      if (!present.has(fill)) continue;
      text += `<rect class="${fill}" x="${x}" y="${top}" width="22" height="12"/>${markOf(fill, x, top, 22, 12)}`;
      const words = fillWords(fill);
      text += `<text class="fact" x="${x + 28}" y="${top + 10}">${escapeXml(words)}</text>\n`;
      x += 28 + words.length * 6.6 + 26;
    }
    return { text, bottom: top + (present.size === 0 ? 0 : 14) };
  }

  #changeLegend(top: number): { text: string; bottom: number } {
    const swatchPx = 56;
    const text = FILE_COLOURS.light.changes.map((_, step) => {
      const x = MARGIN_PX + step * swatchPx;
      return (
        `<rect class="change-${step}" x="${x}" y="${top}" width="${swatchPx}" height="18"/>` +
        `<text class="fact legend" x="${x + swatchPx / 2}" y="${top + 13}">${escapeXml(changeStepWords(step))}</text>\n`
      );
    });
    return { text: text.join(''), bottom: top + 18 };
  }
}

/** What a fill says is also said without colour: a bar at the left of kernel frames, a line along the top of wakers. */
function markOf(role: Role | Fill, x: number, y: number, width: number, height = ROW_PX - GAP_PX): string {
  if (width < MARK_FROM_PX) return '';
  const isWaker = role.startsWith('waker-');
  const line = isWaker
    ? `<rect class="waker-mark" x="${px(x)}" y="${y}" width="${px(width)}" height="1.5"/>`
    : '';
  const isKernel = role === 'kernel' || role === 'waker-kernel';
  return isKernel
    ? `${line}<rect class="kernel-mark" x="${px(x)}" y="${y}" width="2" height="${height}"/>`
    : line;
}

const STYLE =
  `text{white-space:pre}\n` +
  `.head{font:600 16px system-ui,-apple-system,"Segoe UI",sans-serif}\n` +
  `.fact{font:12px system-ui,-apple-system,"Segoe UI",sans-serif}\n` +
  `.frame{font:${FONT_PX}px "DejaVu Sans Mono",Menlo,Consolas,monospace;pointer-events:none}\n` +
  `.bold{font-weight:600}.quiet{font-style:italic}\n` +
  `g:hover>rect:first-of-type{stroke-width:1.5}\n` +
  `${rulesOf(FILE_COLOURS.light)}@media (prefers-color-scheme:dark){\n${rulesOf(FILE_COLOURS.dark)}}\n`;

function rulesOf(colours: FileColours): string {
  const fills = FILLS.map((fill) => `.${fill}{fill:${colours.fills[fill]}}`).join('');
  const changes = colours.changes.map((fill, step) => `.change-${step}{fill:${fill}}`).join('');
  return (
    `.surface{fill:${colours.surface}}.head,.frame{fill:${colours.ink}}.fact,.quiet{fill:${colours.dullInk}}\n` +
    `${fills}.run{fill:${colours.line}}${changes}.legend{fill:${colours.ink};text-anchor:middle}\n` +
    `.kernel-mark{fill:${colours.kernelMark}}.waker-mark{fill:${colours.wakerMark}}g:hover>rect:first-of-type{stroke:${colours.ink}}\n`
  );
}

/** The label, cut to a number of cells; '' where nothing legible fits. Wide letters take two cells. */
function cut(label: string, cells: number): string {
  let used = 0;
  let kept = '';
  for (const letter of label) {
    used += letter.codePointAt(0)! < 0x1100 ? 1 : 2;
    if (used > cells) {
      // One cell is for the ellipsis.
      const short = [...kept].slice(0, -1).join('');
      return cells < LEAST_CELLS ? '' : `${short}…`;
    }
    kept += letter;
  }
  return kept;
}

/** Text and attributes alike. What XML cannot hold becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(UNWRITABLE, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 does not allow, even escaped.
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

/** Hundredths of a pixel: more digits only make the file longer. */
function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
