/**
 * Owns a text of bounded size made from lines of any length: its first bytes, its last, and how much fell out between.
 * A verifier log names the program at its head and the reason at its tail; the middle is what can go.
 *
 *     head 4, tail 4, appended "abcdefghijkl"  →  "abcd\n… 4 characters left out …\nijkl"
 */
export class BoundedLog {
  readonly #headChars: number;
  readonly #tailChars: number;
  #head = '';
  #tail = '';
  #droppedChars = 0;

  constructor(headChars: number, tailChars: number) {
    this.#headChars = headChars;
    this.#tailChars = tailChars;
  }

  append(text: string): void {
    const room = this.#headChars - this.#head.length;
    this.#head += text.slice(0, room);
    if (text.length <= room) return;
    this.#tail += room > 0 ? text.slice(room) : text;
    // Cut at twice the size, not at every line: each cut copies the tail.
    if (this.#tail.length > 2 * this.#tailChars) this.#cutTail();
  }

  toString(): string {
    this.#cutTail();
    if (this.#droppedChars === 0) return this.#head + this.#tail;
    return `${this.#head}\n… ${this.#droppedChars} characters left out …\n${this.#tail}`;
  }

  #cutTail(): void {
    const excess = this.#tail.length - this.#tailChars;
    if (excess <= 0) return;
    this.#droppedChars += excess;
    this.#tail = this.#tail.slice(excess);
  }
}
