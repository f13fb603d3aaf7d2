/**
 * Owns asking the reader of debug information: a process a question, one at a time, bounded in time and in what it may
 * answer. Whatever becomes of it, the answer here is places or why there are none.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SourceAnswer, SourcePlace, SourceQuestion } from './source-place.js';

/** Beyond its bound of CPU time, for a host that is busy. */
const TIMEOUT_MS = 30_000;
/** 4 KiB for each of a thousand addresses: most are three deep, of two texts each. What is longer is refused. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** Nobody, on every distribution. */
const NOBODY = 65_534;
/** Source in tests, what was built of it otherwise. */
const MAIN = fileURLToPath(new URL('./dwarf-reader-main.js', import.meta.url));

export interface SourceReaderOptions {
  /** What runs the reader: `node [...] dwarf-reader-main.js`. */
  args?: readonly string[];
  timeoutMs?: number;
}

/**
 * @param fd of the file that has the debug information; it is read from its beginning, and may be closed after the call
 * @returns places for each address
 */
export function readSourcePlaces(
  fd: number,
  vaddrs: readonly number[],
  { args = [MAIN], timeoutMs = TIMEOUT_MS }: SourceReaderOptions = {},
): Promise<SourceAnswer> {
  const question: SourceQuestion = {
    vaddrs,
    ...(process.getuid?.() === 0 ? { uid: NOBODY } : {}),
  };
  return new Promise((resolve) => {
    // Only what it needs: no token or path of the agent's is in its environment.
    const child = spawn(process.execPath, [...args], {
      env: {},
      cwd: '/',
      stdio: ['pipe', 'pipe', 'ignore', fd],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const pieces: Buffer[] = [];
    let bytes = 0;
    child.stdout!.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= MAX_ANSWER_BYTES) pieces.push(piece);
      else child.stdout!.destroy();
    });
    // It may have ended before it read the question.
    child.stdin!.on('error', () => {});
    child.stdin!.end(JSON.stringify(question));
    child.once('error', (error) => resolve({ error: `the reader cannot be started: ${error.message}` }));
    child.once('close', (code, signal) => {
      resolve(
        code === 0 && bytes <= MAX_ANSWER_BYTES
          ? readAnswer(Buffer.concat(pieces).toString('utf8'), question.vaddrs.length)
          : {
              error: `the reader ended with ${signal ?? code}: the debug information is damaged or too large`,
            },
      );
    });
  });
}

/** What it says is not trusted either: the file may have made it say anything. */
function readAnswer(text: string, count: number): SourceAnswer {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { error: 'the reader gave no answer' };
  }
  if (typeof answer !== 'object' || answer === null) return { error: 'the reader gave no answer' };
  if ('error' in answer) return { error: String(answer.error).slice(0, 200) };
  const places = 'places' in answer ? answer.places : undefined;
  if (!Array.isArray(places) || places.length !== count || !places.every(isListOfPlaces))
    return { error: 'the reader gave no answer' };
  return { places };
}

function isListOfPlaces(list: unknown): list is SourcePlace[] {
  return (
    Array.isArray(list) &&
    list.every(
      (place) =>
        typeof place === 'object' &&
        place !== null &&
        typeof place.function === 'string' &&
        typeof place.file === 'string' &&
        Number.isSafeInteger(place.line) &&
        Number.isSafeInteger(place.column),
    )
  );
}
