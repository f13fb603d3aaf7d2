/**
 * Owns writing a flame graph as one HTML file that opens from a disk with no network: script, style and data are all in
 * it, and its own policy forbids it to fetch anything. The graph is drawn by d3-flame-graph, on a pruned copy of the tree.
 *
 * Invariant: nothing of the profile can end the element that it stands in, or be taken for markup.
 */
import {
  formatCount,
  formatPercent,
  ROLES,
  SampleFlameBuilder,
  type SampleProfile,
} from '@stallscope/profile';
import { factLines } from '../fact-lines.js';
import type { FlamePicture } from '../flame-picture.js';
import { describeLabels, describeOtherValues, describeTimes } from '../lost-words.js';
import {
  changeStepWords,
  FILE_COLOURS,
  FILLS,
  type FileColours,
  type Fill,
  fillOf,
  fillWords,
  roleWordsOf,
} from '../role-colours.js';
import { chosenValue } from '../sample-paths.js';
import { TextBytes } from '../text-bytes.js';
import type { WriteOptions, WrittenProfile } from '../write.js';
import { PAGE_NOTICE, PAGE_SCRIPT, PAGE_SCRIPT_HASH, PAGE_STYLE } from './page.generated.js';
import type { PageData } from './page-data.js';
import { type PrunedTree, pruneTree } from './prune-tree.js';

/** Nodes of the page: d3-flame-graph walks all of them at each zoom, some 20 ms for this many. */
const MAX_NODES = 20_000;
/** d3-flame-graph walks the tree by functions that call themselves; a browser's stack holds some 10,000 of them. */
const MAX_DEPTH = 2000;

export function writeHtml(profile: SampleProfile, options: WriteOptions = {}): WrittenProfile {
  const value = chosenValue(profile, options.value);
  const tree = new SampleFlameBuilder(profile).build({ value });
  const { unit } = profile.valueTypes[value]!;
  const lines = factLines(profile, value, tree.totalValue[0]!, options.facts);
  const written = drawHtml({ title: options.title ?? profile.title, lines, unit, tree });
  written.lost.splice(
    1,
    0,
    ...describeOtherValues(profile, value),
    ...describeLabels(profile),
    ...describeTimes(profile),
  );
  return written;
}

export function drawHtml(picture: FlamePicture): WrittenProfile {
  const pruned = pruneTree(picture.tree, MAX_NODES, MAX_DEPTH);
  const leftOut = describePruned(pruned);
  const text = new TextBytes('an HTML file');
  text.add(toHtml({ ...picture, lines: [...picture.lines, ...leftOut] }, pruned));
  return {
    bytes: text.finish(),
    mediaType: 'text/html; charset=utf-8',
    extension: '.html',
    lost: ['It is a page to look at: it cannot be read back.', ...leftOut],
  };
}

function describePruned({ narrow, narrowShare, deep }: PrunedTree): string[] {
  const lines: string[] = [];
  if (narrow > 0) {
    lines.push(
      `The ${formatCount(narrow)} narrowest boxes, each at most ${formatPercent(narrowShare)} wide, are left out.`,
    );
  }
  if (deep > 0) lines.push(`${formatCount(deep)} boxes deeper than ${MAX_DEPTH} frames are left out.`);
  return lines;
}

function toHtml(picture: FlamePicture, pruned: PrunedTree): string {
  const { title, lines, tree } = picture;
  const data = toPageData(picture, pruned);
  const fills = new Set(data.role.slice(1).map((fill) => FILLS[fill]!));
  const legend = (
    picture.diff === undefined
      ? FILLS.filter((fill) => fills.has(fill)).map(legendEntry)
      : FILE_COLOURS.light.changes.map((_, step) => changeEntry(step))
  ).join('\n');
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '${PAGE_SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Stallscope">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>
:root{${variables(FILE_COLOURS.light)}}
@media (prefers-color-scheme:dark){:root{${variables(FILE_COLOURS.dark)}}}
${PAGE_STYLE}
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
<div class="bar">
<input id="search" type="search" placeholder="Search frames ( / )" aria-label="Search frames">
<button id="reset" type="button" disabled>Reset zoom (Esc)</button>
<button id="turn" type="button">Root at the bottom</button>
<span id="found" role="status"></span>
<div id="frame">${tree.totalValue[0] === 0 ? 'There is nothing in it.' : 'Point at a frame to see what it is; click to zoom.'}</div>
</div>
<p class="keys">By key: <kbd>Tab</kbd> to the graph, <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> walk its frames, <kbd>Home</kbd> the root, <kbd>Enter</kbd> zooms, <kbd>Esc</kbd> resets, <kbd>/</kbd> searches and <kbd>Enter</kbd> there goes to the widest match.</p>
<noscript><p>The graph needs JavaScript, which is off here. All of it is in this file; nothing is loaded.</p></noscript>
<div id="chart" aria-label="Flame graph"></div>
<ul class="legend">
${legend}
</ul>
<script type="application/json" id="data">${escapeScript(JSON.stringify(data))}</script>
<!-- ${PAGE_NOTICE} -->
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function toPageData({ tree, unit, diff }: FlamePicture, { kept }: PrunedTree): PageData {
  const data: PageData = {
    unit,
    labels: [],
    label: [],
    parent: [],
    role: [],
    roles: [...FILLS],
    roleWords: FILLS.map(roleWordsOf),
    unnamed: [],
    module: [],
    value: [],
    ...(diff !== undefined && { diff: { before: [], after: [], step: [] } }),
  };
  const labelIds = new Map<number, number>();
  const labelOf = (id: number): number => {
    const known = labelIds.get(id);
    if (known !== undefined) return known;
    const own = data.labels.push(tree.labels[id]!) - 1;
    labelIds.set(id, own);
    return own;
  };
  const numberOf = new Map<number, number>();
  for (const [number, node] of kept.entries()) {
    numberOf.set(node, number);
    data.label.push(labelOf(tree.label[node]!));
    data.parent.push(node === 0 ? -1 : numberOf.get(tree.parent[node]!)!);
    data.role.push(FILLS.indexOf(fillOf(ROLES[tree.role[node]!]!, tree.labels[tree.label[node]!]!)));
    data.unnamed.push(tree.unnamed[node]!);
    data.module.push(labelOf(tree.module[node]!));
    data.value.push(tree.totalValue[node]!);
    if (diff !== undefined && data.diff !== undefined) {
      data.diff.before.push(diff.before[node]!);
      data.diff.after.push(diff.after[node]!);
      data.diff.step.push(diff.step[node]!);
    }
  }
  return data;
}

function legendEntry(fill: Fill): string {
  return `<li><i class="${fill}" style="background:var(--${fill})"></i>${escapeHtml(fillWords(fill))}</li>`;
}

function changeEntry(step: number): string {
  return `<li><i style="background:var(--change-${step})"></i>${escapeHtml(changeStepWords(step))}</li>`;
}

function variables(colours: FileColours): string {
  const { surface, ink, dullInk, line, matched, kernelMark, wakerMark, fills, changes } = colours;
  return [
    `--surface:${surface};--ink:${ink};--dull-ink:${dullInk};--line:${line};--matched:${matched}`,
    `--kernel-mark:${kernelMark};--waker-mark:${wakerMark}`,
    ...FILLS.map((fill) => `--${fill}:${fills[fill]}`),
    ...changes.map((fill, step) => `--change-${step}:${fill}`),
  ].join(';');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** In JSON every `<` is within a text, where an escape stands for it: no `</script>` and no `<!--` is left. */
function escapeScript(json: string): string {
  return json.replaceAll('<', '\\u003c');
}
