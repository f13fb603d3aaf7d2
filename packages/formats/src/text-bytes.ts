/** Owns gathering text as UTF-8 bytes: longer than one string may be, never longer than its bound. */

/** Bytes of one written file: more opens in no tool, and this program would not read it back. */
export const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** Characters encoded at once. */
const CHUNK_CHARS = 256 * 1024;

export class TextBytes {
  readonly #what: string;
  readonly #chunks: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  #pending: string[] = [];
  #pendingChars = 0;
  #bytes = 0;

  /** @param what what is written, for the error: `folded stacks` */
  constructor(what: string) {
    this.#what = what;
  }

  /** @throws RangeError when it becomes longer than MAX_OUTPUT_BYTES */
  add(text: string): void {
    this.#pending.push(text);
    this.#pendingChars += text.length;
    if (this.#pendingChars >= CHUNK_CHARS) this.#flush();
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#flush();
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  #flush(): void {
    const chunk = this.#encoder.encode(this.#pending.join(''));
    this.#pending = [];
    this.#pendingChars = 0;
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_OUTPUT_BYTES) {
      throw new RangeError(
        `${this.#what} would be longer than ${MAX_OUTPUT_BYTES} bytes: choose a part of the profile, or a format that keeps shared frames once (pprof, speedscope)`,
      );
    }
    this.#chunks.push(chunk);
  }
}
