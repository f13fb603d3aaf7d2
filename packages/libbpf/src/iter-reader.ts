/**
 * Owns reading what an attached `iter/…` program writes with bpf_seq_write: one pass of the kernel over its objects,
 * all bytes of it up to a bound.
 */
import { closeSync, read, readSync } from 'node:fs';
import { assertSucceeded, BpfError } from './bpf-error.js';
import type { BpfLink } from './bpf-link.js';
import { describeErrno, EAGAIN, EINTR } from './errno.js';
import { native } from './native.js';

export interface IterOptions {
  /** The pass ends when this is reached. */
  maxBytes?: number;
}

export interface IterOutput {
  bytes: Uint8Array;
  /** True when the pass was ended by `maxBytes`: there was more. */
  truncated: boolean;
}

/** 16 MiB: half a million threads at 32 bytes each, more than a host has. */
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** The kernel's buffer for an iterator holds 32 KiB; two of them a call. */
const CHUNK_BYTES = 64 * 1024;
/** The kernel answers EAGAIN after a million objects without output. More in a row is no pass but a loop. */
const MAX_EMPTY_READS = 1000;

/** Runs the whole pass before it returns: about 1 ms for a thousand tasks. */
export function readIter(link: BpfLink, options: IterOptions = {}): IterOutput {
  const sink = new Sink(link, options);
  try {
    while (!sink.done) {
      try {
        sink.accept(readSync(sink.fd, sink.chunk));
      } catch (error) {
        sink.acceptError(error);
      }
    }
    return sink.output();
  } finally {
    sink.close();
  }
}

/** As `readIter`, reading on a worker thread. The link may be closed meanwhile: the pass has its own hold on it. */
export async function readIterAsync(link: BpfLink, options: IterOptions = {}): Promise<IterOutput> {
  const sink = new Sink(link, options);
  try {
    while (!sink.done) {
      const result = await new Promise<number | NodeJS.ErrnoException>((resolve) => {
        read(sink.fd, sink.chunk, 0, CHUNK_BYTES, null, (error, bytes) => resolve(error ?? bytes));
      });
      if (typeof result === 'number') sink.accept(result);
      else sink.acceptError(result);
    }
    return sink.output();
  } finally {
    sink.close();
  }
}

class Sink {
  readonly fd: number;
  readonly chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  done = false;
  readonly #subject: string;
  readonly #maxBytes: number;
  #bytes = 0;
  #emptyReads = 0;
  #truncated = false;
  readonly #parts: Uint8Array[] = [];

  constructor(link: BpfLink, options: IterOptions) {
    this.#subject = `iterator ${link.programName}`;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.fd = assertSucceeded('start', this.#subject, native().libbpf.bpf_iter_create(link.fd));
  }

  accept(bytes: number): void {
    this.#emptyReads = 0;
    if (bytes === 0) {
      this.done = true;
      return;
    }
    const kept = Math.min(bytes, this.#maxBytes - this.#bytes);
    this.#parts.push(Uint8Array.prototype.slice.call(this.chunk, 0, kept));
    this.#bytes += kept;
    if (kept < bytes) {
      this.#truncated = true;
      this.done = true;
    }
  }

  acceptError(error: unknown): void {
    const errno = error instanceof Error && 'errno' in error ? Math.abs(Number(error.errno)) : 0;
    this.#emptyReads++;
    if ((errno === EAGAIN || errno === EINTR) && this.#emptyReads < MAX_EMPTY_READS) return;
    const { name, text } = describeErrno(errno);
    throw new BpfError({ operation: 'read', subject: this.#subject, cause: `${name} (${text})`, errno });
  }

  output(): IterOutput {
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return { bytes, truncated: this.#truncated };
  }

  close(): void {
    closeSync(this.fd);
  }
}
