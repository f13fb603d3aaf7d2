import { describe, expect, test } from 'vitest';
import { findLesserIdentity, giveUpRoot } from './give-up-root.js';

/** A process whose ids behave as Linux has it. */
function fakeProcess(uid: number) {
  const calls: string[] = [];
  return {
    calls,
    getuid: () => uid,
    setgroups: (groups: number[]) => void calls.push(`groups ${groups.length}`),
    setgid: (gid: number) => void calls.push(`gid ${gid}`),
    setuid: (wanted: number) => {
      if (uid !== 0) throw new Error('EPERM');
      calls.push(`uid ${wanted}`);
      uid = wanted;
    },
  };
}

describe('giving up root', () => {
  test('groups, then group, then user, then it cannot be had back', () => {
    const self = fakeProcess(0);
    giveUpRoot({ uid: 1000, gid: 1001 }, self);
    expect(self.calls).toEqual(['groups 0', 'gid 1001', 'uid 1000']);
    expect(self.getuid()).toBe(1000);
  });
  test('a system that gives root back is not believed', () => {
    const self = { ...fakeProcess(0), setuid: () => {} };
    expect(() => giveUpRoot({ uid: 1000, gid: 1000 }, self)).toThrow(/root could be had back/);
  });
  test('the user behind sudo, else nobody, and nothing for those who are not root', () => {
    expect(findLesserIdentity({ SUDO_UID: '1000', SUDO_GID: '1001' }, fakeProcess(0))).toEqual({
      uid: 1000,
      gid: 1001,
    });
    expect(findLesserIdentity({}, fakeProcess(0))).toEqual({ uid: 65_534, gid: 65_534 });
    expect(findLesserIdentity({ SUDO_UID: '0', SUDO_GID: '0' }, fakeProcess(0))).toEqual({
      uid: 65_534,
      gid: 65_534,
    });
    expect(findLesserIdentity({ SUDO_UID: '-5', SUDO_GID: 'x' }, fakeProcess(0))).toEqual({
      uid: 65_534,
      gid: 65_534,
    });
    expect(findLesserIdentity({ SUDO_UID: '1000', SUDO_GID: '1000' }, fakeProcess(1000))).toBeUndefined();
  });
});
