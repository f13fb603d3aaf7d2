import { HINT_WORDS } from '@stallscope/profile';
import type { JitState, RuntimeName } from '@stallscope/symbols';
import { describe, expect, test } from 'vitest';
import { type JavaFacts, toHint } from './runtime-hints.js';

const MAPPING = { start: 0, end: 1, fileOffset: 0, device: '', inode: 1n, path: '', isDeleted: false };

/** `java unnamed map refused gone`, `python 3.11`, `- unnamed`: a run-time, and what is the case. */
function state(text: string): JitState {
  const [name, ...facts] = text.split(' ');
  return {
    identity: 'a',
    runtime:
      name === '-'
        ? undefined
        : {
            name: name as RuntimeName,
            version: facts.find((fact) => /^\d/.test(fact)) ?? '',
            mapping: MAPPING,
          },
    isGone: facts.includes('gone'),
    hasUnnamedJit: facts.includes('unnamed'),
    hasPerfMap: facts.includes('map'),
    isPerfMapRefused: facts.includes('refused'),
  };
}

describe('the hint of a process', () => {
  test.each<[string, Partial<JavaFacts>, string]>([
    ['-', {}, ''],
    ['- unnamed', {}, 'jit-no-perf-map'],
    ['- unnamed refused', {}, 'perf-map-refused'],
    ['- unnamed map', {}, ''],
    ['node', {}, 'node-perf-basic-prof'],
    ['node map', {}, ''],
    ['node map unnamed', {}, ''],
    ['node gone', {}, ''],
    ['node refused', {}, 'perf-map-refused'],
    ['python 3.11', {}, 'python-before-3.12'],
    ['python 2.7', {}, 'python-before-3.12'],
    ['python 3.12', {}, 'python-perf'],
    ['python 3.13 map', {}, ''],
    ['dotnet', {}, ''],
    ['dotnet unnamed', {}, 'dotnet-perf-map'],
    ['ruby unnamed', {}, 'ruby-perf-map'],
    ['php unnamed', {}, 'php-perf-map'],
    ['java', {}, ''],
    ['java', { keepsFramePointers: false }, 'java-frame-pointers'],
    ['java', { keepsFramePointers: undefined }, ''],
    ['java unnamed', {}, 'java-no-perfmap'],
    ['java unnamed map', {}, ''],
    ['java unnamed map', { keepsFramePointers: false }, 'java-frame-pointers'],
    ['java unnamed refused', {}, 'perf-map-refused'],
    ['java unnamed', { isAsked: false }, 'java-perfmap-off'],
    ['java unnamed', { refusal: 'too-old' }, 'java-too-old'],
    ['java unnamed', { refusal: 'not-permitted' }, 'java-not-permitted'],
    ['java unnamed', { refusal: 'gone' }, ''],
  ])('%s, %o: %s', (process, java, expected) => {
    const hint = toHint(state(process), {
      isAsked: true,
      refusal: undefined,
      keepsFramePointers: true,
      ...java,
    });
    expect(hint).toBe(expected);
    if (hint !== '') expect(HINT_WORDS[hint].remedy).not.toBe('');
  });
});
