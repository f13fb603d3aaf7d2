/**
 * Owns what the page knows of the live data, outside React: one immutable snapshot, replaced on each message of the
 * worker. Invariant: the snapshot's view answers the selection that it carries, which may be older than the one asked for.
 */
import type { Collectible, HostSummary, WindowLengthMs } from '@stallscope/protocol';
import { MakeClient } from '../make/make-client';
import type { Made, MakeRequest } from '../make/make-messages';
import { type KnownHost, toKnownHosts } from './known-hosts';
import { LabelledTrees, type LabelledView } from './labelled-trees';
import type { Connection, FromWorker, LiveSelection, ToWorker } from './live-messages';

export interface LiveSnapshot {
  connection: Connection;
  /** Null until the hub has listed them. */
  hosts: readonly HostSummary[] | null;
  /** The same, without what changes with every window. */
  knownHosts: readonly KnownHost[] | null;
  /** How long the hub keeps windows, ms; null until it said so. */
  retainMs: number | null;
  /** When `hosts` came, ms of the page's clock; null before. */
  hostsAtMs: number | null;
  view: LiveView | null;
  /** Why the worker itself stopped; the page has to be reloaded. */
  fault: string | null;
}

export type LiveView = LabelledView;

/** The other end: a Worker, or a stand-in. */
export interface WorkerPort {
  post(message: ToWorker): void;
}

export class LiveStore {
  #snapshot: LiveSnapshot;
  readonly #listeners = new Set<() => void>();
  readonly #port: WorkerPort;
  readonly #trees = new LabelledTrees();
  readonly #makes: MakeClient;
  #selection: LiveSelection | undefined;

  constructor(port: WorkerPort, nowMs: number) {
    this.#port = port;
    this.#makes = new MakeClient((id, request) => port.post({ type: 'make', id, request }));
    this.#snapshot = {
      connection: { state: 'connecting', sinceMs: nowMs },
      hosts: null,
      knownHosts: null,
      retainMs: null,
      hostsAtMs: null,
      view: null,
      fault: null,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): LiveSnapshot => this.#snapshot;

  select(selection: LiveSelection): void {
    if (JSON.stringify(selection) === JSON.stringify(this.#selection)) return;
    const isOtherHost = selection.hostId !== this.#selection?.hostId;
    this.#selection = selection;
    // Another host's graph must not stand under this host's name, not even for a frame.
    if (isOtherHost && this.#snapshot.view !== null) this.#replace({ view: null });
    this.#port.post({ type: 'select', selection });
  }

  setWindow(hostId: string, windowMs: WindowLengthMs): void {
    this.#port.post({ type: 'set-window', hostId, windowMs });
  }

  /** Asks a host to collect that beside what it does by itself, in place of what was asked before. */
  setCollected(hostId: string, wants: readonly Collectible[]): void {
    this.#port.post({ type: 'collect', hostId, wants });
  }

  /** A file that a difference may name as its base. */
  giveBaseFile(name: string, file: Blob): void {
    this.#port.post({ type: 'base-file', name, file });
  }

  retry(): void {
    this.#port.post({ type: 'retry' });
  }

  /** Has the worker make a file of what is shown now. */
  readonly make = (request: MakeRequest): Promise<Made> => this.#makes.make(request);

  receive(message: FromWorker): void {
    switch (message.type) {
      case 'connection':
        this.#replace({ connection: message.connection });
        break;
      case 'hosts':
        this.#replace({
          hosts: message.hosts,
          knownHosts: toKnownHosts(this.#snapshot.knownHosts, message.hosts),
          retainMs: message.retainMs,
          hostsAtMs: message.receivedAtMs,
        });
        break;
      case 'view':
        this.#receiveView(message);
        break;
      case 'made':
        this.#makes.receive(message.id, message.made);
        break;
    }
  }

  fail(reason: string): void {
    this.#makes.fail(`Live data stopped: ${reason}.`);
    this.#replace({ fault: reason });
  }

  #receiveView(message: Extract<FromWorker, { type: 'view' }>): void {
    const { type, ...update } = message;
    const view = this.#trees.take(update);
    if (view.hostId === this.#selection?.hostId) this.#replace({ view });
  }

  #replace(part: Partial<LiveSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
    for (const listener of this.#listeners) listener();
  }
}
