/** Owns the page of fixtures: every chart, in every state that has broken one, in both themes. */
import { DIFF_WIDTHS, DURATION_BUCKETS, type FlameTree, ROLES, type ValueUnit } from '@stallscope/profile';
import { type ReactElement, useMemo, useState } from 'react';
import { DiffLegend } from './diff-legend.js';
import { diffFixture, FLAME_FIXTURES, type FlameFixture } from './fixtures.js';
import type { FlameDiff } from './flame-diff.js';
import { FlameGraph, type RootAt } from './flame-graph.js';
import { formatPercent, formatValue } from './format.js';
import { HeatExamples } from './heat-examples.js';
import { HistogramBars } from './histogram-bars.js';
import { Legend } from './legend.js';
import { paletteOf, THEMES, type Theme } from './palette.js';
import { ROLE_WORDS, roleOf } from './role-words.js';
import { SERIES_FIXTURES, type SeriesFixture } from './series-fixtures.js';
import type { TimeSpan, TimeStripWindow } from './time-bars.js';
import { TimeSeries } from './time-series.js';
import { TimeStrip } from './time-strip.js';

const GRAPH_HEIGHT_PX = 360;
const SMALL_GRAPH_HEIGHT_PX = 126;

export function Gallery(): ReactElement {
  return (
    <main>
      {THEMES.map((theme) => (
        <ThemeGallery key={theme} theme={theme} />
      ))}
    </main>
  );
}

function ThemeGallery({ theme }: { theme: Theme }): ReactElement {
  const palette = paletteOf(theme);
  return (
    <section
      aria-label={`${theme} theme`}
      style={{
        background: palette.surface,
        color: palette.ink,
        padding: '16px 16px 32px',
        font: '13px/1.5 system-ui, sans-serif',
      }}
    >
      <h1 style={{ fontSize: 18, margin: '0 0 8px', textTransform: 'capitalize' }}>{theme}</h1>
      <Legend theme={theme} roles={ROLES.filter((role) => role !== 'root')} hasUnnamed hasMatches />
      {FLAME_FIXTURES.map((fixture) => (
        <FlameExample key={fixture.name} fixture={fixture} theme={theme} rootAt="top" />
      ))}
      <FlameExample fixture={FLAME_FIXTURES[2]!} theme={theme} rootAt="bottom" />
      <FlameExample fixture={FLAME_FIXTURES[2]!} theme={theme} rootAt="top" search={/futex|fsync/} />
      <DiffExamples theme={theme} />
      <FlameExample fixture={FLAME_FIXTURES[2]!} theme={theme} rootAt="top" unit="bytes" />
      <StripExample theme={theme} />
      <SeriesExamples theme={theme} />
      <HeatExamples theme={theme} />
      <HistogramExample theme={theme} />
    </section>
  );
}

function FlameExample(props: {
  fixture: FlameFixture;
  theme: Theme;
  rootAt: RootAt;
  search?: RegExp;
  unit?: ValueUnit;
  diff?: FlameDiff;
}): ReactElement {
  const { fixture, theme, rootAt, search, diff } = props;
  const unit = props.unit ?? 'nanoseconds';
  const tree = useMemo(() => treeOf(fixture), [fixture]);
  const matched = useMemo(() => (search === undefined ? undefined : matchesOf(tree, search)), [tree, search]);
  const [zoomNode, setZoomNode] = useState(0);
  const [selectedNode, setSelectedNode] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const [asked, setAsked] = useState<number | null>(null);
  const palette = paletteOf(theme);
  const title = `${fixture.name}${rootAt === 'bottom' ? ', root at the bottom' : ''}${search ? `, search ${search}` : ''}${unit === 'nanoseconds' ? '' : `, ${unit}`}`;
  return (
    <div style={{ marginTop: 20 }}>
      <h2 style={{ fontSize: 14, margin: 0 }}>{title}</h2>
      <p style={{ margin: '0 0 6px', color: palette.dullInk }}>{fixture.note}</p>
      <FlameGraph
        tree={tree}
        zoomNode={zoomNode}
        selectedNode={selectedNode}
        matched={matched}
        theme={theme}
        unit={unit}
        diff={diff}
        rootAt={rootAt}
        heightPx={tree.nodeCount < 8 ? SMALL_GRAPH_HEIGHT_PX : GRAPH_HEIGHT_PX}
        ariaLabel={`${title}, ${theme}`}
        onHover={setHovered}
        onSelect={setSelectedNode}
        onZoom={setZoomNode}
        onMenu={setAsked}
      />
      <p
        style={{
          margin: '4px 0 0',
          minHeight: 20,
          color: palette.dullInk,
          fontVariantNumeric: 'tabular-nums',
          overflowWrap: 'anywhere',
        }}
      >
        {hovered === null || hovered >= tree.nodeCount ? 'Point at a frame.' : wordsOf(tree, hovered, unit)}
        {asked !== null && ` Menu of ${wordsOf(tree, asked, unit)}.`}
      </p>
    </div>
  );
}

function DiffExamples({ theme }: { theme: Theme }): ReactElement {
  const examples = useMemo(
    () =>
      DIFF_WIDTHS.map((width) => {
        const { tree, diff } = diffFixture(width);
        const name = `difference, as wide as ${width === 'larger' ? 'the larger of both' : width}`;
        return { fixture: { name, note: DIFF_NOTE, make: () => tree }, diff };
      }),
    [],
  );
  return (
    <>
      {examples.map(({ fixture, diff }) => (
        <FlameExample key={fixture.name} fixture={fixture} diff={diff} theme={theme} rootAt="top" />
      ))}
      <DiffLegend theme={theme} baseWords="the base" />
    </>
  );
}

const DIFF_NOTE = 'What grew is red and ▲, what shrank blue and ▼; grey did not change.';

/** Trees are made once for both themes: the largest takes longer than all the drawing. */
const TREES = new WeakMap<FlameFixture, FlameTree>();

function treeOf(fixture: FlameFixture): FlameTree {
  const tree = TREES.get(fixture) ?? fixture.make();
  TREES.set(fixture, tree);
  return tree;
}

const STRIP_START_MS = Date.UTC(2025, 0, 15, 8, 40);
const STRIP_SPAN: TimeSpan = { fromMs: STRIP_START_MS, toMs: STRIP_START_MS + 300_000 };

function StripExample({ theme }: { theme: Theme }): ReactElement {
  const windows = useMemo(stripWindows, []);
  const [selection, setSelection] = useState<TimeSpan | null>({
    fromMs: STRIP_START_MS + 60_000,
    toMs: STRIP_START_MS + 90_000,
  });
  return (
    <div style={{ marginTop: 20 }}>
      <h2 style={{ fontSize: 14, margin: '0 0 6px' }}>time strip, a gap, a change to 250 ms windows</h2>
      <TimeStrip
        windows={windows}
        span={STRIP_SPAN}
        selection={selection}
        theme={theme}
        ariaLabel="Blocked time of the last 5 minutes"
        onSelect={setSelection}
      />
    </div>
  );
}

/** One clock: what is pointed at or selected in one is in all. */
function SeriesExamples({ theme }: { theme: Theme }): ReactElement {
  const [cursorMs, setCursorMs] = useState<number | null>(null);
  const [selection, setSelection] = useState<TimeSpan | null>(null);
  const shared = { theme, cursorMs, setCursorMs, selection, setSelection };
  return (
    <div
      style={{
        display: 'grid',
        gap: 16,
        gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 360px), 1fr))',
      }}
    >
      {SERIES_FIXTURES.map((fixture) => (
        <SeriesExample key={fixture.name} fixture={fixture} {...shared} />
      ))}
    </div>
  );
}

function SeriesExample(props: {
  fixture: SeriesFixture;
  theme: Theme;
  cursorMs: number | null;
  setCursorMs: (atMs: number | null) => void;
  selection: TimeSpan | null;
  setSelection: (selection: TimeSpan | null) => void;
}): ReactElement {
  const { fixture, theme } = props;
  return (
    <div style={{ marginTop: 20, minWidth: 0 }}>
      <h2 style={{ fontSize: 14, margin: '0 0 6px' }}>{fixture.name}</h2>
      <div style={{ height: 168 }}>
        <TimeSeries
          {...fixture}
          theme={theme}
          ariaLabel={`${fixture.name}, ${theme}`}
          cursorMs={props.cursorMs}
          onCursor={props.setCursorMs}
          selection={props.selection}
          onSelect={props.setSelection}
        />
      </div>
    </div>
  );
}

function HistogramExample({ theme }: { theme: Theme }): ReactElement {
  const counts = useMemo(() => {
    const made = new Float64Array(DURATION_BUCKETS);
    [4, 60, 900, 4200, 12_800, 7100, 2300, 640, 0, 0, 33, 120, 1].forEach((count, index) => {
      made[12 + index] = count;
    });
    return made;
  }, []);
  return (
    <div style={{ marginTop: 20, maxWidth: 480 }}>
      <HistogramBars counts={counts} theme={theme} title="Length of blocks" unit="blocks" />
      <HistogramBars counts={[]} theme={theme} title="Run-queue waits" unit="waits" />
    </div>
  );
}

function stripWindows(): TimeStripWindow[] {
  const windows: TimeStripWindow[] = [];
  for (let atMs = 0; atMs < 290_000; ) {
    const lengthMs = atMs >= 200_000 ? 250 : 1000;
    const isGap = atMs >= 120_000 && atMs < 141_000;
    const threads = 3 + 2 * Math.sin(atMs / 17_000) + (atMs % 37_000 === 0 ? 6 : 0);
    if (!isGap) {
      windows.push({
        startMs: STRIP_START_MS + atMs,
        endMs: STRIP_START_MS + atMs + lengthMs,
        blockedNs: threads * lengthMs * 1e6,
      });
    }
    atMs += lengthMs;
  }
  return windows;
}

function matchesOf(tree: FlameTree, search: RegExp): Uint8Array {
  return Uint8Array.from({ length: tree.nodeCount }, (_, node) =>
    search.test(tree.labels[tree.label[node]!]!) ? 1 : 0,
  );
}

function wordsOf(tree: FlameTree, node: number, unit: ValueUnit): string {
  const value = tree.totalValue[node]!;
  const label = node === 0 ? 'all' : tree.labels[tree.label[node]!];
  const share = tree.totalValue[0]! > 0 ? `, ${formatPercent(value / tree.totalValue[0]!)}` : '';
  return `${label} (${ROLE_WORDS[roleOf(tree.role[node]!)]}): ${formatValue(value, unit)}${share}`;
}
