/** Owns what a page with panels tells browser tests and support: as plain data, made when it is read. */
import { toTestTree } from '../live/test-window';
import type { TestDashboard, TestPanel } from '../live/test-window-model';
import type { PanelsAsk } from './panel-messages';
import type { PanelData, PanelsSnapshot, ShownContent } from './panels-store';

export function toTestDashboard(
  ask: PanelsAsk | undefined,
  { clock, panels, standing }: PanelsSnapshot,
  cursorMs: number | null,
): TestDashboard {
  return {
    clock: clock && { fromMs: clock.fromMs, toMs: clock.toMs, newestMs: clock.newestMs },
    cursorMs,
    selection: ask?.selection ?? { stretch: null, region: null, process: null },
    standing: Object.fromEntries(
      [...standing].map(([hostId, probes]) => [
        hostId,
        probes.map(({ name, state, detail, cost }) => ({
          ...{ name, state, detail },
          nsPerSecond: cost?.nsPerSecond ?? null,
        })),
      ]),
    ),
    panels: (ask?.panels ?? []).map(({ id, kind, arg, hostId }) => ({
      ...{ id, kind, arg, hostId },
      ...toTestContent(panels.get(id)),
    })),
  };
}

type TestContent = Omit<TestPanel, 'id' | 'kind' | 'arg' | 'hostId'>;

function toTestContent(data: PanelData | undefined): TestContent {
  const nothing: TestContent = {
    state: data?.state ?? 'none',
    ...{ readings: [], series: [], cells: [], tree: null, processes: [], events: [], checks: [] },
    coveredMs: null,
  };
  return data?.state === 'ready' ? { ...nothing, ...toShown(data.content) } : nothing;
}

function toShown(content: ShownContent): Partial<TestContent> {
  switch (content.kind) {
    case 'vitals':
      return {
        readings: Array.from(content.readings.startMs, (startMs, index) => ({
          startMs,
          endMs: content.readings.endMs[index]!,
        })),
        series: content.series.map(({ name, values }) => ({
          name,
          values: Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
        })),
      };
    case 'heatmap': {
      const { grid } = content.heat;
      const rows = grid.toBucket - grid.fromBucket;
      const cells: TestPanel['cells'] = [];
      for (const [at, count] of grid.counts.entries()) {
        if (count === 0) continue;
        const column = Math.floor(at / rows);
        const bucket = grid.fromBucket + (at % rows);
        cells.push({ startMs: grid.startMs[column]!, endMs: grid.endMs[column]!, bucket, count });
      }
      return { cells };
    }
    case 'flame':
      return { tree: toTestTree(content.tree), coveredMs: content.covered.coveredMs };
    case 'processes': {
      const { table, covered } = content;
      const processes = table.tgid.map((tgid, at) => ({
        tgid,
        name: table.name[at]!,
        onCpuNs: table.onCpuNs[at]!,
        blockedNs: table.blockedNs[at]!,
        runqNs: table.runqNs[at]!,
      }));
      return { processes, coveredMs: covered.coveredMs };
    }
    case 'events': {
      const { table, covered } = content;
      const events = table.tid.map((tid, at) => ({
        tid,
        tgid: table.tgid[at]!,
        operation: table.operation[at]!,
        target: table.target[at]!,
        bucket: table.bucket[at]!,
        count: table.count[at]!,
      }));
      return { events, coveredMs: covered.coveredMs };
    }
    case 'checklist':
      return {
        checks: content.lines.map(({ id, state, reading }) => ({ id, state, reading })),
        coveredMs: content.covered.coveredMs,
      };
  }
}
