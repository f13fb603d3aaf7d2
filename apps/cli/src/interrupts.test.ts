import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { Interrupts, pause } from './interrupts.js';

class FakeProcess extends EventEmitter {
  exits: number[] = [];
  exit(code: number) {
    this.exits.push(code);
  }
}

test('the first interrupt asks to end, the second ends at once with 130', () => {
  const source = new FakeProcess();
  const interrupts = new Interrupts(source);
  expect(interrupts.first.aborted).toBe(false);
  source.emit('SIGTERM');
  expect(interrupts.first.aborted).toBe(true);
  expect(source.exits).toEqual([]);
  source.emit('SIGINT');
  expect(source.exits).toEqual([130]);
});

test('signals are given back', () => {
  const source = new FakeProcess();
  new Interrupts(source).close();
  expect(
    source.listenerCount('SIGINT') + source.listenerCount('SIGTERM') + source.listenerCount('SIGHUP'),
  ).toBe(0);
});

test('a pause ends with the signal, and leaves nothing on it', async () => {
  const controller = new AbortController();
  const paused = pause(3_600_000, controller.signal);
  controller.abort();
  await paused;
  await pause(3_600_000, controller.signal);
});
