/**
 * Owns where data goes: stdout, or a file that is there whole or not at all.
 *
 * A file is opened under a temporary name beside its own before anything is measured, so that a path that cannot be
 * written is known at once, and renamed when all is in it. What is no file (a device, a pipe) stays what it is. A reader that closes stdout early (`| head`) has what it
 * wanted: that ends the command quietly.
 */
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { CommandError, systemCause } from '../command-error.js';

/** Bytes or characters handed to the stream at once: a pipe's own buffer. */
const CHUNK = 64 * 1024;

export interface DataOutput {
  /** Writes all of it; call once. */
  write(data: string | Uint8Array): Promise<void>;
  /** Takes back what was begun, when nothing will be written. */
  discard(): Promise<void>;
}

export async function openDataOutput(path: string | undefined, stdout: Writable): Promise<DataOutput> {
  return path === undefined || path === '-' ? new StreamOutput(stdout) : FileOutput.open(path);
}

class StreamOutput implements DataOutput {
  readonly #stream: Writable;
  #closedByReader = false;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') this.#closedByReader = true;
      else this.#failure = error;
    });
  }

  async write(data: string | Uint8Array): Promise<void> {
    for (let at = 0; at < data.length && !this.#closedByReader; at += CHUNK) {
      await new Promise<void>((resolve) => {
        // An error reaches the listener above too, which decides what it means.
        this.#stream.write(data.slice(at, at + CHUNK), () => resolve());
      });
      if (this.#failure !== undefined) {
        throw new CommandError(
          `write to stdout: ${systemCause(this.#failure)}`,
          'Write to a file instead: -o FILE',
          { cause: this.#failure },
        );
      }
    }
  }

  async discard(): Promise<void> {}
}

class FileOutput implements DataOutput {
  static async open(path: string): Promise<FileOutput> {
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory()) throw cannotWrite(path, Object.assign(new Error(), { code: 'EISDIR' }));
    // A device or a pipe is written to: renaming over it would take it from the whole host.
    if (found !== undefined && !found.isFile()) {
      const file = await open(path, 'w').catch((error: unknown) => {
        throw cannotWrite(path, error);
      });
      return new FileOutput(path, undefined, file);
    }
    // Behind a link such as /dev/stdout it is the file that is replaced, not the link.
    const target = found === undefined ? path : await realpath(path);
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
    try {
      return new FileOutput(target, temporary, await open(temporary, 'wx', 0o644));
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  private constructor(
    private readonly path: string,
    /** undefined where the path itself is written to. */
    private readonly temporary: string | undefined,
    private readonly file: FileHandle,
  ) {}

  async write(data: string | Uint8Array): Promise<void> {
    try {
      await this.file.writeFile(data);
      if (this.temporary !== undefined) await this.file.sync();
      await this.file.close();
      if (this.temporary !== undefined) await rename(this.temporary, this.path);
    } catch (error) {
      await this.discard();
      throw cannotWrite(this.path, error);
    }
  }

  async discard(): Promise<void> {
    // Both may have happened already; what matters is that nothing is left.
    await Promise.allSettled([this.file.close(), this.temporary === undefined ? [] : unlink(this.temporary)]);
  }
}

function cannotWrite(path: string, cause: unknown): CommandError {
  return new CommandError(
    `write ${path}: ${systemCause(cause)}`,
    'Choose a file in a folder that you may write to with -o FILE, or leave -o out to write to stdout.',
    { cause },
  );
}
