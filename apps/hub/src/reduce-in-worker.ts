/** Owns the thread in which a reduced copy is made: its memory and its time have an end, whatever the file is. */
import { Worker } from 'node:worker_threads';
import { MAX_REDUCTION_HEAP_MIB, REDUCTION_TIMEOUT_MS } from './limits.js';
import type { ReduceCopy } from './reduced-copy.js';
import { BodyError } from './request-body.js';

/** Throws BodyError for a file that cannot be read or reduced, or takes more than there is. */
export const reduceInWorker: ReduceCopy = (draft, data, reduce) => {
  const worker = new Worker(new URL('./reduce-worker.js', import.meta.url), {
    workerData: { draft, data, reduce },
    resourceLimits: { maxOldGenerationSizeMb: MAX_REDUCTION_HEAP_MIB },
  });
  const late = setTimeout(() => void worker.terminate(), REDUCTION_TIMEOUT_MS);
  return new Promise<Awaited<ReturnType<ReduceCopy>>>((resolve, reject) => {
    worker.once('message', (message) => {
      if ('copy' in message) resolve(message.copy);
      else reject(new BodyError(message.refused.status, message.refused.message));
    });
    worker.once('error', (error: Error & { code?: string }) => {
      reject(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error);
    });
    // After a message this is of no effect.
    worker.once('exit', () => reject(tooMuch()));
  }).finally(() => {
    clearTimeout(late);
    void worker.terminate();
  });
};

function tooMuch(): BodyError {
  return new BodyError(
    422,
    `hiding names in this snapshot takes more than ${MAX_REDUCTION_HEAP_MIB} MiB or ${REDUCTION_TIMEOUT_MS / 1000} s; share a shorter span`,
  );
}
