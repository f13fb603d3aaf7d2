/**
 * Owns that what runs was built from what is in the clone. turbo decides what to build; when no input has changed since
 * the last build that succeeded, even turbo is not asked, which makes a second start quick.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOwner, CLONE } from './clone.mjs';
import { runQuietly, say } from './steps.mjs';

const STAMP = join(CLONE, 'node_modules', '.stallscope-build-sha');
const INPUT_FOLDERS = ['apps', 'packages', 'probes'];
const INPUT_FILES = ['package-lock.json', 'package.json', 'tsconfig.base.json', 'turbo.json'];
/** Folders that a build makes. */
const OUTPUTS = ['dist', 'out', 'build'];
const NOT_INPUTS = new Set(['node_modules', '.next', '.turbo', ...OUTPUTS]);

export async function ensureBuilt() {
  const sha = inputsSha(CLONE);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sha && outputsExist(CLONE)) {
    say('build: up to date');
    return;
  }
  say('build: BPF programs, packages and the web UI (the first time takes a minute)');
  await runQuietly(
    'building',
    join(CLONE, 'node_modules', '.bin', 'turbo'),
    ['run', 'build', '--output-logs=errors-only'],
    {
      ...asOwner(),
      hint: 'The lines above say what did not build. After a change of branch, `npm ci` may be what is missing.',
    },
  );
  writeFileSync(STAMP, sha);
  say('build: done');
}

/** The C programs that the kernel and browser tests measure; seconds, so never skipped. */
export async function buildWorkloads() {
  await runQuietly(
    'building the workloads',
    process.execPath,
    [join('probes', 'build.mjs'), 'workloads'],
    asOwner(),
  );
  say('workloads: built');
}

/** One hash over the names and contents of every file that a build reads. Tests are not among them. */
export function inputsSha(clone) {
  const hash = createHash('sha256');
  const add = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(clone, path)))
      .update('\0');
  for (const file of INPUT_FILES) if (existsSync(join(clone, file))) add(file);
  const walk = (folder) => {
    const entries = readdirSync(join(clone, folder), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !NOT_INPUTS.has(entry.name)) walk(path);
      else if (entry.isFile() && !/\.test\.\w+$|\.tsbuildinfo$|^next-env\.d\.ts$/.test(entry.name)) add(path);
    }
  };
  for (const folder of INPUT_FOLDERS) if (existsSync(join(clone, folder))) walk(folder);
  return hash.digest('hex');
}

/** Every room that has a build step has made its output; someone may have cleaned up by hand. */
function outputsExist(clone) {
  const rooms = [
    ...INPUT_FOLDERS.slice(0, 2).flatMap((folder) =>
      readdirSync(join(clone, folder)).map((room) => join(folder, room)),
    ),
    'probes',
  ];
  return rooms.every((room) => {
    const description = join(clone, room, 'package.json');
    if (!existsSync(description)) return true;
    if (JSON.parse(readFileSync(description, 'utf8')).scripts?.build === undefined) return true;
    return OUTPUTS.some((output) => existsSync(join(clone, room, output)));
  });
}
