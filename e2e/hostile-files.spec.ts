/** A user opens a file that somebody made to hurt: it is refused, within time and memory, and says where it is wrong. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { COMMAND } from './stallscope-process.js';

const MIB = 2 ** 20;
/** What the dearest of these takes is two thirds of it; without bounds each takes gigabytes. */
const MAX_RSS_BYTES = 800 * MIB;
/** CPU time, which a busy machine does not stretch as it does the clock; the dearest takes some 3 s. */
const MAX_CPU_MS = 12_000;
/** USER_HZ, in which the kernel counts it everywhere. */
const MS_PER_TICK = 10;

/** `unit` over and over between two texts. */
function repeated(before: string, unit: string, times: number, after: string): Buffer {
  return Buffer.concat([Buffer.from(before), Buffer.alloc(unit.length * times, unit), Buffer.from(after)]);
}

for (const [what, file, message] of [
  [
    'A gzip bomb of 400 MiB',
    () => gzipSync(Buffer.alloc(400 * MIB)),
    /inflates to more than 268435456 bytes/,
  ],
  [
    'A bomb of JSON',
    () => gzipSync(repeated('{"traceEvents":[', '{},', 60 * MIB, '{}]}')),
    /more than 5000000 objects and arrays/,
  ],
  [
    'Brackets fifty million deep',
    () => repeated('', '[', 50 * MIB, ''),
    /byte 2048: brackets nested more than 2048 deep/,
  ],
  [
    'As many objects as are let through',
    () => repeated('{"meta":{},"threads":[', '{},', 4_999_000, '{}]}'),
    /firefox: threads\[0\]\.\w+: is missing, expected an object/,
  ],
  [
    'Two million lines of stacks that are all distinct',
    () =>
      Buffer.from(
        Array.from(
          { length: 2_000_000 },
          (_, line) => `a;b${line % 997};c${line % 1009};d${line % 1013};e 1\n`,
        ).join(''),
      ),
    /line \d+: more than 4194304 distinct stacks/,
  ],
  ['A stack of ten million frames', () => repeated('a', ';a', 10 * MIB, ' 1\n'), /line 1: is longer than/],
] as const) {
  test(`${what} is refused`, async () => {
    const path = test.info().outputPath('hostile');
    writeFileSync(path, file());
    const { code, stderr, peakBytes, cpuMs } = await convert(path);
    expect(stderr).toMatch(message);
    expect(code).not.toBe(0);
    expect(peakBytes).toBeGreaterThan(20 * MIB);
    expect(peakBytes, `peak ${(peakBytes / MIB).toFixed(0)} MiB`).toBeLessThan(MAX_RSS_BYTES);
    expect(cpuMs).toBeLessThan(MAX_CPU_MS);
  });
}

interface Converted {
  code: number | null;
  stderr: string;
  peakBytes: number;
  cpuMs: number;
}

async function convert(path: string): Promise<Converted> {
  const child = spawn(process.execPath, [COMMAND, 'convert', path, '-o', '-', '--format', 'folded'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const converted: Converted = { code: null, stderr: '', peakBytes: 0, cpuMs: 0 };
  child.stderr.on('data', (text: Buffer) => {
    converted.stderr += text;
  });
  // The kernel keeps both until the process is gone, so they are read until then.
  const poll = setInterval(() => readCost(child.pid!, converted), 10);
  try {
    converted.code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return converted;
  } finally {
    clearInterval(poll);
  }
}

/** Leaves what is known where the process has ended. */
function readCost(tgid: number, into: Converted): void {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${tgid}/status`, 'utf8'))?.[1];
    // Fields 14 and 15, of which the first after the name in parentheses is field 3.
    const fields = readFileSync(`/proc/${tgid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    into.peakBytes = Math.max(into.peakBytes, Number(kilobytes ?? 0) * 1024);
    into.cpuMs = Math.max(into.cpuMs, (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
  }
}
