/**
 * Writes the layouts of a probe's records, from the BTF of its object, to the file that layouts.json names.
 * `--check` writes nothing and fails when a file is stale.
 *
 *     struct row_key { u64 user_stack; … u32 tgid; }   →   export const ROW_KEY = { size: 64, userStack: 0, …, tgid: 32 }
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const isCheck = process.argv.includes('--check');

function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** @returns {{name: string, kind: string, size: number, members?: object[], values?: object[]}[]} */
function readBtf(objectPath) {
  try {
    const text = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', objectPath, 'format', 'raw'], {
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      maxBuffer: 64 << 20,
    });
    return JSON.parse(text).types;
  } catch (error) {
    const hint =
      error.code === 'ENOENT' ? 'bpftool is not installed. Run: apt-get install bpftool' : error.message;
    console.error(`generate: cannot read the BTF of ${objectPath}: ${hint}`);
    process.exit(1);
  }
}

function findType(types, kind, name, objectPath) {
  const found = types.find((type) => type.kind === kind && type.name === name);
  if (found === undefined) {
    console.error(`generate: no ${kind.toLowerCase()} ${name} in ${objectPath}; is it used by the probe?`);
    process.exit(1);
  }
  return found;
}

let isStale = false;
for (const [probe, { output, structs, enums }] of Object.entries(
  JSON.parse(readFileSync(join(here, 'layouts.json'))),
)) {
  const objectPath = join('build', `${probe}.bpf.o`);
  const types = readBtf(join(here, objectPath));
  const lines = [
    `// Generated from the BTF of probes/${probe}/${probe}.bpf.c. Do not edit: npm run generate -w @stallscope/probes`,
    '// Offsets and sizes in bytes.',
    '',
  ];
  for (const name of structs) {
    const type = findType(types, 'STRUCT', name, objectPath);
    lines.push(`export const ${name.toUpperCase()} = {`, `  size: ${type.size},`);
    for (const member of type.members) lines.push(`  ${camel(member.name)}: ${member.bits_offset / 8},`);
    lines.push('} as const;', '');
  }
  for (const name of enums) {
    const type = findType(types, 'ENUM', name, objectPath);
    lines.push(`export const ${name.toUpperCase()} = {`);
    for (const value of type.values) lines.push(`  ${value.name}: ${value.val},`);
    lines.push('} as const;', '');
  }
  const text = lines.join('\n');
  const target = join(here, output);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  if (isCheck) {
    console.error(`${output} is stale. Run: npm run generate -w @stallscope/probes`);
    isStale = true;
  } else {
    writeFileSync(target, text);
  }
}
process.exit(isStale ? 1 : 0);
