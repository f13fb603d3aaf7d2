import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readOnlineCpus } from './perf-event.js';
import type { TaskEvent } from './task-event.js';
import { TaskEventReader } from './task-event-reader.js';

let reader: TaskEventReader | undefined;
afterEach(() => reader?.close());

function until(reader: TaskEventReader, what: (events: readonly TaskEvent[]) => boolean): TaskEvent[] {
  const events: TaskEvent[] = [];
  const endMs = performance.now() + 5_000;
  while (!what(events)) {
    expect(performance.now(), 'events in time').toBeLessThan(endMs);
    events.push(...reader.read().events);
  }
  return events;
}

describe('the kernel telling of processes', () => {
  it('a program that ends at once is told whole: fork, exec, its code, exit, in this order', () => {
    reader = new TaskEventReader();
    const { pid, status } = spawnSync('/bin/true');
    expect(status).toBe(0);
    const events = until(reader, (all) => all.some((e) => e.type === 'exit' && e.tgid === pid)).filter(
      (event) => 'tgid' in event && event.tgid === pid,
    );
    const first = (type: string): number => events.findIndex((event) => event.type === type);
    expect(events[0]).toMatchObject({ type: 'fork', parentTgid: process.pid });
    const exec = events.findIndex((event) => event.type === 'comm' && event.isExec);
    expect(events[exec]).toMatchObject({ comm: 'true' });
    expect(first('map')).toBeGreaterThan(exec);
    expect(events.at(-1)?.type).toBe('exit');
    const paths = events.flatMap((event) => (event.type === 'map' ? [event.path] : []));
    expect(paths.some((path) => path.endsWith('/true'))).toBe(true);
    expect(paths.some((path) => /libc\.so/.test(path))).toBe(true);
  });

  it('tells mappings as /proc/PID/maps does', async () => {
    reader = new TaskEventReader();
    const child = spawn('/bin/cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      child.stdin.write('started\n');
      await once(child.stdout, 'data');
      const told = new Set<string>();
      for (const event of until(reader, (all) =>
        all.some((e) => e.type === 'map' && e.tgid === child.pid && /libc\.so/.test(e.path)),
      )) {
        if (event.type !== 'map' || event.tgid !== child.pid || event.inode === 0n) continue;
        told.add(
          `${event.start.toString(16)} ${event.fileOffset} ${event.device} ${event.inode} ${event.path}`,
        );
      }
      const maps = readFileSync(`/proc/${child.pid}/maps`, 'utf8');
      const code = maps.split('\n').filter((line) => / r-xp .*\//.test(line));
      expect(code.length).toBeGreaterThanOrEqual(3);
      for (const line of code) {
        const [range, , offset, device, inode, path] = line.split(/ +/);
        expect(told).toContain(
          `${range!.split('-')[0]} ${Number.parseInt(offset!, 16)} ${device} ${inode} ${path}`,
        );
      }
    } finally {
      child.kill();
    }
  });

  it('records that find no room are counted, and those after them are read again', () => {
    reader = new TaskEventReader({ dataBytes: 4096 });
    for (const cpu of readOnlineCpus()) {
      spawnSync('taskset', ['-c', `${cpu}`, '/bin/sh', '-c', 'for i in $(seq 100); do /bin/true; done']);
    }
    const full = reader.read();
    expect(full.events.length).toBeGreaterThan(0);
    // The kernel says how many a CPU lost when that one has something to tell and room again.
    let { lost } = full;
    for (const cpu of readOnlineCpus()) {
      spawnSync('taskset', ['-c', `${cpu}`, '/bin/true']);
      lost += reader.read().lost;
    }
    expect(lost).toBeGreaterThan(100 * readOnlineCpus().length);
    const { pid } = spawnSync('/bin/true');
    until(reader, (all) => all.some((event) => event.type === 'exit' && event.tgid === pid));
  });

  it('a CPU that comes is listened to, one that goes is left, and what was missed is told', () => {
    const all = readOnlineCpus();
    let online = all.slice(0, 1);
    reader = new TaskEventReader({ onlineCpus: () => online });
    expect(reader.cpus).toEqual(online);
    online = all;
    reader.followCpus();
    expect([...reader.cpus].sort()).toEqual([...all].sort());
    expect(reader.read().lost).toBe(all.length - 1);
    online = all.slice(1);
    reader.followCpus();
    expect(reader.cpus).toEqual(online);
    expect(reader.read().lost).toBe(0);
  });
});
