/** Owns reading a hub as a browser does, without one: the windows of its only host, from the socket that pages use. */
import { LOSSES, type Loss, type ProfileTables, type ProfileWindow } from '@stallscope/profile';
import {
  DictionaryReader,
  decodeWindow,
  FRAME_TYPES,
  readFrameHeader,
  readHubToBrowser,
  toText,
} from '@stallscope/protocol';
import WebSocket from 'ws';

const STREAM = 1;
/** Some windows, and a hub that was stopped for a while. */
const WAIT_MS = 30_000;

export interface SeenWindow {
  window: ProfileWindow;
  /** What its ids point into. */
  tables: ProfileTables;
}

export class HubWatcher {
  readonly windows: SeenWindow[] = [];
  /** Of windows that the hub merged for us; there should be none on a quick machine. */
  coalesced = 0;
  readonly #socket: WebSocket;
  readonly #reader = new DictionaryReader();
  #failure: unknown;
  #onChange: () => void = () => {};

  private constructor(url: string, host: string) {
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/live`, { origin: url });
    this.#socket.on('message', (data, isBinary) => {
      try {
        if (isBinary) this.#takeFrame(new Uint8Array(data as Buffer));
        else this.#takeText(String(data), host);
      } catch (error) {
        this.#failure = error;
      }
      this.#onChange();
    });
    this.#socket.on('error', (error) => {
      this.#failure = error;
      this.#onChange();
    });
  }

  /** From now on. The host has to be there. */
  static async watch(url: string): Promise<HubWatcher> {
    const { hosts } = (await (await fetch(`${url}/api/hosts`)).json()) as {
      hosts: { host: { id: string } }[];
    };
    const watcher = new HubWatcher(url, hosts[0]!.host.id);
    await watcher.until('a first window', (windows) => windows.length > 0);
    return watcher;
  }

  /** @throws what went wrong on the way, or with the words for what never came */
  async until(what: string, isTrue: (windows: readonly SeenWindow[]) => boolean): Promise<void> {
    const untilMs = performance.now() + WAIT_MS;
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (isTrue(this.windows)) return;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0)
        throw new Error(`${what} did not come in ${WAIT_MS} ms: ${this.windows.length} windows did`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#onChange = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Waits for a window that began after `ms` of the host's clock: all before it are here. */
  async untilPast(ms: number): Promise<void> {
    await this.until(`a window from after ${new Date(ms).toISOString()}`, (windows) =>
      windows.some(({ window }) => window.startMs >= ms),
    );
  }

  /** Exact time blocked of a process, ns. */
  blockedNs(tgid: number): number {
    let sum = 0;
    for (const { window } of this.windows) {
      for (const [i, of] of window.threads.tgid.entries())
        if (of === tgid) sum += window.threads.blockedNs[i]!;
    }
    return sum;
  }

  losses(): Partial<Record<Loss, number>> {
    const sums: Partial<Record<Loss, number>> = {};
    for (const { window } of this.windows) {
      for (const loss of LOSSES) {
        const count = window.losses[loss];
        if (count !== undefined) sums[loss] = (sums[loss] ?? 0) + count;
      }
    }
    return sums;
  }

  /** Time between two windows that is in neither, ms; windows follow each other to the millisecond. */
  gapsMs(): number {
    let gaps = 0;
    for (const [i, { window }] of this.windows.entries()) {
      if (i > 0) gaps += Math.max(0, window.startMs - this.windows[i - 1]!.window.endMs);
    }
    return gaps;
  }

  close(): void {
    this.#socket.terminate();
  }

  #takeText(text: string, host: string): void {
    const message = readHubToBrowser(text);
    if (message.type === 'welcome')
      this.#socket.send(toText({ type: 'watch', stream: STREAM, host, sinceMs: Date.now() }));
    if (message.type === 'coalesced') this.coalesced++;
    if (message.type === 'ended') throw new Error(`the hub ended the stream: ${message.reason}`);
  }

  #takeFrame(bytes: Uint8Array): void {
    if (readFrameHeader(bytes).type !== FRAME_TYPES.window) this.#reader.apply(bytes);
    else {
      const { tables } = this.#reader;
      this.windows.push({ window: decodeWindow(bytes, tables), tables });
    }
  }
}
