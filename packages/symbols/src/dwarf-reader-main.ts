/**
 * Owns the process that reads debug information: a question as JSON on its standard input, the file open as descriptor 3,
 * the answer as JSON on its standard output, and then it ends. Before it looks at the file it gives up its rights, may gain
 * none again, open no further file for writing and take only so much memory and time; what a hostile file does to libdw is done
 * to it alone.
 */
import { readFileSync, writeSync } from 'node:fs';
import { loadLibc, loadLibdw } from './dwarf-library.js';
import { readPlaces } from './dwarf-places.js';
import { cxxRuntime } from './native.js';
import type { SourceAnswer, SourceQuestion } from './source-place.js';

const FILE_FD = 3;
/** Of <sys/resource.h>, the same on x86-64 and AArch64. */
const LIMITS: readonly (readonly [resource: number, value: bigint])[] = [
  // Seconds of CPU: a browser's debug file takes two or three.
  [0 /* RLIMIT_CPU */, 20n],
  // Nothing is written but the answer, which goes to a pipe.
  [1 /* RLIMIT_FSIZE */, 0n],
  // Bytes; the tables of a browser's debug file take some hundred million. The file itself is mapped, and no part of it.
  [2 /* RLIMIT_DATA */, 2n * 1024n * 1024n * 1024n],
  [4 /* RLIMIT_CORE */, 0n],
];
const PR_SET_NO_NEW_PRIVS = 38;

function main(): SourceAnswer {
  const question = JSON.parse(readFileSync(0, 'utf8')) as SourceQuestion;
  let dw: ReturnType<typeof loadLibdw>;
  try {
    dw = loadLibdw();
  } catch {
    return { error: 'libdw.so.1 is not on this host: apt-get install libdw1 (elfutils-libs on Fedora)' };
  }
  cxxRuntime();
  giveUpRights(question.uid);
  try {
    return { places: readPlaces(dw, FILE_FD, question.vaddrs) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function giveUpRights(uid: number | undefined): void {
  if (uid !== undefined) {
    process.setgroups!([]);
    process.setgid!(uid);
    process.setuid!(uid);
  }
  const libc = loadLibc();
  if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0) throw new Error('prctl refused');
  for (const [resource, value] of LIMITS) {
    if (libc.setrlimit(resource, BigUint64Array.of(value, value)) !== 0) throw new Error('setrlimit refused');
  }
}

let answer: SourceAnswer;
try {
  answer = main();
} catch (error) {
  answer = {
    error: `it cannot be read safely here: ${error instanceof Error ? error.message : String(error)}`,
  };
}
const bytes = Buffer.from(JSON.stringify(answer));
for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
