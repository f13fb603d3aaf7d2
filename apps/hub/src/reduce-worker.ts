/** Makes one reduced copy in a thread of its own: a second of work for a large file, in which the hub goes on. */
import { parentPort, workerData } from 'node:worker_threads';
import { reduceCopy } from './reduced-copy.js';
import { BodyError } from './request-body.js';

try {
  const { draft, data, reduce } = workerData as {
    draft: Parameters<typeof reduceCopy>[0];
    data: Uint8Array;
    reduce: Parameters<typeof reduceCopy>[2];
  };
  parentPort?.postMessage({ copy: await reduceCopy(draft, data, reduce) });
} catch (error) {
  // An error loses its class between threads.
  if (!(error instanceof BodyError)) throw error;
  parentPort?.postMessage({ refused: { status: error.status, message: error.message } });
}
