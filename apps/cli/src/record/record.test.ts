import { readProfile, windowsToSamples } from '@stallscope/formats';
import {
  appendThread,
  emptyThreads,
  emptyWindow,
  KINDS,
  ProfileTables,
  type ProfileWindow,
  rowCount,
  UNNAMED,
  type UnnamedCode,
} from '@stallscope/profile';
import { stacksFromText } from '@stallscope/testing';
import { describe, expect, test } from 'vitest';
import type { RecordFlags } from '../command-line.js';
import {
  type Collector,
  type RecordEnvironment,
  type Recording,
  type RecordOptions,
  record,
} from './record.js';
import { toRecordOptions, toWritten } from './record-command.js';
import { RecordProgress, summaryLine } from './record-progress.js';
import { RecordedWindows } from './recorded-windows.js';

const FLAGS: RecordFlags = {
  view: 'off-cpu',
  durationNs: 3e9,
  kinds: ['blocked'],
  tauNs: 0,
  asksJava: true,
  showsInlined: false,
  cpuHz: 99,
  commandLine: 'redacted',
  format: 'folded',
};

const ROWS = `
  S app@1/1: main;read | vfs_read <- writer@2/2: run;write | pipe_write = 1500us
  D app@1/1: main | io_schedule@ext4 <- [timer]: | hrtimer_run = 2ms x3
  runq app@1/1: main = 40us
`;

/** A window of rows as text, whose exact counters say what the rows say, and 40 µs of run-queue wait. */
function windowOf(text: string, tables: ProfileTables, partial: Partial<ProfileWindow> = {}): ProfileWindow {
  const { rows } = stacksFromText(text, tables);
  const threads = emptyThreads();
  appendThread(threads, {
    tgid: 1,
    tid: 1,
    comm: tables.internString('app'),
    blockedNs: 3_500_000,
    runqNs: 40_000,
    preemptedNs: 0,
    onCpuNs: 0,
    blockedCount: 4,
    runqCount: 1,
    preemptedCount: 0,
  });
  return emptyWindow({ startMs: 1_700_000_000_000, endMs: 1_700_000_001_000, rows, threads, ...partial });
}

interface Script {
  windows?: ProfileWindow[];
  tablesOf?: (window: number) => ProfileTables;
  interruptAfter?: number;
  failAt?: number;
  onWindow?: RecordEnvironment['onWindow'];
}

async function toText(recording: Recording, format: 'folded' | 'json'): Promise<string> {
  return new TextDecoder().decode((await toWritten(recording, format, { hostName: 'web-1' })).bytes);
}

async function toJson(recording: Recording) {
  return JSON.parse(await toText(recording, 'json'));
}

/** Records from a scripted collector on a clock that only pauses move. */
async function recordScript(options: RecordOptions, tables: ProfileTables, script: Script) {
  const calls: string[] = [];
  let taken = 0;
  let nowMs = 1_700_000_000_000;
  const interrupt = new AbortController();
  const next = async (call: string) => {
    calls.push(call);
    if (taken === script.failAt) throw new Error('read map rows: bad file');
    return script.windows?.[taken++] ?? emptyWindow({ endMs: nowMs });
  };
  const collector: Collector = {
    get tables() {
      return script.tablesOf?.(taken - 1) ?? tables;
    },
    collect: () => next('collect'),
    finish: () => next('finish'),
    close: () => void calls.push('close'),
  };
  const recording = await record(options, {
    collector,
    nowMs: () => nowMs,
    pause: async (ms) => {
      nowMs += ms;
      if (calls.length === script.interruptAfter) interrupt.abort();
    },
    interrupted: interrupt.signal,
    ...(script.onWindow && { onWindow: script.onWindow }),
    onProgress: () => {},
  });
  return { recording, calls };
}

async function recordRows(
  flags: Partial<RecordFlags> = {},
  window: Partial<ProfileWindow> = {},
): Promise<Recording> {
  const tables = new ProfileTables();
  const windows = [windowOf(ROWS, tables, window)];
  return (await recordScript(toRecordOptions({ ...FLAGS, durationNs: 1e9, ...flags }), tables, { windows }))
    .recording;
}

describe('a recording', () => {
  test('takes a window a second, the last by detaching, and sums equal rows', async () => {
    const tables = new ProfileTables();
    const windows = [windowOf(ROWS, tables), windowOf(ROWS, tables), windowOf(ROWS, tables)];
    const { recording, calls } = await recordScript(toRecordOptions(FLAGS), tables, { windows });
    expect(calls).toEqual(['collect', 'collect', 'finish', 'close']);
    expect(rowCount(recording.rows)).toBe(3);
    expect(recording.totals).toMatchObject({ sampledNs: 3 * 3_500_000, exactNs: 3 * 3_500_000, ratio: 1 });
  });
  test('ends early when interrupted, with what it has', async () => {
    const tables = new ProfileTables();
    const windows = [windowOf(ROWS, tables), windowOf(ROWS, tables)];
    const options = toRecordOptions({ ...FLAGS, durationNs: 3600e9 });
    const { recording, calls } = await recordScript(options, tables, { windows, interruptAfter: 1 });
    expect(calls).toEqual(['collect', 'finish', 'close']);
    expect(recording.wasInterrupted).toBe(true);
    expect(recording.totals.sampledNs).toBe(2 * 3_500_000);
  });
  test('keeps what it has when the collector fails on the way, and says so', async () => {
    const tables = new ProfileTables();
    const { recording, calls } = await recordScript(toRecordOptions(FLAGS), tables, {
      windows: [windowOf(ROWS, tables)],
      failAt: 1,
    });
    expect(calls).toEqual(['collect', 'collect', 'close']);
    expect(recording.failure).toBeInstanceOf(Error);
    expect(recording.totals.sampledNs).toBe(3_500_000);
  });
  test('follows a collector that starts its tables anew', async () => {
    const first = new ProfileTables();
    const second = new ProfileTables();
    second.internString('something before, so that no id is the same');
    const windows = [windowOf(ROWS, first), windowOf(ROWS, second), windowOf(ROWS, second)];
    const { recording } = await recordScript(toRecordOptions(FLAGS), first, {
      windows,
      tablesOf: (window) => (window < 1 ? first : second),
    });
    expect(await toText(recording, 'folded')).toBe(
      'app;main;-;io_schedule 6000\napp;main;read;-;vfs_read 4500\n',
    );
  });
  test('sums losses by name and remembers the highest τ', async () => {
    const tables = new ProfileTables();
    const windows = [
      windowOf(ROWS, tables, { losses: { 'stack-error': 2 }, tauNs: 5, governed: true }),
      windowOf(ROWS, tables, { losses: { 'stack-error': 1, 'row-map-full': 4 } }),
    ];
    const { recording } = await recordScript(toRecordOptions({ ...FLAGS, durationNs: 2e9 }), tables, {
      windows,
    });
    expect(recording).toMatchObject({
      losses: { 'stack-error': 3, 'row-map-full': 4 },
      tauNs: 5,
      governed: true,
    });
  });
  test('counts against exact counters though states are selected: the kernel leaves the others out of both', async () => {
    const recording = await recordRows({ states: ['S', 'D'] });
    expect(recording.totals.exactNs).toBe(3_500_000);
  });
});

describe('what is written', () => {
  test('folded: the frames of each view, microseconds, in order', async () => {
    expect(await toText(await recordRows(), 'folded')).toBe(
      'app;main;-;io_schedule 2000\napp;main;read;-;vfs_read 1500\n',
    );
    expect(await toText(await recordRows({ view: 'wakeup' }), 'folded')).toBe(
      '[timer];hrtimer_run;app 2000\nwriter;run;write;-;pipe_write;app 1500\n',
    );
    expect(await toText(await recordRows({ kinds: KINDS }), 'folded')).toContain(
      'app;main;[run-queue wait] 40\n',
    );
  });
  test('JSON: the documented object', async () => {
    const recording = await recordRows({ format: 'json' }, { losses: { 'stack-error': 1 } });
    expect(await toJson(recording)).toEqual({
      format: 'stallscope-profile',
      version: 1,
      view: 'off-cpu',
      startedAt: '2023-11-14T22:13:20.000Z',
      durationMs: 1000,
      tauNs: 0,
      governed: false,
      kinds: ['blocked'],
      totals: { sampledNs: 3_500_000, standardErrorNs: 0, exactNs: 3_500_000, ratio: 1, ratioError: 0 },
      losses: { 'stack-error': 1 },
      unnamed: { share: 0, reasons: [] },
      hints: [],
      stacks: [
        {
          frames: [
            { name: 'app', role: 'comm', module: null, unnamed: null },
            { name: 'main', role: 'user', module: null, unnamed: null },
            { name: '-', role: 'separator', module: null, unnamed: null },
            { name: 'io_schedule', role: 'kernel', module: 'ext4', unnamed: null },
          ],
          ns: 2_000_000,
          count: 3,
        },
        {
          frames: [
            { name: 'app', role: 'comm', module: null, unnamed: null },
            { name: 'main', role: 'user', module: null, unnamed: null },
            { name: 'read', role: 'user', module: null, unnamed: null },
            { name: '-', role: 'separator', module: null, unnamed: null },
            { name: 'vfs_read', role: 'kernel', module: null, unnamed: null },
          ],
          ns: 1_500_000,
          count: 1,
        },
      ],
    });
  });
  test('JSON of nothing has null where there is no number', async () => {
    const { recording } = await recordScript(toRecordOptions(FLAGS), new ProfileTables(), {});
    expect(await toJson(recording)).toMatchObject({
      totals: { exactNs: 0, ratio: null },
      losses: {},
      stacks: [],
    });
    expect(await toText(recording, 'folded')).toBe('');
  });
});

describe('what is written for other tools', () => {
  test('each format is read back with the same sum, and what it says of itself', async () => {
    const recording = await recordRows({ view: 'chain' });
    for (const format of ['pprof', 'speedscope', 'firefox', 'otlp'] as const) {
      const read = await readProfile((await toWritten(recording, format, { hostName: 'web-1' })).bytes);
      if (read.format === 'stallscope') throw new Error(read.format);
      expect(read.format).toBe(format);
      const [profile] = read.profiles;
      expect(profile!.title, format).toContain('web-1 chain');
      const ns = profile!.valueTypes.findIndex(({ unit }) => unit === 'nanoseconds');
      expect(
        profile!.sampleValues[ns]!.reduce((sum, value) => sum + value, 0),
        format,
      ).toBe(3_500_000);
    }
    for (const format of ['svg', 'html'] as const) {
      const text = new TextDecoder().decode(
        (await toWritten(recording, format, { hostName: 'web-1' })).bytes,
      );
      expect(text, format).toContain('sampled 100.0 % ± 0.0 of exact · 0 lost');
    }
  });
  test('stallscope: every window, so that every view is still there', async () => {
    const tables = new ProfileTables();
    const windows = [windowOf(ROWS, tables, { losses: { 'stack-error': 2 } }), windowOf(ROWS, tables)];
    const kept = new RecordedWindows();
    const { recording } = await recordScript(toRecordOptions({ ...FLAGS, durationNs: 2e9 }), tables, {
      windows,
      onWindow: (window, of) => kept.add(window, of),
    });
    const { bytes } = await kept.toWritten(recording);
    const read = await readProfile(bytes);
    if (read.format !== 'stallscope') throw new Error(read.format);
    expect(read.windows).toHaveLength(2);
    expect(read.header.host.name).not.toBe('');
    const view = { view: 'chain', kinds: ['blocked'] } as const;
    const { profile, facts } = windowsToSamples(read.tables, read.windows, view, { title: '', hostName: '' });
    expect(profile.sampleValues[0]!.reduce((sum, value) => sum + value, 0)).toBe(7_000_000);
    expect(facts.losses).toEqual({ 'stack-error': 2 });
    expect(profile.frames.map(({ name }) => name)).toContain('hrtimer_run');
  });
});

describe('what is said', () => {
  const terminal = (isTTY: boolean) => {
    const written: string[] = [];
    return { isTTY, written, write: (text: string) => void written.push(text) };
  };

  test('the summary has the sampled share of exact and the loss', async () => {
    expect(summaryLine(await recordRows())).toBe(
      'off-cpu · 1.00 s · 3.50 ms waited · sampled 100.0 % ± 0.0 of exact · 0 lost',
    );
    const sampled = await recordRows();
    sampled.totals = { ...sampled.totals, ratio: 0.996, ratioError: 0.0081 };
    expect(summaryLine(sampled)).toContain('sampled 99.6 % ± 0.8 of exact');
    expect((await toJson(sampled)).totals).toMatchObject({ ratio: 0.996, ratioError: 0.0081 });
    expect(summaryLine(await recordRows({}, { losses: { 'stack-error': 2, 'row-map-full': 1 } }))).toMatch(
      / · 3 lost$/,
    );
  });
  test('a pipe gets a line at the start and one at the end, a terminal a live line too', async () => {
    const recording = await recordRows();
    const options = toRecordOptions(FLAGS);
    const pipe = terminal(false);
    const live = terminal(true);
    for (const [progress, one] of [pipe, live].map((to) => [new RecordProgress(to, false), to] as const)) {
      progress.started(options);
      progress.window(recording);
      progress.ended(recording);
      expect(one.written[0]).toMatch(/^recording off-cpu for 3\.00 s \(blocked; every interval\)/);
    }
    expect(pipe.written).toHaveLength(2);
    expect(pipe.written.join('')).not.toContain('\u001b');
    expect(live.written[1]?.startsWith('\r\u001b[Koff-cpu')).toBe(true);
  });
  test('a loss that may be of threads that were not asked for says so, where some were asked for', async () => {
    const recording = await recordRows({}, { losses: { 'stack-error': 2, 'program-recursion': 1 } });
    for (const isFiltered of [true, false]) {
      const out = terminal(false);
      new RecordProgress(out, isFiltered).ended(recording);
      const lost = out.written.filter((line) => line.includes('lost: '));
      expect(lost).toHaveLength(2);
      expect(lost.map((line) => line.includes('of the whole host'))).toEqual([false, isFiltered]);
    }
  });
  test('losses are named, and nothing seen is said', async () => {
    const out = terminal(false);
    new RecordProgress(out, false).ended(await recordRows({}, { losses: { 'stack-error': 2 } }));
    expect(out.written.join('')).toContain(
      '  lost: 2 × stack-error: the kernel could not walk a stack; the time is counted, without frames\n',
    );
    const { recording } = await recordScript(toRecordOptions(FLAGS), new ProfileTables(), {});
    new RecordProgress(out, false).ended(recording);
    expect(out.written.at(-1)).toMatch(/nothing that was asked for ended a wait/);
  });
  test('frames without a name are counted in the line of totals; why, and what to do, is said below', async () => {
    const tables = new ProfileTables();
    const window = windowOf('S app@1/1: main | = 3ms', tables);
    const frame = tables.internFrame({
      name: tables.internString('[stack broken]'),
      module: 0,
      space: 0,
      unnamed: UNNAMED.indexOf('stack-broken') as UnnamedCode,
    });
    const main = window.rows.userStack[0]!;
    window.rows.userStack[0] = tables.internFrames([frame, ...tables.framesLeafFirst(main)]);
    window.processes.tgid.push(1);
    window.processes.name.push(tables.internString('app'));
    window.processes.hint.push(tables.internString('python-perf'));
    const { recording } = await recordScript(toRecordOptions({ ...FLAGS, durationNs: 1e9 }), tables, {
      windows: [window],
    });
    const out = terminal(false);
    new RecordProgress(out, false).ended(recording);
    expect(out.written[0]).toMatch(/ · 0 lost · 50\.0 % of frames unnamed\n$/);
    expect(out.written[1]).toMatch(
      /^ {2}unnamed: 50\.0 % stack broken: .* Build with -fno-omit-frame-pointer/,
    );
    expect(out.written[2]).toMatch(/^ {2}app 1: Python: .* Start it with -X perf/);
    expect(out.written).toHaveLength(3);
  });
});
