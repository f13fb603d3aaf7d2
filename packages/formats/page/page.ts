/// <reference path="./d3-flame-graph.d.ts" />
/**
 * Owns the script of the single HTML file: a flame graph by d3-flame-graph, with search, zoom and the facts of the frame
 * under the pointer. It reads its data from the page and asks nothing of any network.
 *
 * `page.generated.ts` holds it as text; `npm run generate --workspace @stallscope/formats` makes that anew.
 */
import './page.css';
import type { ValueUnit } from '@stallscope/profile';
// Not from the whole room: the generated text would change with anything in it.
import { formatChange, formatCount, formatPercent, formatValue } from '@stallscope/profile/value-text';
import { select } from 'd3';
import flamegraph, { type FlameNode } from 'd3-flame-graph';
import type { PageData } from '../src/html/page-data.js';
import { walkFrames } from './walk.js';

/** What d3-flame-graph walks, with its own short names. */
interface Node {
  /** Name. */
  n: string;
  /** Value of it and all below. */
  v: number;
  c?: Node[];
  node: number;
}

/** Height of a frame: its text and the air that tells rows apart. */
const ROW_PX = 18;

const data: PageData = JSON.parse(element('data').textContent ?? '');
const unit: ValueUnit = data.unit;
const root = toNodes(data);
const chartElement = element('chart');
const search = element('search') as HTMLInputElement;
const found = element('found');
const frame = element('frame');
const reset = element('reset') as HTMLButtonElement;
const turn = element('turn') as HTMLButtonElement;
let isRootOnTop = true;
let zoomed: FlameNode<Node> | undefined;

const chart = flamegraph<Node>()
  .width(widthPx())
  .cellHeight(ROW_PX)
  .inverted(isRootOnTop)
  .minFrameSize(0.5)
  .transitionDuration(matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 200)
  .setLabelHandler((node) => describe(node).join('\n'))
  .setColorMapper((node) => (node.highlight ? 'var(--matched)' : `var(--${fillOf(node)})`))
  .setSearchMatch((node, term) => node.data.n.toLowerCase().includes(term.toLowerCase()))
  .setSearchHandler((results, sum, total) => {
    matches = results;
    const share = total > 0 ? formatPercent(sum / total) : '0 %';
    found.textContent =
      results.length === 0
        ? 'no frame matches'
        : `${share} · ${formatValue(sum, unit).trim()} in ${formatCount(results.length)} ${results.length === 1 ? 'frame' : 'frames'}`;
  })
  .onClick((node) => {
    zoomed = node.parent === null ? undefined : node;
    reset.disabled = zoomed === undefined;
    decorate();
    if (node.parent !== null) walk.go(node);
  })
  .onHover(tell);

const walk = walkFrames<Node>(chartElement, {
  isRootOnTop: () => isRootOnTop,
  describe,
  onActive: tell,
  zoomTo: (node) => (node.parent === null ? chart.resetZoom() : chart.zoomTo(node)),
});
let matches: readonly FlameNode<Node>[] = [];
select(chartElement).datum(root).call(chart);
decorate();

search.addEventListener('input', () => {
  if (search.value === '') {
    chart.clear();
    matches = [];
    found.textContent = '';
  } else chart.search(search.value);
  decorate();
});
search.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter') return;
  // Into the graph, to the widest that was found.
  const [first, ...others] = matches.filter((node) => zoomed === undefined || node.data.v <= zoomed.data.v);
  if (first === undefined) return;
  event.preventDefault();
  const target = others.reduce((most, node) => (node.data.v > most.data.v ? node : most), first);
  chartElement.focus();
  walk.go(target);
});
reset.addEventListener('click', () => chart.resetZoom());
turn.addEventListener('click', () => {
  isRootOnTop = !isRootOnTop;
  turn.textContent = isRootOnTop ? 'Root at the bottom' : 'Root on top';
  chart.inverted(isRootOnTop).update();
  decorate();
});
addEventListener('resize', () => {
  chart.width(widthPx()).update();
  decorate();
});
addEventListener('keydown', (event) => {
  if (event.key === '/' && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape') {
    if (search.value !== '') {
      search.value = '';
      search.dispatchEvent(new Event('input'));
    } else if (zoomed !== undefined) chart.resetZoom();
  }
});

/** What a frame is, beside the controls. */
function tell(node: FlameNode<Node>): void {
  const [name, ...facts] = describe(node);
  const bold = document.createElement('b');
  bold.textContent = name ?? '';
  frame.replaceChildren(bold, document.createElement('br'), facts.join(' · '));
}

/** Name, then what it is and how much. */
function describe(node: FlameNode<Node>): string[] {
  const id = node.data.node;
  const module = data.labels[data.module[id]!]!;
  const what = `${data.roleWords[data.role[id]!]}${module === '' ? '' : ` of ${module}`}`;
  if (data.diff !== undefined) return [node.data.n, what, ...describeChange(data.diff, id)];
  const all = root.v > 0 ? node.data.v / root.v : 0;
  const facts = [what, formatValue(node.data.v, unit).trim(), `${formatPercent(all)} of all`];
  if (zoomed !== undefined && zoomed.data.v > 0 && node.data.v <= zoomed.data.v) {
    facts.push(`${formatPercent(node.data.v / zoomed.data.v)} of ${zoomed.data.n}`);
  }
  return [node.data.n, ...facts];
}

/** Before, after, and the change as a share of the larger total. */
function describeChange({ before, after }: NonNullable<PageData['diff']>, id: number): string[] {
  const change = after[id]! - before[id]!;
  const larger = Math.max(before[0]!, after[0]!);
  return [
    `${formatValue(before[id]!, unit).trim()} → ${formatValue(after[id]!, unit).trim()}`,
    `${formatChange(change, unit).trim()}${larger > 0 ? ` · ${formatPercent(change / larger)} of the larger total` : ''}`,
  ];
}

/** Marks that the chart does not know of: kind and matches are told without colour too. */
function decorate(): void {
  for (const group of chartElement.querySelectorAll<SVGGElement>('g.frame')) {
    const node = (group as SVGGElement & { __data__?: FlameNode<Node> }).__data__;
    if (node === undefined) continue;
    group.setAttribute('data-role', roleOf(node));
    group.toggleAttribute('data-unnamed', data.unnamed[node.data.node] !== 0);
    group.toggleAttribute('data-matched', node.highlight === true);
  }
  walk.mark(zoomed);
}

/** Name of the variable of a box's colour. */
function fillOf(node: FlameNode<Node>): string {
  return data.diff === undefined ? roleOf(node) : `change-${data.diff.step[node.data.node]!}`;
}

function roleOf(node: FlameNode<Node>): string {
  return data.roles[data.role[node.data.node]!]!;
}

/** Columns to objects; parents come before their children, and children in their order. */
function toNodes({ labels, label, parent, value }: PageData): Node {
  const nodes = label.map(
    (name, node): Node => ({ n: node === 0 ? 'all' : labels[name]!, v: value[node]!, node }),
  );
  for (let node = 1; node < nodes.length; node++) {
    const above = nodes[parent[node]!]!;
    above.c ??= [];
    above.c.push(nodes[node]!);
  }
  return nodes[0]!;
}

function widthPx(): number {
  return Math.max(320, chartElement.clientWidth);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found;
}
