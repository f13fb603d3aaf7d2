/** Owns one program of an object: attaching it, its descriptor, its counters. A handle of its object: closes with it. */
import { closeSync } from 'node:fs';
import { BpfError, bpfErrorOfErrno } from './bpf-error.js';
import { BpfLink, descriptorAttachment, libbpfAttachment } from './bpf-link.js';
import { captureLog } from './log-capture.js';
import { lastErrno, native, type Pointer } from './native.js';
import { type ProgramInfo, readProgramInfo } from './program-info.js';
import type { SamplingEvent } from './sampling-event.js';
import { EVERY_PROCESS, toUprobeOptions, type UprobePlace } from './uprobe.js';
import { createUprobeLink } from './uprobe-link.js';

/** What a program needs of the object that holds it. */
export interface ProgramOwner {
  /** @throws BpfError when the object is closed or not loaded. */
  assertLoaded(operation: string, subject: string): void;
  adopt(link: BpfLink): void;
  release(link: BpfLink): void;
  /** It was verified for uprobes by links of their own kind. */
  setsUprobesByLink(program: string): boolean;
}

export class BpfProgram {
  readonly name: string;
  readonly #program: Pointer;
  readonly #owner: ProgramOwner;

  /** Use `BpfObject.program`. */
  constructor(name: string, program: Pointer, owner: ProgramOwner) {
    this.name = name;
    this.#program = program;
    this.#owner = owner;
  }

  get fd(): number {
    this.#owner.assertLoaded('use', this.#subject);
    const fd = native().libbpf.bpf_program__fd(this.#program);
    if (fd >= 0) return fd;
    throw new BpfError({
      operation: 'use',
      subject: this.#subject,
      cause: 'it was not loaded',
      hint: 'its autoload is off',
    });
  }

  /** Attaches it where its section name says. */
  attach(): BpfLink {
    return this.#attach(() => native().libbpf.bpf_program__attach(this.#program));
  }

  /** Of an `iter/…` program: a link that `readIter` reads. */
  attachIter(): BpfLink {
    return this.#attach(() => native().libbpf.bpf_program__attach_iter(this.#program, null));
  }

  /** Of a `perf_event` program: it runs each time the event fires. The caller keeps the event and closes it. */
  attachEvent(event: SamplingEvent): BpfLink {
    const fd = event.duplicateFd();
    try {
      // The link closes the descriptor with itself.
      return this.#attach(() => native().libbpf.bpf_program__attach_perf_event(this.#program, fd));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /**
   * Of a `uprobe` or `uretprobe` program: it runs whenever a process, also one that begins later, comes to this place of the
   * file. The link keeps the file, and the file system that it is on, until it is closed.
   */
  attachUprobe(place: UprobePlace): BpfLink {
    const { path, fileOffset } = place;
    const where = ` at ${path}+0x${fileOffset.toString(16)}`;
    if (this.#owner.setsUprobesByLink(this.name)) {
      return this.#adopted(
        descriptorAttachment(createUprobeLink(this.fd, `${this.#subject}${where}`, place)),
      );
    }
    return this.#attach(
      () =>
        native().libbpf.bpf_program__attach_uprobe_opts(
          this.#program,
          EVERY_PROCESS,
          path,
          fileOffset,
          toUprobeOptions(place),
        ),
      where,
    );
  }

  info(): ProgramInfo {
    return readProgramInfo(this.fd);
  }

  #attach(call: () => Pointer | null, where = ''): BpfLink {
    this.#owner.assertLoaded('attach', this.#subject);
    const { result, log } = captureLog(() => {
      const link = call();
      return { link, errno: link === null ? lastErrno() : 0 };
    });
    if (result.link === null) throw bpfErrorOfErrno('attach', `${this.#subject}${where}`, result.errno, log);
    return this.#adopted(libbpfAttachment(result.link));
  }

  #adopted(attachment: ConstructorParameters<typeof BpfLink>[1]): BpfLink {
    const link = new BpfLink(this.name, attachment, (closed) => this.#owner.release(closed));
    this.#owner.adopt(link);
    return link;
  }

  get #subject(): string {
    return `program ${this.name}`;
  }
}
