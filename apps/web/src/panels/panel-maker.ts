/**
 * Owns what one panel shows, made of what is held of its host. Each panel has its own maker, and with it its own flame graph:
 * two views of one host do not rebuild each other's, and what did not change is not made again.
 */
import { isHeatmapName } from '@stallscope/latency';
import {
  FlameBuilder,
  kindsOfRegion,
  LabelTable,
  type LatencyRegion,
  PLAIN_SHAPE,
  type Query,
  VIEWS,
  type View,
  waitsByProcess,
} from '@stallscope/profile';
import {
  checklistOf,
  findVitalChart,
  type GroupStanding,
  VITAL_GROUPS,
  type VitalGroup,
  VitalSummary,
} from '@stallscope/vitals';
import type { DashSelection } from '../dashboards/dash-selection';
import { ALL_LENGTHS } from '../latency/bucket-span';
import { columnsOfHeat, HeatSum } from '../latency/heat-sum';
import { OperationSum } from '../latency/operation-sum';
import { isInside, type SpanEnds } from '../live/held-windows';
import { toWaitTable } from '../live/view-update';
import type { PanelHost } from './panel-host';
import type { PanelAsk, PanelContent } from './panel-messages';
import { revisionOf } from './span-rows';
import { summarise, toVitalsContent } from './vitals-content';

/** What rules all panels, for one of them. */
export interface MakeAsk {
  /** What charts are drawn over. */
  span: SpanEnds;
  selection: DashSelection;
}

export interface Made {
  content: PanelContent;
  transfer: ArrayBufferLike[];
}

export class PanelMaker {
  readonly ask: PanelAsk;
  #madeOf = '';
  #flame:
    | { builder: FlameBuilder; labels: LabelTable; tables: object; epoch: number; posted: number }
    | undefined;
  #labelEpochs = 0;
  readonly #heat = new HeatSum();
  readonly #operations = new OperationSum();

  constructor(ask: PanelAsk) {
    this.ask = ask;
  }

  /** Undefined where it is as it was made last, and for a panel that needs nothing made. */
  make(host: PanelHost, ask: MakeAsk): Made | undefined {
    const { stretch, region, process } = ask.selection;
    const drawn = this.ask.kind === 'vitals' || this.ask.kind === 'heatmap';
    // Charts are drawn around what is selected in them; all others are of that alone.
    const ends = drawn ? ask.span : (stretch ?? ask.span);
    const of = {
      region: region?.hostId === host.hostId ? region : null,
      tgid: process?.hostId === host.hostId ? process.tgid : null,
    };
    const madeOf = JSON.stringify([host.tablesEpoch, revisionOf(host, ends), ends, of]);
    if (madeOf === this.#madeOf) return undefined;
    this.#madeOf = madeOf;
    return this.#make(host, ends, toRegion(of.region), of.tgid);
  }

  /** The page has let go of what it had: all is made again. */
  forget(): void {
    this.#madeOf = '';
    this.#flame = undefined;
  }

  #make(
    host: PanelHost,
    ends: SpanEnds,
    region: LatencyRegion | undefined,
    tgid: number | null,
  ): Made | undefined {
    const { kind, arg } = this.ask;
    switch (kind) {
      case 'vitals': {
        const chart = findVitalChart(arg);
        if (chart === undefined) return undefined;
        const content = toVitalsContent(host.vitals, chart, ends, host.heldIn(ends));
        const columns = [content.readings.startMs, content.readings.endMs];
        for (const { values } of content.series) columns.push(values);
        return { content, transfer: columns.map(({ buffer }) => buffer) };
      }
      case 'flame':
        return VIEWS.includes(arg as View) ? this.#toFlame(host, ends, region, tgid, arg as View) : undefined;
      case 'heatmap': {
        if (!isHeatmapName(arg)) return undefined;
        const isOwn = region?.heatmap === arg;
        const heat = this.#heat.of(host, ends, {
          name: arg,
          operation: isOwn ? region.operation : null,
          target: isOwn ? region.target : null,
          whose: toWhose(tgid),
        });
        return { content: { kind, heat }, transfer: columnsOfHeat(heat).map(({ buffer }) => buffer) };
      }
      case 'events': {
        if (!isHeatmapName(arg)) return undefined;
        // A region of another heatmap says which time, not which of these operations.
        const of =
          region?.heatmap === arg ? region : { heatmap: arg, operation: null, target: null, ...ALL_LENGTHS };
        const windows = host.shelved.filter(isInside(ends));
        const table = this.#operations.of(host, windows, of, toWhose(tgid), host.processNames);
        return { content: { kind, table, covered: host.coveredOf(ends) }, transfer: [] };
      }
      case 'processes': {
        const span = host.sumOf(ends, 'off-cpu', region);
        const waits = waitsByProcess(host.tables, span.threads(), host.processNames, ['blocked']);
        return {
          content: { kind, table: toWaitTable(waits), covered: host.coveredOf(ends) },
          transfer: [],
        };
      }
      case 'checklist': {
        const lines = checklistOf({
          vitals: summarise(host.vitals, ends, new VitalSummary()),
          groups: standingOfGroups(host),
          waits: host.waitsIn(ends),
        });
        return { content: { kind, lines, covered: host.coveredOf(ends) }, transfer: [] };
      }
      default:
        return undefined;
    }
  }

  #toFlame(
    host: PanelHost,
    ends: SpanEnds,
    region: LatencyRegion | undefined,
    tgid: number | null,
    view: View,
  ): Made {
    const { tables } = host;
    let flame = this.#flame;
    if (flame === undefined || flame.tables !== tables) {
      const labels = new LabelTable();
      const builder = new FlameBuilder(tables, labels);
      flame = { builder, labels, tables, epoch: ++this.#labelEpochs, posted: 0 };
      this.#flame = flame;
    }
    const span = host.sumOf(ends, view, region);
    const kinds = region === undefined ? [] : kindsOfRegion(region);
    const query: Query = {
      view,
      kinds: kinds.length === 0 ? ['blocked'] : kinds,
      ...(tgid === null ? {} : { tgids: [tgid] }),
    };
    const { labels, ...tree } = flame.builder.build(span.rows(), query, PLAIN_SHAPE);
    const from = flame.posted;
    flame.posted = labels.length;
    const content: PanelContent = {
      kind: 'flame',
      view,
      tree,
      labels: { epoch: flame.epoch, from, added: labels.slice(from) },
      covered: host.coveredOf(ends),
      cpuPeriodNs: host.cpuPeriodNs,
    };
    const columns = Object.values(tree).filter((column) => typeof column !== 'number');
    return { content, transfer: columns.map(({ buffer }) => buffer) };
  }
}

function toRegion(region: DashSelection['region']): LatencyRegion | undefined {
  if (region === null || !isHeatmapName(region.name)) return undefined;
  const { name, fromBucket, toBucket, operation = null, target = null } = region;
  return { heatmap: name, fromBucket, toBucket, operation, target };
}

function toWhose(tgid: number | null): { tgids?: readonly number[] } {
  return tgid === null ? {} : { tgids: [tgid] };
}

function standingOfGroups(host: PanelHost): ReadonlyMap<VitalGroup, GroupStanding> {
  const groups = new Map<VitalGroup, GroupStanding>(
    VITAL_GROUPS.map((group) => [group, { state: 'off', detail: '' }]),
  );
  for (const { name, state, detail } of host.standing()) {
    const group = VITAL_GROUPS.find((known) => known === name);
    if (group !== undefined) groups.set(group, { state, detail });
  }
  return groups;
}
