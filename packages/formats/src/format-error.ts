/**
 * Owns how a reader refuses its input: which format it took it for, where, what is wrong, what to do.
 *
 *     speedscope: profiles[0].samples[7]: names frame 12, there are 10
 *     pprof: byte 512: a string ends after the end of the file
 */
import type { FormatName } from './format-names.js';

export class FormatError extends Error {
  override readonly name = 'FormatError';

  /**
   * @param format what the input was read as
   * @param place `line 7`, `byte 512`, `samples[3].stack`; '' for the whole of it
   * @param what what is wrong there
   * @param hint what the user can do; '' where nothing can be done but to make the file again
   */
  constructor(
    readonly format: FormatName | 'unknown',
    readonly place: string,
    what: string,
    readonly hint = '',
  ) {
    super([format === 'unknown' ? 'profile' : format, place, what].filter((part) => part !== '').join(': '));
  }
}
