import { expect, test } from 'vitest';
import { assertTargetsExist, type TargetFiles } from './record-targets.js';

/** Process 10 with the threads 10 and 11. */
const files: TargetFiles = {
  readProc: async (path) =>
    path === '/proc/10/status' || path === '/proc/11/status' ? 'Name:\tapp\nTgid:\t10\n' : undefined,
};

test('what exists is accepted', async () => {
  await assertTargetsExist({ tgids: [10], tids: [10, 11], comm: 'any' }, files);
});

test.each([
  [{ tgids: [99] }, /^--pid 99: there is no such process$/],
  [{ tgids: [10, 11] }, /^--pid 11: that is a thread of process 10$/],
  [{ tids: [99] }, /^--tid 99: there is no such thread$/],
])('%j is refused', async (filter, message) => {
  await expect(assertTargetsExist(filter, files)).rejects.toThrow(message);
});
