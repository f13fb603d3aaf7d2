/**
 * Frames as each version of the protocol wrote them. They must read the same for as long as the version is spoken,
 * and the present version must still write them: a change of the wire fails here and needs a new version.
 */
import {
  appendLatency,
  appendProbe,
  appendProcess,
  appendRow,
  appendVital,
  emptyWindow,
  NONE,
  ProfileTables,
  type ProfileWindow,
  toProcesses,
} from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { DictionaryReader, DictionaryWriter } from './dictionary-codec.js';
import { decodeWindow, encodeWindow } from './window-codec.js';

const VERSION_1 = {
  delta:
    '010100010906776f726b6572046d61696e067365727665720e6c6962632e736f2e362b30783166096c6962632e736f2e' +
    '36096b7379735f72656164087363686564756c65075b74696d65725d0e687274696d65725f77616b6575700005040404' +
    '020406040900000002010101000500010001000001020304000200f80a00fc0a08010002050000010200',
  window:
    '0102002900088056febc78420084be56febc7842c0843d0180b6dc058095f52a0201030f0102f80a00fa0a0202008180' +
    '80808020000001010002030607020316270201010000000000000440000000000000f03fcec2f1050100000401f80afa' +
    '0a02c08faedc03e80700a0c21e50510001f80a00165001f80afe0a02000280e497d01201010601f80a02',
};

const VERSION_2 = {
  delta:
    '020100010906776f726b6572046d61696e067365727665720e6c6962632e736f2e362b30783166096c6962632e736f2e' +
    '36096b7379735f72656164087363686564756c65075b74696d65725d0e687274696d65725f77616b6575700005040404' +
    '020406040900002022010101000500010001000001020304000200f80a00fc0a08010002050000010200',
  window:
    '0202002900088056febc78420084be56febc7842c0843d0180b6dc058095f52a92c2e8040201030f0103f80a0000fa0a' +
    '020102000081808080802000070001030100000203040607000203001627000201020100000000000004400000000000' +
    '00f03f0000000000000040cec2f10501a484d109000004888cf3ddf9b22e00002a01f80afa0a02c08faedc03e80700a0' +
    'c21e50510080d293ad03e8070098bad72f01f80a00165001f80afe0a02000280e497d01201010602f80a02020000f80a' +
    '0021000200060008000a0002000400060008',
};

const VERSION_3 = {
  delta:
    '030100010906776f726b6572046d61696e067365727665720e6c6962632e736f2e362b30783166096c6962632e736f2e' +
    '36096b7379735f72656164087363686564756c65075b74696d65725d0e687274696d65725f77616b6575700005040404' +
    '020406040900002022010101000500010001000001020304000200f80a00fc0a08010002050000010200',
  window:
    '0302002900088056febc78420084be56febc7842c0843d0180b6dc058095f52a92c2e804010201030f0103f80a0000fa' +
    '0a0201020000818080808020000700010301000002030406070002030016270002010201000000000000044000000000' +
    '0000f03f0000000000000040cec2f10501a484d109000004888cf3ddf9b22e00002a03000001f80afa0a02c08faedc03' +
    'e80700a0c21e50510080d293ad03e8070098bad72f01f80a00165001f80afe0a02000280e497d01201010602f80a0202' +
    '0000f80a0021000200060008000a00020004000600080106f80afc0a04069fac0201020801000000000000e03f010a01' +
    '0c01c0c4079506',
};

/** A worker blocked in read, woken by a timer; one row sampled, one exact. What later versions brought is asked for. */
function example(version: 1 | 2 | 3): { tables: ProfileTables; window: ProfileWindow } {
  const tables = new ProfileTables();
  const frame = (name: string, module: string, space: 0 | 1, unnamed: 0 | 1 = 0): number =>
    tables.internFrame({
      kind: version >= 2 && space === 0 ? 1 : 0,
      name: tables.internString(name),
      module: tables.internString(module),
      space,
      unnamed,
    });
  const worker = tables.internString('worker');
  const userStack = tables.internFrames([
    frame('main', 'server', 0),
    frame('libc.so.6+0x1f', 'libc.so.6', 0, 1),
  ]);
  const kernelStack = tables.internFrames([frame('ksys_read', '', 1), frame('schedule', '', 1)]);
  const timer = tables.internChain({
    tgid: 0,
    tid: 0,
    comm: tables.internString('[timer]'),
    userStack: NONE,
    kernelStack: tables.internFrames([frame('hrtimer_wakeup', '', 1)]),
    parent: NONE,
    end: 2,
  });
  const chain = tables.internChain({
    tgid: 700,
    tid: 702,
    comm: worker,
    userStack,
    kernelStack: NONE,
    parent: timer,
    end: 0,
  });
  const window = emptyWindow({
    sequence: 41,
    startMs: 1_700_000_000_000.5,
    endMs: 1_700_000_001_000.25,
    tauNs: 1_000_000,
    governed: true,
    losses: { 'row-map-full': 3, 'browser-skipped': 1 },
    agentCpuNs: 12_000_000,
    agentRssBytes: 90_000_000,
    rows: {
      tgid: [700, 700],
      tid: [701, 702],
      comm: [worker, worker],
      cgroup: [2 ** 40 + 1, 0],
      kind: [0, 1],
      state: [1, 0],
      userStack: [userStack, NONE],
      kernelStack: [kernelStack, NONE],
      chain: [chain, NONE],
      bucket: [22, 39],
      quarter: [version === 3 ? 3 : 0, 0],
      slice: [0, 0],
      captures: [2, 1],
      estimatedCount: [2.5, 1],
      estimatedNs: [12_345_678, 1],
      varianceNs2: [0, 4],
    },
    threads: {
      tgid: [700],
      tid: [701],
      comm: [worker],
      blockedNs: [999_000_000],
      runqNs: [1000],
      preemptedNs: [0],
      onCpuNs: [500_000],
      blockedCount: [80],
      runqCount: [81],
      preemptedCount: [0],
      blockedInWindowNs: [version >= 2 ? 900_000_000 : 0],
      runqInWindowNs: [version >= 2 ? 1000 : 0],
      preemptedInWindowNs: [0],
      onCpuInWindowNs: [version >= 2 ? 99_999_000 : 0],
    },
    histograms: { tgid: [700], kind: [0], bucket: [22], count: [80] },
    openWaits: {
      tgid: [700],
      tid: [703],
      comm: [worker],
      kind: [0],
      state: [2],
      elapsedNs: [5_000_000_000],
      sinceBeforeTracing: [1],
      userStack: [NONE],
      kernelStack: [kernelStack],
    },
    processes: toProcesses([{ tgid: 700, name: worker }]),
  });
  if (version >= 2) {
    appendRow(window.rows, {
      ...{ tgid: 700, tid: 701, comm: worker, cgroup: 7, kind: 3, state: 0, userStack, kernelStack: NONE },
      ...{ chain: NONE, bucket: 0, slice: 42, captures: 2, estimatedCount: 2 },
      ...{ estimatedNs: 20_202_020, varianceNs2: 204_060_804_040_200 },
    });
    appendProcess(window.processes, {
      ...{ tgid: 701, name: worker, parentTgid: 700, uid: 33, user: worker, command: 3, cgroupPath: 4 },
      ...{ container: 5, runtime: 1, pod: 2, unit: 3, hint: 4 },
    });
    window.cpuPeriodNs = 10_101_010;
  }
  if (version === 3) {
    window.lengthsAreFine = true;
    appendLatency(window.latencies, {
      ...{ probe: 6, tgid: 700, tid: 702, operation: 2, target: 3, bucket: 159, count: 300 },
    });
    appendVital(window.vitals, { metric: 1, label: 4, value: 0.5 });
    appendProbe(window.probes, {
      ...{ name: 5, state: 1, detail: 6, isMeasured: 1, runNs: 123_456, runCount: 789 },
    });
  }
  return { tables, window };
}

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

describe('recorded frames', () => {
  it.each([
    [1, VERSION_1],
    [2, VERSION_2],
    [3, VERSION_3],
  ] as const)('of version %i read as what they were', (version, frames) => {
    const { tables, window } = example(version);
    const reader = new DictionaryReader();
    reader.apply(fromHex(frames.delta), 1);
    expect(reader.tables).toEqual(tables);
    expect(decodeWindow(fromHex(frames.window), reader.tables, 1)).toEqual(window);
  });

  it('of version 3 are still what is written', () => {
    const { tables, window } = example(3);
    const writer = new DictionaryWriter(tables);
    expect(toHex(writer.delta() ?? new Uint8Array())).toBe(VERSION_3.delta);
    expect(writer.delta()).toBeUndefined();
    expect(toHex(encodeWindow(window, 0))).toBe(VERSION_3.window);
  });

  it('of version 1 are refused from a peer, who speaks the present one', () => {
    expect(() => new DictionaryReader().apply(fromHex(VERSION_1.delta))).toThrow(/upgrade/);
    expect(() => decodeWindow(fromHex(VERSION_1.window), new ProfileTables())).toThrow(/upgrade/);
  });
});
