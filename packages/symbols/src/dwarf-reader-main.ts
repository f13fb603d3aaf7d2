/**
 * Owns the process that reads debug information: a question as JSON on its standard input, the file open as descriptor 3,
 * the answer as JSON on its standard output, and then it ends. Before it looks at the file it gives up its rights
 * (reader-rights.ts); what a hostile file does to libdw is done to it alone.
 */
import { readFileSync, writeSync } from 'node:fs';
import { loadLibdw } from './dwarf-library.js';
import { readPlaces } from './dwarf-places.js';
import { cxxRuntime } from './native.js';
import { giveUpRights } from './reader-rights.js';
import type { SourceAnswer, SourceQuestion } from './source-place.js';

const FILE_FD = 3;
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

let answer: SourceAnswer;
try {
  answer = main();
} catch (error) {
  answer = {
    error: `debug information cannot be read safely here: ${error instanceof Error ? error.message : String(error)}`,
  };
}
const bytes = Buffer.from(JSON.stringify(answer));
for (let done = 0; done < bytes.length; ) done += writeSync(1, bytes, done);
