import { expect, test } from 'vitest';
import { keyActOf } from './flame-keys.js';

const key = (name: string, shiftKey = false) => ({
  key: name,
  shiftKey,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
});

test('towards the callees is down with the root at the top, up with it at the bottom', () => {
  expect(keyActOf(key('ArrowDown'), 'top')).toEqual({ act: 'step', step: 'child' });
  expect(keyActOf(key('ArrowDown'), 'bottom')).toEqual({ act: 'step', step: 'parent' });
  expect(keyActOf(key('PageUp'), 'bottom')).toEqual({ act: 'step', step: 'page-in' });
  expect(keyActOf(key('ArrowUp', true), 'bottom')).toEqual({ act: 'step', step: 'fork-in' });
  expect(keyActOf(key('ArrowUp', true), 'top')).toEqual({ act: 'step', step: 'fork-out' });
});

test('with Shift, sideways moves what is stretched instead of the focus', () => {
  expect(keyActOf(key('ArrowLeft'), 'top')).toEqual({ act: 'step', step: 'previous' });
  expect(keyActOf(key('ArrowLeft', true), 'top')).toEqual({ act: 'shift', byShare: -0.2 });
});

test('in and out again is where it was', () => {
  const [into, out] = ['+', '-'].map((name) => keyActOf(key(name), 'top'));
  expect(into?.act === 'magnify' && out?.act === 'magnify' && into.factor * out.factor).toBeCloseTo(1);
});

test('a menu has three keys', () => {
  for (const asked of [key('m'), key('ContextMenu'), key('F10', true)]) {
    expect(keyActOf(asked, 'top')).toEqual({ act: 'menu' });
  }
  expect(keyActOf(key('F10'), 'top')).toBeUndefined();
});

test('keys of the page and of the browser are left to them', () => {
  for (const name of ['1', '/', 's', ' ', 'Tab', 'a']) expect(keyActOf(key(name), 'top')).toBeUndefined();
  expect(keyActOf({ ...key('0'), ctrlKey: true }, 'top')).toBeUndefined();
  expect(keyActOf({ ...key('ArrowLeft'), altKey: true }, 'top')).toBeUndefined();
});
