/** Owns one attachment of a program as a handle: the program runs until `close`, or until its object closes. */
import { close, closeSync } from 'node:fs';
import { assertSucceeded, BpfError, bpfErrorOfErrno } from './bpf-error.js';
import { captureLog } from './log-capture.js';
import { native, type Pointer } from './native.js';

/** What an attachment is to whoever made it: libbpf's own, or a descriptor. */
interface Attachment {
  fd(): number;
  /** Not negative, or -errno. */
  end(): number;
  endAsync(done: (error: Error | null, result: number) => void): void;
}

/** Of `bpf_program__attach…`. */
export function libbpfAttachment(link: Pointer): Attachment {
  return {
    fd: () => native().libbpf.bpf_link__fd(link),
    end: () => native().libbpf.bpf_link__destroy(link),
    endAsync: (done) => native().libbpf.bpf_link__destroy.async(link, done),
  };
}

/** Of BPF_LINK_CREATE: it ends with its descriptor. */
export function descriptorAttachment(fd: number): Attachment {
  return {
    fd: () => fd,
    end: () => {
      closeSync(fd);
      return 0;
    },
    endAsync: (done) => close(fd, (error) => done(error ?? null, 0)),
  };
}

export class BpfLink {
  readonly programName: string;
  #link: Attachment | undefined;
  readonly #onClose: (link: BpfLink) => void;

  /** Use `BpfProgram.attach` or `attachIter`. */
  constructor(programName: string, link: Attachment, onClose: (link: BpfLink) => void) {
    this.programName = programName;
    this.#link = link;
    this.#onClose = onClose;
  }

  get fd(): number {
    if (this.#link === undefined) {
      throw new BpfError({ operation: 'use', subject: `link of ${this.programName}`, cause: 'it is closed' });
    }
    return this.#link.fd();
  }

  get isClosed(): boolean {
    return this.#link === undefined;
  }

  /** Detaches; idempotent. */
  close(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#onClose(this);
    const { result } = captureLog(() => link.end());
    assertSucceeded('detach', `program ${this.programName}`, result);
  }

  /**
   * Detaches on another thread: of a uprobe the kernel waits for a quarter of a second until nobody is in its place. It is
   * closed for this process at once, and may run for as long as that. Idempotent.
   * @throws BpfError when the kernel refuses
   */
  closeAsync(): Promise<void> {
    const link = this.#link;
    if (link === undefined) return Promise.resolve();
    this.#link = undefined;
    this.#onClose(this);
    return new Promise((resolve, reject) => {
      link.endAsync((error, result) => {
        if (error !== null) reject(error);
        else if (result < 0) reject(bpfErrorOfErrno('detach', `program ${this.programName}`, result));
        else resolve();
      });
    });
  }
}
