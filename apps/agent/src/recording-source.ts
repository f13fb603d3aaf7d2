/**
 * Owns playing a window file in place of the kernel: the recorded windows over and over, each with the present time.
 * What it plays says that it is a recording: the agent's hello carries the title and the day it was made.
 */
import { readFileSync } from 'node:fs';
import { ProfileTables, type ProfileWindow } from '@stallscope/profile';
import { readWindowFile, type WindowFileHeader } from '@stallscope/protocol';
import type { WindowSource } from './window-source.js';

export class RecordingSource implements WindowSource {
  readonly tables = new ProfileTables();
  readonly header: WindowFileHeader;
  readonly #windows: readonly ProfileWindow[];
  readonly #nowMs: () => number;
  #sequence = 0;
  #startedMs: number;

  /** @throws Error naming the file and what is wrong with it */
  constructor(path: string, nowMs: () => number = Date.now) {
    try {
      const { header, windows } = readWindowFile(readFileSync(path), this.tables);
      this.header = header;
      this.#windows = windows;
    } catch (error) {
      throw new Error(
        `reading the recording ${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    if (this.#windows.length === 0) throw new Error(`reading the recording ${path}: it has no window in it`);
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  async collect(): Promise<ProfileWindow> {
    const recorded = this.#windows[this.#sequence % this.#windows.length]!;
    const endMs = this.#nowMs();
    const window: ProfileWindow = {
      ...recorded,
      losses: { ...recorded.losses },
      sequence: this.#sequence++,
      startMs: this.#startedMs,
      endMs,
    };
    this.#startedMs = endMs;
    return window;
  }

  /** What was not recorded cannot be collected any more. */
  setCollected(): void {}

  /** A recording's tables hold no more than it needs. */
  renewTables(): void {}

  close(): void {}
}
