/**
 * Owns a page of the disk that is set apart for links that were revoked while the database could not be written: on a full
 * disk it can be, as its bytes are there already. Read at the next start, so that no revoked link works again.
 *
 *     ENDED_LINKS_BYTES of slots, each SLOT_BYTES: the id of a link and zeros, or zeros
 *
 * Invariant: the file never grows; what `note` has returned from is on the disk.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export const ENDED_LINKS_FILE = 'ended-links';

/** One page of a file system: it is written whole or not at all. */
const ENDED_LINKS_BYTES = 4096;
/** An id has 22 characters. */
const SLOT_BYTES = 32;

export class EndedLinks {
  readonly #file: number;
  readonly #slots = Buffer.alloc(ENDED_LINKS_BYTES);

  /** Makes the file where it is missing. @throws what the file system says */
  constructor(directory: string) {
    this.#file = openSync(
      join(directory, ENDED_LINKS_FILE),
      constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    );
    try {
      readSync(this.#file, this.#slots, 0, ENDED_LINKS_BYTES, 0);
      if (fstatSync(this.#file).size < ENDED_LINKS_BYTES) {
        writeSync(this.#file, this.#slots, 0, ENDED_LINKS_BYTES, 0);
        // The size too.
        fsyncSync(this.#file);
      }
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  ids(): string[] {
    const ids: string[] = [];
    for (let at = 0; at < ENDED_LINKS_BYTES; at += SLOT_BYTES) {
      const slot = this.#slots.toString('latin1', at, at + SLOT_BYTES);
      const id = slot.slice(0, slot.indexOf('\0'));
      if (id !== '') ids.push(id);
    }
    return ids;
  }

  /** @throws what the file system says, and RangeError when every slot is taken */
  note(id: string): void {
    if (this.ids().includes(id)) return;
    const at = this.#freeSlot();
    this.#slots.write(id, at, SLOT_BYTES, 'latin1');
    try {
      this.#write(at);
    } catch (error) {
      this.#slots.fill(0, at, at + SLOT_BYTES);
      throw error;
    }
  }

  /** Once the database says so itself. @throws what the file system says; a link that is noted twice is ended once */
  clear(): void {
    if (this.ids().length === 0) return;
    this.#slots.fill(0);
    writeSync(this.#file, this.#slots, 0, ENDED_LINKS_BYTES, 0);
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #freeSlot(): number {
    for (let at = 0; at < ENDED_LINKS_BYTES; at += SLOT_BYTES) if (this.#slots[at] === 0) return at;
    throw new RangeError(
      `${ENDED_LINKS_FILE} has ${ENDED_LINKS_BYTES / SLOT_BYTES} links in it, and no room for another`,
    );
  }

  #write(at: number): void {
    writeSync(this.#file, this.#slots, at, SLOT_BYTES, at);
    fdatasyncSync(this.#file);
  }
}
