import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { importsOf, readRooms } from './room-imports.mjs';
import { complaintsAbout } from './room-rules.mjs';

const RULES = {
  arrows: [
    { from: 'apps/agent', to: 'packages/libbpf', why: 'loads' },
    { from: 'tests', to: 'packages/testing', why: 'fixtures' },
  ],
  only: [{ package: 'koffi', room: 'packages/libbpf', why: 'one owner' }],
  withoutNode: [{ room: 'packages/libbpf', why: 'pure in this fixture' }],
  withoutTypeScript: [{ room: 'probes', why: 'C only' }],
};

/** A tree without complaints; each case changes one file of it. */
const TREE = {
  'apps/agent/package.json': '{"name":"@x/agent","dependencies":{"@x/libbpf":"1","ws":"8"}}',
  'apps/agent/src/index.ts':
    "import { a } from '@x/libbpf';\nimport ws from 'ws';\nimport fs from 'node:fs';\n",
  'apps/agent/src/index.test.ts': "import { test } from 'vitest';\nimport { row } from '@x/testing';\n",
  'packages/libbpf/package.json': '{"name":"@x/libbpf","dependencies":{"koffi":"3"}}',
  'packages/libbpf/src/index.ts': "import koffi from 'koffi';\nexport * from './map.js';\n",
  'packages/libbpf/dist/index.js': "import 'nothing-declared';\n",
  'packages/testing/package.json': '{"name":"@x/testing"}',
  'probes/package.json': '{"name":"@x/probes"}',
  'e2e/package.json': '{"name":"@x/e2e"}',
  'e2e/live.spec.ts': "import { hub } from '@x/agent';\n",
};

const folders = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function check(changes = {}, rules = RULES) {
  const root = mkdtempSync(join(tmpdir(), 'rooms-'));
  folders.push(root);
  for (const [path, text] of Object.entries({ ...TREE, ...changes })) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return complaintsAbout(readRooms(root), rules, { dependencies: new Set(['vitest']) });
}

describe('rooms', () => {
  test('a tree that keeps to its arrows has no complaint, and what builds make is not read', () => {
    expect(check()).toEqual([]);
  });
  test.each([
    [
      'an arrow that is not listed',
      { 'packages/libbpf/src/map.ts': "\nimport '@x/agent';" },
      [
        /^packages\/libbpf\/src\/map\.ts:2: packages\/libbpf → apps\/agent is no allowed arrow\. Move the code/,
        /does not declare it/,
      ],
    ],
    [
      'a declared arrow that is not listed',
      { 'packages/testing/package.json': '{"name":"@x/testing","dependencies":{"@x/libbpf":"1"}}' },
      [/^packages\/testing\/package\.json: packages\/testing → packages\/libbpf is no allowed arrow/],
    ],
    [
      'an arrow for tests taken by the product',
      { 'apps/agent/src/b.ts': "import '@x/testing';" },
      [/apps\/agent → packages\/testing is no allowed arrow/, /does not declare it/],
    ],
    [
      'a package that has an owner',
      { 'apps/agent/src/b.ts': "const k = await import('koffi');" },
      [/^apps\/agent\/src\/b\.ts:1: only packages\/libbpf imports koffi: one owner/],
    ],
    [
      'a package that is not declared',
      { 'apps/agent/src/b.ts': "export { z } from 'zod/v4';" },
      [/^apps\/agent\/src\/b\.ts:1: apps\/agent imports zod but does not declare it\. Add it/],
    ],
    [
      'a tool of the tests used by the product',
      { 'apps/agent/src/b.ts': "import 'vitest';" },
      [/imports vitest but/],
    ],
    [
      'a Node built-in in a pure room',
      { 'packages/libbpf/src/b.ts': "import { join } from 'path/posix';" },
      [/^packages\/libbpf\/src\/b\.ts:1: packages\/libbpf uses no Node built-ins \(path\/posix\)/],
    ],
    [
      'a relative path out of the room',
      { 'apps/agent/src/b.ts': "import '../../../packages/libbpf/src/index.js';" },
      [/leaves apps\/agent\. Import the other room by its package name/],
    ],
    [
      'a path that climbs and comes back by a longer name',
      { 'apps/agent/src/b.ts': "import '../../agent-old/x.js';" },
      [/leaves apps\/agent/],
    ],
    ['an import of e2e', { 'apps/agent/src/b.test.ts': "import '@x/e2e';" }, [/nothing may import e2e/]],
    [
      'TypeScript in the probes',
      { 'probes/build.ts': '' },
      [/^probes\/build\.ts: probes has no TypeScript: C only/],
    ],
  ])('%s', (_name, changes, expected) => {
    const complaints = check(changes);
    expect(complaints).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(complaints[i]).toMatch(pattern);
  });
  test('generated TypeScript may lie beside the header that it comes from', () => {
    expect(check({ 'probes/sched.generated.ts': '' })).toEqual([]);
  });
  test('an entry that nothing uses, has no reason or names no room', () => {
    const rules = {
      ...RULES,
      arrows: [
        ...RULES.arrows,
        { from: 'apps/agent', to: 'probes', why: '' },
        { from: 'apps/gone', to: 'probes', why: 'x' },
      ],
    };
    expect(check({}, rules)).toEqual([
      'rooms.json: apps/agent → probes has no reason. Say why in one phrase',
      'rooms.json: apps/gone → probes names apps/gone, which is no room. Remove the entry',
    ]);
    expect(
      check({}, { ...RULES, arrows: [...RULES.arrows, { from: 'apps/agent', to: 'probes', why: 'x' }] }),
    ).toEqual(['rooms.json: apps/agent → probes is not used by any import or dependency. Remove the entry']);
  });
});

test('every way to name a module is seen, text that only looks like one is not', () => {
  const text = [
    "import a from 'a';",
    "import type { B } from 'b';",
    "export * from 'c';",
    "const d = await import('d');",
    "type E = import('e').E;",
    "const f = require('f');",
    "import g = require('g');",
    "const h = import.meta.resolve('h');",
    "// import 'comment';",
    'const s = "import \'text\'";',
  ].join('\n');
  expect(importsOf('x.ts', text).map(({ specifier, line }) => `${line}${specifier}`)).toEqual([
    '1a',
    '2b',
    '3c',
    '4d',
    '5e',
    '6f',
    '7g',
    '8h',
  ]);
});
