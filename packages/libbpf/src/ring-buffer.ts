/**
 * Owns reading a BPF ring: each record is copied out and handed to a function of the caller.
 * Invariant: no exception crosses C. One thrown by the caller's function is kept, the rest of the records of that call are
 * still taken off the ring but not delivered (they are counted), and `consume` throws it at its end.
 * The callback slot is freed with the handle.
 */
import { assertSucceeded, BpfError, bpfErrorOfErrno } from './bpf-error.js';
import type { BpfMap } from './bpf-map.js';
import { captureLog } from './log-capture.js';
import {
  copyFromMemory,
  lastErrno,
  native,
  type Pointer,
  registerRingCallback,
  unregisterCallback,
} from './native.js';

export type RecordHandler = (record: Uint8Array) => void;

export class RingBuffer {
  readonly #name: string;
  readonly #handler: RecordHandler;
  #ring: Pointer | undefined;
  readonly #callback: Pointer;
  readonly #onClose: (ring: RingBuffer) => void;
  #consuming = false;
  #failure: { error: unknown } | undefined;
  #undelivered = 0;

  /** Use `BpfObject.ring`, which closes it with the object. */
  constructor(map: BpfMap, handler: RecordHandler, onClose: (ring: RingBuffer) => void = () => {}) {
    this.#name = map.name;
    this.#handler = handler;
    this.#onClose = onClose;
    const { libbpf } = native();
    const fd = map.fd;
    this.#callback = registerRingCallback((_context, data, bytes) => this.#receive(data, Number(bytes)));
    const { result, log } = captureLog(() => {
      const ring = libbpf.ring_buffer__new(fd, this.#callback, null, null);
      return { ring, errno: ring === null ? lastErrno() : 0 };
    });
    if (result.ring === null) {
      unregisterCallback(this.#callback);
      throw bpfErrorOfErrno('open', this.#subject, result.errno, log);
    }
    this.#ring = result.ring;
  }

  /** Takes all that is there; returns how many records. @throws what the handler threw first. */
  consume(): number {
    return this.#run('consume', (ring) => native().libbpf.ring_buffer__consume(ring));
  }

  /** Waits up to `timeoutMs` for a record, blocking the thread; then as `consume`. */
  poll(timeoutMs: number): number {
    return this.#run('poll', (ring) => native().libbpf.ring_buffer__poll(ring, timeoutMs));
  }

  /** Readable while there are records. */
  get epollFd(): number {
    return native().libbpf.ring_buffer__epoll_fd(this.#open('use'));
  }

  /** Records taken off the ring but not delivered, because the handler had thrown or the ring was closed by it. */
  get undeliveredCount(): number {
    return this.#undelivered;
  }

  /** Idempotent. Inside the handler it takes effect when the running `consume` or `poll` ends. */
  close(): void {
    if (this.#ring === undefined) return;
    const ring = this.#ring;
    this.#ring = undefined;
    this.#onClose(this);
    if (this.#consuming) this.#closeLater = ring;
    else this.#free(ring);
  }

  #closeLater: Pointer | undefined;

  #run(operation: string, call: (ring: Pointer) => number): number {
    const ring = this.#open(operation);
    if (this.#consuming) {
      throw new BpfError({ operation, subject: this.#subject, cause: 'called from inside its own handler' });
    }
    this.#consuming = true;
    let result: number;
    try {
      result = call(ring);
    } finally {
      this.#consuming = false;
      if (this.#closeLater !== undefined) this.#free(this.#closeLater);
      this.#closeLater = undefined;
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
    return assertSucceeded(operation, this.#subject, result);
  }

  #receive(data: Pointer | null, bytes: number): number {
    if (this.#failure !== undefined || this.#ring === undefined) {
      this.#undelivered++;
      return 0;
    }
    try {
      this.#handler(data === null ? new Uint8Array(0) : copyFromMemory(data, bytes));
    } catch (error) {
      this.#failure = { error };
    }
    return 0;
  }

  #free(ring: Pointer): void {
    native().libbpf.ring_buffer__free(ring);
    unregisterCallback(this.#callback);
  }

  #open(operation: string): Pointer {
    if (this.#ring === undefined)
      throw new BpfError({ operation, subject: this.#subject, cause: 'it is closed' });
    return this.#ring;
  }

  get #subject(): string {
    return `ring ${this.#name}`;
  }
}
