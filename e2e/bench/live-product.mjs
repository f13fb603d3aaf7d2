/** Owns `stallscope up` for the bench: started on a free port, its processes found, its windows read as a browser reads them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DictionaryReader, decodeWindow, FRAME_TYPES, readFrameHeader } from '@stallscope/protocol';
import WebSocket from 'ws';
import { startChild, stopChild } from './children.mjs';
import { findChild } from './host-counters.mjs';
import { STALLSCOPE } from './tracers.mjs';
import { untilTrue } from './waiting.mjs';

const START_MS = 30_000;
const STREAM = 1;
/** What `up` prints once the first window is there. */
const URL_LINE = /Stallscope is at (http:\S+)/;

/** @param {string[]} flags of `up` */
export async function startProduct(flags) {
  // As users have it, a store open, but not theirs.
  const data = mkdtempSync(join(tmpdir(), 'stallscope-bench-'));
  const child = startChild(process.execPath, [STALLSCOPE, 'up', '--port', '0', '--data', data, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk;
    });
  }
  let how;
  child.ended.then((code) => {
    how = code;
  });
  const stop = async () => {
    await stopChild(child);
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await untilTrue(
      () => {
        if (how !== undefined) throw new Error(`stallscope up ended with ${how}: ${said}`);
        return URL_LINE.test(said);
      },
      START_MS,
      'stallscope up has a first window',
    );
    return {
      url: URL_LINE.exec(said)[1],
      pids: {
        up: child.pid,
        agent: findChild(child.pid, 'agent-part.js'),
        hub: findChild(child.pid, 'hub-part.js'),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Watches the only host of a hub, from now on.
 * @param {(window: import('@stallscope/profile').ProfileWindow, wireBytes: number) => void} onWindow with the bytes of its
 * frame and of what was added to the dictionary for it
 */
export async function watchWindows(url, onWindow) {
  const { hosts } = await (await fetch(`${url}/api/hosts`)).json();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/live`, { origin: url });
  const reader = new DictionaryReader();
  let wireBytes = 0;
  let failure;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('message', (data, isBinary) => {
    if (!isBinary) {
      if (JSON.parse(data.toString()).type === 'welcome') {
        const watch = { type: 'watch', stream: STREAM, host: hosts[0].host.id, sinceMs: Date.now() };
        socket.send(JSON.stringify(watch));
      }
      return;
    }
    try {
      wireBytes += data.byteLength;
      if (readFrameHeader(data).type !== FRAME_TYPES.window) {
        reader.apply(data);
        return;
      }
      onWindow(decodeWindow(data, reader.tables), wireBytes);
      wireBytes = 0;
    } catch (error) {
      failure = error;
    }
  });
  return {
    /** @throws what went wrong on the way */
    close() {
      socket.close();
      if (failure !== undefined) throw failure;
    },
  };
}
