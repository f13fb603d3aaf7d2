import type { Role } from '@stallscope/profile';
import { expect, it } from 'vitest';
import { carryPlace } from './carry-place';
import type { Place } from './place';

const placeAt = (...steps: [label: string, role: Role][]): Place => ({
  kind: 'path',
  path: steps.map(([label, role]) => ({ label, role })),
});
const OWN = placeAt(['app', 'comm'], ['main', 'user'], ['-', 'separator'], ['vfs_read', 'kernel']);
const WAKER = placeAt(['app', 'comm'], ['--', 'separator'], ['pipe_write', 'waker-kernel']);

it('keeps a zoom into the waiting thread between views that begin with it', () => {
  expect(carryPlace('off-cpu', 'chain', OWN)).toBe(OWN);
  expect(carryPlace('chain', 'off-wake', OWN)).toBe(OWN);
});

it('drops what the other view cannot have', () => {
  expect(carryPlace('off-cpu', 'wakeup', OWN)).toBeNull();
  expect(carryPlace('chain', 'off-cpu', WAKER)).toBeNull();
  expect(carryPlace('chain', 'off-cpu', { kind: 'hash', hash: 'abc', leaf: 'vfs_read' })).toBeNull();
  expect(carryPlace('chain', 'chain', WAKER)).toBe(WAKER);
});
