/**
 * Owns files of a recorded host, in one text, for tests of readers of vitals:
 *
 *     == /proc/loadavg
 *     0.13 1.05 1.92 1/94 19841
 */
import type { VitalFiles } from './vital-files.js';

export class RecordedFiles implements VitalFiles {
  readonly #texts = new Map<string, string>();

  constructor(recording: string) {
    for (const part of recording.split(/^== /m).slice(1)) {
      const newline = part.indexOf('\n');
      this.#texts.set(part.slice(0, newline), part.slice(newline + 1));
    }
  }

  /** As if the host had written it since. undefined: it is gone, with all below it. */
  set(path: string, text: string | undefined): void {
    if (text !== undefined) this.#texts.set(path, text);
    else
      for (const each of this.paths())
        if (each === path || each.startsWith(`${path}/`)) this.#texts.delete(each);
  }

  /** Replaces part of a file. @throws Error where it has no such part */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (text?.includes(from) !== true) throw new Error(`the recording's ${path} has no «${from}»`);
    this.set(path, text.replace(from, to));
  }

  paths(): string[] {
    return [...this.#texts.keys()];
  }

  read(path: string): string | undefined {
    return this.#texts.get(path);
  }

  whyNot(path: string): string {
    return this.#texts.has(path) ? '' : `${path}: there is no such file`;
  }

  list(path: string): string[] {
    const names = new Set<string>();
    for (const each of this.#texts.keys()) {
      const rest = each.startsWith(`${path}/`) ? each.slice(path.length + 1).split('/') : [];
      if (rest.length > 1) names.add(rest[0]!);
    }
    return [...names];
  }

  forget(): void {}

  close(): void {}
}
