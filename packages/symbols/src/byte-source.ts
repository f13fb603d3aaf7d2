/** Owns the two places that ELF bytes come from: an open file, read where asked, and memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from './elf-reader.js';
import { SymbolError } from './symbol-error.js';

/** Identity of a file's content as far as the file system tells: changes when it is replaced or rewritten. */
export interface FileIdentity {
  /** Cache key. */
  key: string;
  inode: bigint;
}

export class FileBytes implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  readonly identity: FileIdentity;
  #fd: number;

  /** @throws the file system's error when it cannot be opened, SymbolError when it is no file. */
  constructor(path: string, name: string = path) {
    this.name = name;
    this.#fd = openRegular(path, name);
    try {
      const stat = fstatSync(this.#fd, { bigint: true });
      this.sizeBytes = Number(stat.size);
      this.identity = { key: `${stat.dev}:${stat.ino}:${stat.mtimeNs}:${stat.size}`, inode: stat.ino };
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** While it is open. */
  get fd(): number {
    return this.#fd;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (read === 0) {
        throw new SymbolError({
          operation: 'read',
          subject: this.name,
          cause: 'it was cut short while it was read',
        });
      }
      done += read;
    }
    return bytes;
  }

  close(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** Of <fcntl.h>, the same on every architecture that there is; Node does not name it. */
const O_PATH = 0o10000000;

/**
 * A path in another's mount namespace may lead to a FIFO, which would be waited for, or to a device, which opening may set
 * off. So it is looked at first, without being opened, and the very same thing is opened then.
 */
function openRegular(path: string, name: string): number {
  const place = openSync(path, O_PATH);
  try {
    if (!fstatSync(place).isFile())
      throw new SymbolError({ operation: 'read', subject: name, cause: 'it is no regular file' });
    return openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } finally {
    closeSync(place);
  }
}

export class MemoryBytes implements ByteSource {
  readonly name: string;
  readonly #bytes: Buffer;

  constructor(name: string, bytes: Buffer) {
    this.name = name;
    this.#bytes = bytes;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Buffer {
    if (offset < 0 || offset + length > this.#bytes.length) {
      throw new SymbolError({
        operation: 'read',
        subject: this.name,
        cause: `${offset}+${length} is out of range`,
      });
    }
    return this.#bytes.subarray(offset, offset + length);
  }

  close(): void {}
}
