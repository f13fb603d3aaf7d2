/**
 * Owns telling what is known and yet not read here, so that its refusal says what it is and what to do instead.
 *
 *     PERFILE2…                                perf.data: perf script prints it as what is read
 *     {"format":"stallscope-profile",…         what `record` writes for programs
 *     1f 8b … within gzip                      packed twice
 */
import { FormatError } from './format-error.js';

interface Known {
  /** The first bytes, one character a byte, or a pattern of them. */
  begins: string | RegExp;
  what: string;
  hint: string;
}

const UNPACK = 'Unpack it, then open what is in it.';
const OTHER_FORMAT =
  'Write the same view once more to be read again: --format pprof, speedscope, firefox or otlp; stallscope keeps everything.';

const KNOWN: readonly Known[] = [
  {
    begins: '\x1f\x8b',
    what: 'gzip within gzip: the file was packed twice',
    hint: 'Unpack it once: gunzip -c FILE > FILE.once',
  },
  {
    begins: /^\s*\{\s*"format"\s*:\s*"stallscope-(?:profile|samples)"/,
    what: 'the JSON that Stallscope writes for programs, which is not read back',
    hint: OTHER_FORMAT,
  },
  {
    begins: /^\s*\{\s*"format"\s*:\s*"stallscope-diff"/,
    what: 'the JSON of a difference, which is not read back',
    hint: 'Open one of the two profiles that were compared, and choose the other as its base.',
  },
  {
    begins: /^(?:PERFILE2|2ELIFREP)/,
    what: 'perf.data, which only perf itself reads',
    hint: 'Print it first: perf script -i FILE > FILE.txt',
  },
  { begins: 'PK\x03\x04', what: 'a zip archive', hint: UNPACK },
  {
    begins: '\x28\xb5\x2f\xfd',
    what: 'packed by zstd; only gzip is unpacked here',
    hint: 'Unpack it: zstd -d FILE',
  },
  {
    begins: '\xfd7zXZ\x00',
    what: 'packed by xz; only gzip is unpacked here',
    hint: 'Unpack it: xz -dk FILE',
  },
  {
    begins: /^BZh[1-9]1AY/,
    what: 'packed by bzip2; only gzip is unpacked here',
    hint: 'Unpack it: bzip2 -dk FILE',
  },
  {
    begins:
      /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*)*(?:<!doctype html|<html[\s>]|<!DOCTYPE svg|<svg[\s>])/i,
    what: 'a picture or a page (SVG, HTML), which has no profile in it that can be read',
    hint: 'Open it in a browser; to explore the profile, open the file that it was made from.',
  },
];

/** Bytes looked at. */
const HEAD_BYTES = 1024;

/** @param content inflated @throws FormatError for what is known and not read */
export function assertReadable(content: Uint8Array): void {
  const head = String.fromCharCode(...content.subarray(0, HEAD_BYTES));
  const known = KNOWN.find(({ begins }) =>
    typeof begins === 'string' ? head.startsWith(begins) : begins.test(head),
  );
  if (known !== undefined) throw new FormatError('unknown', '', known.what, known.hint);
}
