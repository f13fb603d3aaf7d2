/**
 * Owns what a page with panels knows, outside React: one immutable snapshot, replaced on each message of the worker.
 * Invariant: what a panel shows is of the kind, argument and host that were asked for it last.
 */
import type { FlameTree } from '@stallscope/profile';
import type { HostSummary } from '@stallscope/protocol';
import type { Connection } from '../live/live-messages';
import type { ProbeStanding } from '../live/probe-standing';
import type {
  FlameContent,
  FromPanelsWorker,
  PanelAsk,
  PanelClock,
  PanelContent,
  PanelsAsk,
  PanelsUpdate,
  PanelUpdate,
  ToPanelsWorker,
} from './panel-messages';

/** A panel's content on the page: trees have their labels. */
export type ShownContent = Exclude<PanelContent, { kind: 'flame' }> | FlameContent<FlameTree>;
export type PanelData = Exclude<PanelUpdate, { state: 'ready' }> | { state: 'ready'; content: ShownContent };

export interface PanelsSnapshot {
  connection: Connection;
  /** Null until the hub has listed them. */
  hosts: readonly HostSummary[] | null;
  hostsAtMs: number | null;
  /** Null before the first window of any host. */
  clock: PanelClock | null;
  /** By host id. */
  standing: ReadonlyMap<string, readonly ProbeStanding[]>;
  /** By panel id; absent until something is known of it. */
  panels: ReadonlyMap<string, PanelData>;
  /** Why the worker itself stopped; the page has to be reloaded. */
  fault: string | null;
}

export class PanelsStore {
  #snapshot: PanelsSnapshot;
  readonly #listeners = new Set<() => void>();
  readonly #post: (message: ToPanelsWorker) => void;
  readonly #labels = new Map<string, { epoch: number; labels: string[] }>();
  #ask: PanelsAsk | undefined;
  #asked = '';
  #panels = new Map<string, string>();

  constructor(post: (message: ToPanelsWorker) => void, nowMs: number) {
    this.#post = post;
    this.#snapshot = {
      connection: { state: 'connecting', sinceMs: nowMs },
      hosts: null,
      hostsAtMs: null,
      clock: null,
      standing: new Map(),
      panels: new Map(),
      fault: null,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): PanelsSnapshot => this.#snapshot;

  ask(ask: PanelsAsk): void {
    const asked = JSON.stringify(ask);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#ask = ask;
    const before = this.#panels;
    this.#panels = new Map(ask.panels.map((panel) => [panel.id, keyOf(panel)]));
    // Another panel's data must not stand under this one's name, not even for a frame.
    const panels = new Map(this.#snapshot.panels);
    for (const [id, key] of before) {
      if (this.#panels.get(id) === key) continue;
      panels.delete(id);
      this.#labels.delete(id);
    }
    if (panels.size !== this.#snapshot.panels.size) this.#replace({ panels });
    this.#post({ type: 'ask', ask });
  }

  /** Last. */
  get asked(): PanelsAsk | undefined {
    return this.#ask;
  }

  readonly retry = (): void => this.#post({ type: 'retry' });

  receive(message: FromPanelsWorker): void {
    switch (message.type) {
      case 'connection':
        this.#replace({ connection: message.connection });
        break;
      case 'hosts':
        this.#replace({ hosts: message.hosts, hostsAtMs: message.receivedAtMs });
        break;
      case 'update':
        this.#receiveUpdate(message);
        break;
    }
  }

  fail(reason: string): void {
    this.#replace({ fault: reason });
  }

  #receiveUpdate({ clock, standing, panels }: PanelsUpdate): void {
    const part: Partial<PanelsSnapshot> = { clock };
    if (standing.length > 0) {
      const known = new Map(this.#snapshot.standing);
      for (const { hostId, probes } of standing) known.set(hostId, probes);
      part.standing = known;
    }
    if (panels.length > 0) {
      const known = new Map(this.#snapshot.panels);
      for (const { id, data } of panels) if (this.#panels.has(id)) known.set(id, this.#labelled(id, data));
      part.panels = known;
    }
    this.#replace(part);
  }

  /** Labels go once: those of a tree continue what came before. */
  #labelled(id: string, data: PanelUpdate): PanelData {
    if (data.state !== 'ready') return data;
    const { content } = data;
    if (content.kind !== 'flame') return { state: 'ready', content };
    const { epoch, from, added } = content.labels;
    let known = this.#labels.get(id);
    if (known === undefined || known.epoch !== epoch) {
      known = { epoch, labels: [] };
      this.#labels.set(id, known);
    }
    known.labels.length = from;
    for (const label of added) known.labels.push(label);
    return { state: 'ready', content: { ...content, tree: { ...content.tree, labels: known.labels } } };
  }

  #replace(part: Partial<PanelsSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
    for (const listener of this.#listeners) listener();
  }
}

function keyOf({ kind, arg, hostId }: PanelAsk): string {
  return JSON.stringify([kind, arg, hostId]);
}
