/**
 * Owns the shape of `window.__stallscope`, apart from what fills it, so that tests from outside can name it.
 */
export interface TestTree {
  nodeCount: number;
  totalValue: number;
  /** The widest `MAX_TEST_NODES`, as `app;main;read` → ns of the subtree and of the node itself. */
  nodes: { path: string; totalValue: number; selfValue: number; role: number }[];
}

export interface TestSide {
  of: string;
  name: string;
  /** Not scaled. */
  value: number;
  windows: number | null;
  coveredMs: number | null;
  tgids: readonly number[] | null;
  tid: number | null;
  /** Title of the profile, of a file of several; else ''. */
  part: string;
}

/** What a dashboard shows, by panel: numbers as the worker made them. */
export interface TestDashboard {
  clock: { fromMs: number; toMs: number; newestMs: number } | null;
  /** The instant that all charts are read at. */
  cursorMs: number | null;
  selection: {
    stretch: { fromMs: number; toMs: number } | null;
    region: { hostId: string; name: string; fromBucket: number; toBucket: number } | null;
    process: { hostId: string; tgid: number } | null;
  };
  /** By host: what collects there. */
  standing: Record<string, { name: string; state: string; detail: string; nsPerSecond: number | null }[]>;
  panels: TestPanel[];
}

export interface TestPanel {
  id: string;
  kind: string;
  arg: string;
  hostId: string;
  state: 'none' | 'waiting' | 'ended' | 'ready';
  /** Of vitals: one entry a reading, oldest first; null where this series had none. */
  readings: { startMs: number; endMs: number }[];
  series: { name: string; values: (number | null)[] }[];
  /** Of a heatmap: its cells that counted something. */
  cells: { startMs: number; endMs: number; bucket: number; count: number }[];
  /** Of a flame graph. */
  tree: TestTree | null;
  processes: { tgid: number; name: string; onCpuNs: number; blockedNs: number; runqNs: number }[];
  events: { tgid: number; tid: number; operation: string; target: string; bucket: number; count: number }[];
  checks: { id: string; state: string; reading: string }[];
  /** Time that the windows of it cover, ms; null of charts. */
  coveredMs: number | null;
}

export interface TestWindow {
  /** Of a page with panels; null of others. */
  dashboard: TestDashboard | null;
  connection: string;
  hosts: string[];
  hostId: string | null;
  /** Of the selection that all below answers, as are the next two. */
  view: string | null;
  selectedKinds: string[];
  /** Empty for all. */
  selectedStates: string[];
  /** As `ViewTotals`. */
  totals: {
    sampledNs: number;
    standardErrorNs: number;
    exactNs: number | null;
    captures: number;
    tauNs: number | null;
    tauNowNs: number | null;
    governed: boolean;
    governedNow: boolean;
    region: {
      isOfWaits: boolean;
      count: number;
      sampledCount: number;
      windows: number;
      countedWindows: number;
    } | null;
    losses: Readonly<Record<string, number | undefined>>;
    unnamed: {
      share: number;
      shareByReason: Readonly<Record<string, number | undefined>>;
      filesByReason: Readonly<Record<string, readonly { module: string; share: number }[] | undefined>>;
    };
    hints: readonly { tgid: number; name: string; hint: string }[];
  } | null;
  answer: { waitedNs: number; idleNs: number } | null;
  tree: TestTree | null;
  matchedValue: number;
  /** By whom the graph is coloured: those with a colour, most time first, how many are without, and who has most of the widest nodes. */
  owners: {
    key: string;
    listed: { name: string; value: number }[];
    rest: number;
    nodes: { path: string; owner: string; share: number; count: number }[];
  } | null;
  /** The table of functions, in its order; null when it is not shown. `kinds` in the order of KINDS. */
  functions: { label: string; role: string; selfValue: number; totalValue: number; kinds: number[] }[] | null;
  sandwich: { label: string; callers: TestTree; callees: TestTree } | null;
  /** Of the selected frame, else of the zoomed one, else of all. */
  details: {
    /** Labels from the root; '' for all. */
    path: string;
    value: number;
    byKind: { kind: string; value: number }[];
    byState: { state: string; value: number }[];
    threads: { tgid: number; tid: number; comm: string; value: number }[];
    owners: { key: string; listed: { label: string; value: number }[] }[];
    wakers: { tgid: number; tid: number; comm: string; isInterrupt: boolean; value: number }[];
    /** Waits by length, all buckets together. */
    lengthCount: number;
  } | null;
  /** The same of a profile from elsewhere, in place of `details`. */
  sampleDetails: {
    path: string;
    value: number;
    samples: number;
    threads: { tgid: number; tid: number; comm: string; value: number }[];
    labels: { name: string; values: { text: string; value: number }[] }[];
  } | null;
  /** What is compared; null without a base. Before-values are scaled, as they are shown. */
  difference: {
    state: string;
    /** Why there is none, or none yet; '' where there is. */
    words: string;
    before: TestSide | null;
    after: TestSide | null;
    scale: number;
    /** The most changed `MAX_TEST_NODES`. */
    nodes: { path: string; before: number; after: number }[];
    /** As the table has it at first: what grew most is first. */
    growth: { label: string; before: number; after: number; change: number }[];
  } | null;
  /** Time that noise presets hide, or would. */
  noise: { id: string; value: number; isHidden: boolean }[];
  /** Ordered by time waited, most first. */
  processes: { tgid: number; name: string; waitedNs: number; blockedNs: number }[];
  /** Of the selected process, or of all; ordered by time waited, most first. */
  threads: { tgid: number; tid: number; name: string }[];
  openWaits: { tgid: number; tid: number; name: string; state: string; elapsedNs: number }[];
  /** Counts by kind, all buckets together. */
  histogramCounts: Record<string, number>;
  /** Threads of the chosen process over time; null where it is not shown. ns in the order of ROW_KINDS. */
  timeline: {
    tgid: number;
    fromMs: number;
    toMs: number;
    columns: { startMs: number; endMs: number }[];
    gaps: { fromMs: number; toMs: number; reason: string }[];
    /** `cells` is null where the thread did not live; `shownNs` is of the stretch that is shown. */
    threads: {
      tid: number;
      name: string;
      bornMs: number | null;
      diedMs: number | null;
      shownNs: number[];
      cells: (number[] | null)[];
    }[];
  } | null;
  /** The heatmap of latencies that is shown; null without one. */
  heat: {
    name: string;
    /** What is drawn: ms across, buckets up, the last of each left out. */
    fromMs: number;
    toMs: number;
    fromBucket: number;
    toBucket: number;
    /** Ends of each column, ms, and what it is: 0 not collected, 1 whole, 2 in part, 3 refused. */
    columns: { startMs: number; endMs: number; collected: number }[];
    /** Those that counted something: column, bucket of packages/latency, count. */
    cells: { column: number; bucket: number; count: number }[];
    operations: { operation: string; target: string; count: number }[];
    /** By p50, p95, p99, then column; null where too few were counted. */
    percentiles: (number | null)[][];
    total: { count: number; ns: (number | null)[] };
    collection: { windows: number; collected: number; newest: string | null; detail: string };
  } | null;
  /** Of the heatmap's region, or of all of it. */
  operations: {
    total: number;
    count: number;
    rows: { tid: number; name: string; operation: string; target: string; bucket: number; count: number }[];
  } | null;
  shownWindows: number;
  /** Time that the windows shown cover, ms; less than the span where there are gaps. */
  coveredMs: number;
  /** All windows of the host that the page holds, oldest first, ms of the host's clock. */
  heldWindows: { startMs: number; endMs: number }[];
  newerWindows: number | null;
  /** End of the newest window held, shown or not. */
  lastWindowEndMs: number | null;
  /** Newest window of the last view that was drawn, and when, ms of the page's clock. */
  drawn: { lastWindowEndMs: number | null; renderedAtMs: number } | null;
}
