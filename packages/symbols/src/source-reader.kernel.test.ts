import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceAnswer } from './source-place.js';
import { readSourcePlaces } from './source-reader.js';

/** The reader gives up root before it reads, which takes root to begin with; it runs as it is built. */
const READER = { args: [fileURLToPath(new URL('../dist/dwarf-reader-main.js', import.meta.url))] };

const SOURCE = `#include <cstdlib>
#include <vector>
namespace app {
static inline __attribute__((always_inline)) int square(int x) {
	return x * x + std::rand();
}
template <typename T> static inline __attribute__((always_inline)) int sum(T a, T b) {
	return square(a) +
	       square(b);
}
__attribute__((noinline)) int outer(int n) {
	int s = 0;
	for (int i = 0; i < n; i++)
		s += sum(i, n);
	return s;
}
}
int main(int argc, char **argv) {
	std::vector<int> all(argc, 1);
	return app::outer((int)all.size());
}
`;

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-source-'));
  program = join(directory, 'program');
  writeFileSync(`${program}.cc`, SOURCE);
  execFileSync('g++', ['-O1', '-g', '-gcolumn-info', `${program}.cc`, '-o', program]);
});
afterAll(() => rmSync(directory, { recursive: true }));

async function ask(path: string, vaddrs: readonly number[]): Promise<SourceAnswer> {
  const fd = openSync(path, 'r');
  const answer = readSourcePlaces(fd, vaddrs, READER);
  // It has been handed over.
  closeSync(fd);
  return answer;
}

function functionAt(name: string): { start: number; bytes: number } {
  const line = execFileSync('nm', ['-SC', program], { encoding: 'utf8' })
    .split('\n')
    .find((text) => text.includes(` T ${name}`))!;
  const [start, bytes] = line.split(' ').map((hex) => Number.parseInt(hex, 16));
  return { start: start!, bytes: bytes! };
}

/**
 * `FUNCTION FILE:LINE` a level, innermost first, as addr2line prints them. Of the innermost only the place: there addr2line
 * 2.40 prints the symbol that covers the address.
 */
function byAddr2line(path: string, vaddr: number): string[] {
  const lines = execFileSync('addr2line', ['-ifC', '-e', path, vaddr.toString(16)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return Array.from({ length: lines.length / 2 }, (_, i) => {
    const place = lines[2 * i + 1]!.replace(/ \(discriminator \d+\)$/, '');
    return `${i === 0 ? '' : lines[2 * i]!.replace(/\(.*/, '').replace(/^.*::/, '').replace(/<.*/, '')} ${place}`;
  });
}

test('every address of a function has the lines and the expanded functions that addr2line prints', async () => {
  const { start, bytes } = functionAt('app::outer');
  const vaddrs = Array.from({ length: Math.min(bytes, 64) }, (_, i) => start + i);
  const answer = await ask(program, vaddrs);
  if ('error' in answer) throw new Error(answer.error);
  const short = (name: string): string => name.replace(/\(.*/, '').replace(/^.*::/, '').replace(/<.*/, '');
  const ours = answer.places.map((places) =>
    places.map((place, i) => `${i === 0 ? '' : short(place.function)} ${place.file}:${place.line}`),
  );
  expect(ours).toEqual(vaddrs.map((vaddr) => byAddr2line(program, vaddr)));
  expect(ours.some((levels) => levels.length === 3)).toBe(true);
  const deepest = answer.places.find((places) => places.length === 3)!;
  expect(deepest.map((place) => place.function)).toEqual([
    // What is always expanded has no symbol; then it has the name that it was declared with.
    'app::square',
    'app::sum<int>',
    'app::outer(int)',
  ]);
  expect(deepest.every(({ column }) => column > 0)).toBe(true);
});

test.each([
  ['compressed', ['--compress-debug-sections=zlib']],
  ['a debug file', ['--only-keep-debug']],
])('%s: the same', async (what, flags) => {
  const path = join(directory, what.replaceAll(' ', '-'));
  execFileSync('objcopy', [...flags, program, path]);
  const { start } = functionAt('app::outer');
  expect(await ask(path, [start, start + 20])).toEqual(await ask(program, [start, start + 20]));
});

test('what has no debug information says so', async () => {
  const path = join(directory, 'bare');
  execFileSync('strip', ['-o', path, program]);
  expect(await ask(path, [1])).toEqual({ error: expect.stringMatching(/no debug information/) });
  expect(await ask(`${program}.cc`, [1])).toEqual({ error: expect.stringMatching(/no debug information/) });
});

test('a damaged file ends the reader at most, never who asked', async () => {
  const seed = Number(process.env.STALLSCOPE_SEED ?? 5);
  console.info(`STALLSCOPE_SEED=${seed}`);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const good = readFileSync(program);
  const path = join(directory, 'damaged');
  const { start } = functionAt('app::outer');
  for (let round = 0; round < 12; round++) {
    const bytes = Buffer.from(good);
    for (let i = 0; i < 400; i++) bytes[64 + random(bytes.length - 64)] = random(256);
    writeFileSync(path, bytes.subarray(0, bytes.length - random(2) * random(bytes.length)));
    const answer = await ask(path, [start, start + 10, start + 30]);
    if (!('error' in answer)) expect(answer.places).toHaveLength(3);
  }
});

test('a reader that does not end is ended', async () => {
  const fd = openSync(program, 'r');
  const answer = await readSourcePlaces(fd, [1], {
    args: ['-e', 'setInterval(() => {}, 1000)'],
    timeoutMs: 300,
  });
  closeSync(fd);
  expect(answer).toEqual({ error: expect.stringMatching(/ended with SIGKILL/) });
});

test('a reader that says anything else than places is not believed', async () => {
  const fd = openSync(program, 'r');
  for (const said of ['nonsense', '{"places":[[{"function":1}]]}', '{"places":[]}', '[]'])
    expect(
      await readSourcePlaces(fd, [1], { args: ['-e', `process.stdout.write(${JSON.stringify(said)})`] }),
    ).toEqual({
      error: 'the reader gave no answer',
    });
  closeSync(fd);
});

test('the reader may do nothing but read: no capability, no write, no process, no file of root’s', () => {
  const rights = new URL('../dist/reader-rights.js', import.meta.url);
  const written = join(directory, 'must-stay-empty');
  writeFileSync(written, '');
  chmodSync(written, 0o666);
  chmodSync(directory, 0o755);
  const script = `
    const fs = require('node:fs'); const { spawnSync } = require('node:child_process');
    const tried = (what) => { try { what(); return 'done'; } catch (error) { return error.code; } };
    import(${JSON.stringify(rights.href)}).then(({ giveUpRights }) => {
      giveUpRights(process.getuid() === 0 ? 65534 : undefined);
      const status = fs.readFileSync('/proc/self/status', 'utf8');
      const of = (name) => new RegExp('^' + name + ':[ \\t]*(.*)$', 'm').exec(status)[1].trim();
      process.stdout.write(JSON.stringify({
        uid: of('Uid'), gid: of('Gid'), groups: of('Groups'), newPrivileges: of('NoNewPrivs'),
        capabilities: ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map(of),
        shadow: tried(() => fs.readFileSync('/etc/shadow')),
        write: tried(() => fs.writeFileSync(${JSON.stringify(written)}, 'x')),
        child: spawnSync('true').error?.code,
        back: tried(() => process.setuid(0)),
      }));
    });`;
  const none = '0'.repeat(16);
  const nothing = {
    newPrivileges: '1',
    capabilities: [none, none, none, none],
    shadow: 'EACCES',
    write: 'EFBIG',
    child: 'EAGAIN',
  };
  const run = (command: string, args: string[]): Record<string, unknown> =>
    JSON.parse(execFileSync(command, [...args, '-e', script], { encoding: 'utf8' }));
  const nobody = '65534\t65534\t65534\t65534';
  expect(run(process.execPath, [])).toMatchObject({
    ...nothing,
    uid: nobody,
    gid: nobody,
    groups: '',
    back: 'EPERM',
  });
  // An agent that is not root has its capabilities as ambient ones, which every program that it starts inherits.
  const ambient = ['--inh-caps', '+sys_ptrace', '--ambient-caps', '+sys_ptrace'];
  expect(
    run('setpriv', ['--reuid', '1', '--regid', '1', '--clear-groups', ...ambient, process.execPath]),
  ).toMatchObject({ ...nothing, uid: '1\t1\t1\t1' });
});

test('an agent that may not change users has no lines, and says why', () => {
  const fd = openSync(program, 'r');
  const said = execFileSync(
    'setpriv',
    ['--bounding-set=-setuid,-setgid', process.execPath, READER.args[0]!],
    {
      input: JSON.stringify({ vaddrs: [1], uid: 65_534 }),
      stdio: ['pipe', 'pipe', 'inherit', fd],
      encoding: 'utf8',
    },
  );
  closeSync(fd);
  expect(JSON.parse(said)).toEqual({
    error:
      'debug information cannot be read safely here: root may not become nobody here (EPERM): the agent lacks CAP_SETUID and CAP_SETGID',
  });
});
