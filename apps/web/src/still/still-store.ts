/**
 * Owns what a page knows of the still it shows, outside React: one immutable snapshot, replaced on each message of its
 * worker. Invariant: what a worker says of a still that was left is not heard.
 */
import { LabelledTrees } from '../live/labelled-trees';
import type { LiveView } from '../live/live-store';
import { MakeClient } from '../make/make-client';
import type { Made, MakeRequest } from '../make/make-messages';
import type { FromStillWorker, StillFacts, StillSelection, ToStillWorker } from './still-messages';

export type StillState =
  | { state: 'none' }
  | { state: 'reading'; name: string; bytes: number }
  | { state: 'open'; name: string; facts: StillFacts }
  | { state: 'refused'; name: string; message: string; hint: string };

export interface StillSnapshot {
  still: StillState;
  view: LiveView | null;
}

/** The other end: a Worker, or a stand-in. */
export interface StillPort {
  post(message: ToStillWorker): void;
  close(): void;
}

export interface StillPortEvents {
  onMessage(message: FromStillWorker): void;
  onFault(reason: string): void;
}

const NOTHING: StillSnapshot = { still: { state: 'none' }, view: null };

export class StillStore {
  readonly #openPort: (events: StillPortEvents) => StillPort;
  readonly #listeners = new Set<() => void>();
  #snapshot: StillSnapshot = NOTHING;
  #port: StillPort | undefined;
  #selection: StillSelection | undefined;
  #trees = new LabelledTrees();
  #makes = new MakeClient((id, request) => this.#port?.post({ type: 'make', id, request }));

  constructor(openPort: (events: StillPortEvents) => StillPort) {
    this.#openPort = openPort;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): StillSnapshot => this.#snapshot;

  /** Leaves what was open for this file. */
  open(file: Blob, name: string): void {
    this.close();
    this.#trees = new LabelledTrees();
    const port: StillPort = this.#openPort({
      onMessage: (message) => {
        if (this.#port === port) this.#receive(message, name);
      },
      onFault: (message) => {
        if (this.#port === port) this.#refuse(name, `It could not be read: ${message}`, 'Reload the page.');
      },
    });
    this.#port = port;
    this.#replace({ still: { state: 'reading', name, bytes: file.size }, view: null });
    port.post({ type: 'open', file, name });
    if (this.#selection !== undefined) port.post({ type: 'select', selection: this.#selection });
  }

  close(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#makes.fail('What was open was left.');
    if (this.#snapshot !== NOTHING) this.#replace(NOTHING);
  }

  /** A file that a difference may name as its base. */
  giveBaseFile(name: string, file: Blob): void {
    this.#port?.post({ type: 'base-file', name, file });
  }

  select(selection: StillSelection): void {
    if (JSON.stringify(selection) === JSON.stringify(this.#selection)) return;
    this.#selection = selection;
    this.#port?.post({ type: 'select', selection });
  }

  /** Has the worker make a file of what is shown. */
  readonly make = (request: MakeRequest): Promise<Made> =>
    this.#port === undefined
      ? Promise.resolve({ kind: 'failed', message: 'Nothing is open.', hint: '' })
      : this.#makes.make(request);

  #receive(message: FromStillWorker, name: string): void {
    switch (message.type) {
      case 'opened':
        this.#replace({ ...this.#snapshot, still: { state: 'open', name, facts: message.still } });
        break;
      case 'refused':
        this.#refuse(name, message.message, message.hint);
        break;
      case 'view': {
        const { type, ...update } = message;
        this.#replace({ ...this.#snapshot, view: this.#trees.take(update) });
        break;
      }
      case 'made':
        this.#makes.receive(message.id, message.made);
        break;
    }
  }

  #refuse(name: string, message: string, hint: string): void {
    this.close();
    this.#replace({ still: { state: 'refused', name, message, hint }, view: null });
  }

  #replace(snapshot: StillSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}
