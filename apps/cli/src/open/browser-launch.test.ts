import { expect, test } from 'vitest';
import { canShow } from './browser-launch.js';

const terminal = { platform: 'linux', getuid: () => 1000, stdout: { isTTY: true } };

test('A browser is opened where a user sits at a screen, never as root and never from a script', () => {
  expect(canShow({ DISPLAY: ':0' }, terminal)).toBe(true);
  expect(canShow({ WAYLAND_DISPLAY: 'wayland-0' }, terminal)).toBe(true);
  expect(canShow({}, { ...terminal, platform: 'darwin' })).toBe(true);
  expect(canShow({}, terminal)).toBe(false);
  expect(canShow({ DISPLAY: '' }, terminal)).toBe(false);
  expect(canShow({ DISPLAY: ':0' }, { ...terminal, getuid: () => 0 })).toBe(false);
  expect(canShow({ DISPLAY: ':0' }, { ...terminal, stdout: {} })).toBe(false);
});
