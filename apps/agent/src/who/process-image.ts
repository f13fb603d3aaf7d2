/**
 * Owns what one program has mapped since its fork or exec, told mapping by mapping. What is told waits until somebody asks:
 * most programs end without anybody asking.
 */
import { type Mapping, type ProcessImage, ProcessMaps } from '@stallscope/symbols';

/** Mappings told of and not yet asked for; a JIT maps code by the thousand, and then /proc tells all at once. */
const MAX_WAITING = 1_024;
/** Images of one number that are kept behind the newest: a shell that becomes another, that becomes another. */
const MAX_BEFORE = 3;

const NOTHING = new ProcessMaps('');

export class FollowedImage implements ProcessImage {
  readonly identity: string;
  isGone = false;
  before: FollowedImage | undefined;
  #maps: ProcessMaps;
  #waiting: Mapping[] = [];
  #version = 0;

  constructor(identity: string, maps: ProcessMaps = NOTHING, before?: FollowedImage) {
    this.identity = identity;
    this.#maps = maps;
    this.before = before;
    let depth = 0;
    for (let at: FollowedImage = this; at.before !== undefined; at = at.before) {
      if (++depth < MAX_BEFORE) continue;
      at.before = undefined;
      break;
    }
  }

  get maps(): ProcessMaps {
    if (this.#waiting.length > 0) {
      this.#maps = this.#maps.with(this.#waiting);
      this.#waiting = [];
    }
    return this.#maps;
  }

  get version(): number {
    return this.#version;
  }

  /** False when so much has been told and not asked for that /proc should be read instead. */
  map(mapping: Mapping): boolean {
    this.#version++;
    this.#waiting.push(mapping);
    if (this.#waiting.length <= MAX_WAITING) return true;
    this.#waiting = [];
    return false;
  }

  replace(maps: ProcessMaps): void {
    this.#version++;
    this.#waiting = [];
    this.#maps = maps;
  }
}
