/**
 * Owns what the symbolizer asks of whoever follows processes from their first instant: then names need no /proc, and stay
 * when a process has gone. Whom nobody followed is looked for in /proc.
 */
import type { Mapping, ProcessMaps } from './process-maps.js';

/** What one program, from fork or exec on, has mapped. */
export interface ProcessImage {
  /** Differs for each exec, and for each process that a number was given to. */
  readonly identity: string;
  readonly isGone: boolean;
  /** Of code. */
  readonly maps: ProcessMaps;
  /** Grows whenever `maps` becomes another. */
  readonly version: number;
  /** Of the same number before, while what it did may still be asked for. */
  readonly before: ProcessImage | undefined;
}

export interface ProcessImages {
  /** undefined: nobody saw it begin. */
  find(tgid: number): ProcessImage | undefined;
  /**
   * Stays the same as long as a process is certainly the one that it was: no exec and no end of it was told, and nothing was
   * lost. undefined: nobody would tell, so /proc has to be asked. Of one that nobody saw begin, too.
   */
  witness?(tgid: number): number | undefined;
  /** Reads its mappings anew, as an address was in none. */
  refresh(tgid: number): void;
  /** Where the mapped file has been kept open, as a path; undefined when it has not. */
  findHeldFile(mapping: Mapping): string | undefined;
}
