import { expect, test } from 'vitest';
import { BatchBuffer } from './batch-buffer.js';
import { MAP_TYPES, userValueBytes } from './map-types.js';

test.each([
  ['hash', 12, 4, 12],
  ['percpu-hash', 12, 4, 64],
  ['percpu-array', 8, 3, 24],
  ['lru-percpu-hash', 1, 2, 16],
  ['array', 1, 2, 1],
] as const)('a value of %s of %d bytes with %d CPUs takes %d', (type, bytes, cpus, expected) => {
  expect(userValueBytes(MAP_TYPES[type], bytes, cpus)).toBe(expected);
});

test('a batch buffer grows, keeps what it holds, and is reused', () => {
  const buffer = new BatchBuffer();
  buffer.reserve(2, 4, 8);
  buffer.keysFrom(0).fill(1);
  buffer.reserve(3, 4, 8);
  buffer.keysFrom(8).fill(2);
  const batch = buffer.batch(3, 4, 8);
  expect(batch.count).toBe(3);
  expect([...batch.keys]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2]);
  expect(batch.values).toHaveLength(24);
  const allocated = buffer.allocatedBytes;
  buffer.reserve(1, 4, 8);
  expect(buffer.allocatedBytes).toBe(allocated);
});
