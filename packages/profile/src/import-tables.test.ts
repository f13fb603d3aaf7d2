import { describe, expect, it } from 'vitest';
import { checkSeeds, randomWindow } from './fixtures/index.js';
import { TableImporter } from './import-tables.js';
import { NONE } from './kinds.js';
import { emptyWindow, PROCESS_STRINGS, toProcesses } from './rows.js';
import { ProfileTables } from './tables.js';
import type { ProfileWindow } from './window.js';

/** Every id of a window spelt out, so that windows of different tables can be compared. */
function spell(window: ProfileWindow, tables: ProfileTables): unknown {
  const string = (id: number): string => tables.strings[id]!;
  const stack = (id: number): unknown =>
    tables
      .framesLeafFirst(id)
      .map((frame) => [
        tables.frameLabel(frame),
        string(tables.frameModule[frame]!),
        tables.frameSpace[frame],
        tables.frameUnnamed[frame],
      ]);
  const chain = (id: number): unknown => {
    if (id === NONE) return 'none';
    const node = tables.chains[id]!;
    return {
      ...node,
      comm: string(node.comm),
      userStack: stack(node.userStack),
      kernelStack: stack(node.kernelStack),
      parent: chain(node.parent),
    };
  };
  const { rows, threads, openWaits, processes, latencies, vitals, probes } = window;
  return {
    ...window,
    rows: {
      ...rows,
      comm: rows.comm.map(string),
      userStack: rows.userStack.map(stack),
      kernelStack: rows.kernelStack.map(stack),
      chain: rows.chain.map(chain),
    },
    threads: { ...threads, comm: threads.comm.map(string) },
    openWaits: {
      ...openWaits,
      comm: openWaits.comm.map(string),
      userStack: openWaits.userStack.map(stack),
      kernelStack: openWaits.kernelStack.map(stack),
    },
    processes: {
      ...processes,
      ...Object.fromEntries(PROCESS_STRINGS.map((column) => [column, processes[column].map(string)])),
    },
    latencies: {
      ...latencies,
      operation: latencies.operation.map(string),
      target: latencies.target.map(string),
    },
    vitals: { ...vitals, metric: vitals.metric.map(string), label: vitals.label.map(string) },
    probes: { ...probes, name: probes.name.map(string), detail: probes.detail.map(string) },
  };
}

describe('TableImporter', () => {
  it('keeps what random windows say while both tables grow', () => {
    checkSeeds(100, (random) => {
      const from = new ProfileTables();
      const into = new ProfileTables();
      // Ids that differ from the start, so that an id left untranslated shows.
      randomWindow(random, into);
      const importer = new TableImporter(from, into);
      for (let n = 0; n < 3; n++) {
        const window = randomWindow(random, from, { maxRows: 20 });
        expect(spell(importer.window(window), into)).toEqual(spell(window, from));
      }
    });
  });

  it('leaves behind what no window names', () => {
    const from = new ProfileTables();
    for (let n = 0; n < 5000; n++) {
      const name = from.internString(`old${n}`);
      from.internStack(NONE, from.internFrame({ name, module: 0, space: 0, unnamed: 0 }));
    }
    const into = new ProfileTables();
    const window = emptyWindow({ processes: toProcesses([{ tgid: 7, name: from.internString('kept') }]) });
    new TableImporter(from, into).window(window);
    expect(into.strings).toEqual(['', 'kept']);
    expect(into.stackCount).toBe(0);
  });

  it('imports a stack deeper than a call stack would allow', () => {
    const from = new ProfileTables();
    const frame = from.internFrame({ name: from.internString('again'), module: 0, space: 0, unnamed: 0 });
    const deep = from.internFrames(new Array(50_000).fill(frame));
    const into = new ProfileTables();
    const stack = new TableImporter(from, into).stack(deep);
    expect(into.framesLeafFirst(stack)).toHaveLength(50_000);
  });
});
