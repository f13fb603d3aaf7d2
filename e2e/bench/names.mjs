/**
 * Owns what names cost: 10,000 addresses that were never asked for, in a program with C++ names, tables read and names
 * demangled; the same ones again; and what a thousand processes, each of a file of its own, leave behind in memory.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ElfFile, FileBytes, ProcessMaps, Symbolizer } from '@stallscope/symbols';
import { spreadOf } from './statistics.mjs';

const ADDRESSES = 10_000;
const REPEATS = 20;
/** Processes at once: enough that starting them is not what is waited for. */
const AT_ONCE = 25;

export async function measureNames({ isShort, say }) {
  const addresses = addressesOfThisProcess();
  const rounds = isShort ? 2 : 7;
  const fresh = [];
  const freshCpu = [];
  const again = [];
  const againCpu = [];
  let cxx = 0;
  for (let round = 0; round < rounds; round++) {
    const symbolizer = new Symbolizer();
    const first = timed(() => {
      for (const address of addresses) symbolizer.userFrame(process.pid, address);
    });
    fresh.push(first.ms);
    freshCpu.push(first.cpuMs);
    const repeated = timed(() => {
      for (let i = 0; i < REPEATS; i++)
        for (const address of addresses) symbolizer.userFrame(process.pid, address);
    });
    again.push((repeated.ms * 1000) / (REPEATS * addresses.length));
    againCpu.push((repeated.cpuMs * 1000) / (REPEATS * addresses.length));
    const names = addresses.map((address) => symbolizer.userFrame(process.pid, address));
    if (names.some(({ unnamed }) => unnamed !== 'named'))
      throw new Error('an address of a function has no name');
    cxx = names.filter(({ name }) => name.includes('::')).length;
    symbolizer.close();
  }
  const freshMs = spreadOf(fresh);
  const againUs = spreadOf(again);
  say(
    `  ${ADDRESSES} new addresses ${freshMs.median.toFixed(0)} ms, again ${againUs.median.toFixed(3)} µs each`,
  );
  const churn = await measureChurn(isShort, say);
  return {
    addresses: addresses.length,
    cxx,
    freshMs,
    freshCpuMs: spreadOf(freshCpu),
    againUs,
    againCpuUs: spreadOf(againCpu),
    churn,
  };
}

/** One in each of as many functions of the program that has the most: node's own. */
function addressesOfThisProcess() {
  const maps = new ProcessMaps(readFileSync('/proc/self/maps', 'utf8'));
  let best = [];
  for (const path of new Set(maps.mappings.filter((m) => m.inode !== 0n).map((m) => m.path))) {
    const mappings = maps.mappings.filter((m) => m.path === path);
    const elf = ElfFile.read(new FileBytes(path));
    const found = [];
    for (const vaddr of new Set(elf.functions().map((f) => f.vaddr))) {
      const segment = elf.segments.find((s) => vaddr >= s.vaddr && vaddr < s.vaddr + s.fileBytes);
      if (segment === undefined) continue;
      const offset = vaddr - segment.vaddr + segment.fileOffset;
      const mapping = mappings.find((m) => offset >= m.fileOffset && offset < m.fileOffset + m.end - m.start);
      if (mapping !== undefined) found.push(BigInt(mapping.start + offset - mapping.fileOffset));
    }
    elf.close();
    if (found.length > best.length) best = found;
  }
  if (best.length < ADDRESSES)
    throw new Error(`no file of this process has ${ADDRESSES} functions, the largest has ${best.length}`);
  const step = best.length / ADDRESSES;
  return Array.from({ length: ADDRESSES }, (_, i) => best[Math.floor(i * step)]);
}

/** Memory after each quarter: what is kept for good would grow with each. */
async function measureChurn(isShort, say) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc');
  const processes = isShort ? 100 : 2_000;
  const folder = mkdtempSync(join(tmpdir(), 'stallscope-names-'));
  const symbolizer = new Symbolizer();
  const quarters = [];
  try {
    for (let done = 0; done < processes; done += AT_ONCE) {
      const paths = Array.from({ length: AT_ONCE }, (_, i) => join(folder, `sleep-${done + i}`));
      for (const path of paths) copyFileSync('/bin/sleep', path);
      const children = paths.map((path) => spawn(path, ['60'], { stdio: 'ignore' }));
      const ends = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
      for (const { pid } of children) {
        const maps = new ProcessMaps(readFileSync(`/proc/${pid}/maps`, 'utf8'));
        for (const { start, end } of maps.mappings)
          for (let at = start; at < end && at < start + 64 * 256; at += 256)
            symbolizer.userFrame(pid, BigInt(at));
      }
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(ends);
      for (const path of paths) rmSync(path);
      const quarter = Math.floor((4 * (done + AT_ONCE)) / processes);
      if (quarter > quarters.length) {
        collectGarbage();
        const { heapUsed, external } = process.memoryUsage();
        quarters.push(heapUsed + external);
      }
    }
  } finally {
    symbolizer.close();
    rmSync(folder, { recursive: true });
  }
  say(
    `  after ${processes} processes: ${quarters.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')} MiB`,
  );
  return { processes, quarters };
}

function timed(run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  run();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1000 };
}
