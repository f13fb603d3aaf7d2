/** docs/formats.md says what each format carries: here it is tried, and what a writer says of it is held to it. */
import { readFileSync } from 'node:fs';
import {
  FORMAT_NAMES,
  OUTPUT_FORMATS,
  readProfile,
  windowsToSamples,
  writeProfile,
} from '@stallscope/formats';
import {
  emptyWindow,
  NONE,
  ProfileTables,
  type SampleProfile,
  SampleProfileBuilder,
  type View,
} from '@stallscope/profile';
import { describe, expect, test } from 'vitest';

const doc = readFileSync(new URL('../../../../docs/formats.md', import.meta.url), 'utf8');
const FORMATS = ['folded', 'pprof', 'speedscope', 'firefox', 'otlp'] as const;

interface Feature {
  /** Adds it to a profile that has nothing but one function. */
  add: (profile: SampleProfile) => void;
  /** What must be the same when it comes back. */
  of: (profile: SampleProfile) => unknown;
  /** The view that it is of, which a writer is told beside it. */
  view?: View;
}

const FEATURES: Readonly<Record<string, Feature>> = {
  title: { add: (p) => Object.assign(p, { title: 'a title' }), of: ({ title }) => title },
  'further kinds of value': {
    add: (p) => {
      p.valueTypes.push({ type: 'waits', unit: 'count' });
      p.sampleValues.push([7]);
    },
    of: ({ valueTypes, sampleValues }) => [valueTypes, sampleValues],
  },
  'what the value is, and its unit': { add: () => undefined, of: ({ valueTypes }) => valueTypes },
  'fractions of a value': {
    add: (p) => p.sampleValues[0]!.splice(0, 1, 0.5),
    of: ({ sampleValues }) => sampleValues[0],
  },
  'thread and process': {
    add: (p) => p.labelSets.splice(0, 1, { comm: 'app', tgid: 7, tid: 8 }),
    of: ({ labelSets }) => labelSets.map(({ comm, tgid, tid }) => [comm, tgid, tid]),
  },
  'kind, state, wakers and other labels': {
    add: (p) => p.labelSets.splice(0, 1, { kind: 'blocked', waker: 'writer', mine: 'x' }),
    of: ({ labelSets }) => labelSets.map(({ kind, waker, mine }) => [kind, waker, mine]),
  },
  'when each sample was taken': {
    add: (p) => Object.assign(p, { startMs: 1_700_000_000_000, sampleAtNs: [12_000] }),
    of: ({ sampleAtNs }) => sampleAtNs,
  },
  'when it was recorded, and how long': {
    add: (p) => Object.assign(p, { startMs: 1_700_000_000_000, durationNs: 5_000_000 }),
    of: ({ startMs, durationNs }) => [startMs, durationNs],
  },
  modules: {
    add: (p) => Object.assign(p.frames[0]!, { module: 'libc.so.6' }),
    of: ({ frames }) => frames.map(({ module }) => module),
  },
  'files and lines': {
    add: (p) => Object.assign(p.frames[0]!, { file: 'main.c', line: 7 }),
    of: ({ frames }) => frames.map(({ file, line }) => [file, line]),
  },
  'kernel frames': {
    add: (p) => Object.assign(p.frames[0]!, { role: 'kernel' }),
    of: ({ frames }) => frames.map(({ role }) => role),
  },
  'wakers and separators of our views': {
    view: 'off-wake',
    add: (p) => {
      const path = [
        ['app', 'comm'],
        ['read', 'user'],
        ['-', 'separator'],
        ['vfs_read', 'kernel'],
        ['--', 'separator'],
        ['wake', 'waker-kernel'],
        ['writer', 'waker-comm'],
      ] as const;
      Object.assign(p, { frames: [], stackPrefix: [], stackFrame: [] });
      for (const [at, [name, role]] of path.entries()) {
        p.frames.push({ name, module: '', file: '', line: 0, role, unnamed: 0 });
        p.stackPrefix.push(at === 0 ? NONE : at - 1);
        p.stackFrame.push(at);
      }
      p.sampleStack[0] = path.length - 1;
    },
    of: (p) => pathOf(p, p.sampleStack[0]!).map((id) => [p.frames[id]!.name, p.frames[id]!.role]),
  },
  'why a frame has no name': {
    add: (p) => Object.assign(p.frames[0]!, { unnamed: 3 }),
    of: ({ frames }) => frames.map(({ unnamed }) => unnamed),
  },
  'which frames are of a JIT, and which inlined': {
    add: (p) => Object.assign(p.frames[0]!, { kind: 1 }),
    of: ({ frames }) => frames.map(({ kind }) => kind),
  },
  'which are interpreted, and which stubs': {
    add: (p) => Object.assign(p.frames[0]!, { kind: 2 }),
    of: ({ frames }) => frames.map(({ kind }) => kind),
  },
};

function plainProfile(): SampleProfile {
  const builder = new SampleProfileBuilder('', [{ type: 'off_cpu', unit: 'nanoseconds' }]);
  const frame = builder.frame({ name: 'main', module: '', file: '', line: 0, role: 'user', unnamed: 0 });
  builder.sample(builder.stack(NONE, frame), [3_000_000], builder.labels({}));
  return builder.profile;
}

/** What a writer is told of a view of waits. */
function factsOf(view: View) {
  const window = emptyWindow({ startMs: 1_700_000_000_000, endMs: 1_700_000_001_000 });
  const options = { title: '', hostName: 'web-1' };
  return windowsToSamples(new ProfileTables(), [window], { view, kinds: ['blocked'] }, options).facts;
}

/** Frame ids, root first. */
function pathOf({ stackPrefix, stackFrame }: SampleProfile, stack: number): number[] {
  const path: number[] = [];
  for (let at = stack; at !== NONE; at = stackPrefix[at]!) path.unshift(stackFrame[at]!);
  return path;
}

async function isCarried(
  feature: Feature,
  format: (typeof FORMATS)[number],
): Promise<{ carried: boolean; lost: string[] }> {
  const profile = plainProfile();
  feature.add(profile);
  const wanted = structuredClone(feature.of(profile));
  const facts = feature.view && factsOf(feature.view);
  const { bytes, lost } = await writeProfile(profile, format, facts === undefined ? {} : { facts });
  try {
    const read = await readProfile(bytes);
    if (read.format !== format) throw new Error(`${format} is read as ${read.format}`);
    return { carried: JSON.stringify(feature.of(read.profiles[0]!)) === JSON.stringify(wanted), lost };
  } catch (error) {
    // A file without anything in it is no profile.
    if (format === 'folded' && bytes.length === 0) return { carried: false, lost };
    throw error;
  }
}

/** Rows of the first table whose first column is `head`: cells by the names of the columns. */
function tableOf(head: string): Map<string, Map<string, string>> {
  const lines = doc.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  expect(at, `docs/formats.md has a table of ${head}`).toBeGreaterThanOrEqual(0);
  const cellsOf = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const columns = cellsOf(lines[at]!).slice(1);
  const rows = new Map<string, Map<string, string>>();
  for (let row = at + 2; lines[row]?.startsWith('|'); row++) {
    const [name, ...cells] = cellsOf(lines[row]!);
    rows.set(name!, new Map(columns.map((column, index) => [column, cells[index]!])));
  }
  return rows;
}

describe('docs/formats.md', () => {
  const table = tableOf('carries');
  test('has each thing that is tried, and nothing else', () => {
    expect([...table.keys()]).toEqual(Object.keys(FEATURES));
  });
  test.each(
    Object.entries(FEATURES).flatMap(([name, feature]) =>
      FORMATS.map((format) => [name, format, feature] as const),
    ),
  )('says of %s in %s what is so, and so does its writer', async (name, format, feature) => {
    const { carried, lost } = await isCarried(feature, format);
    const cell = table.get(name)?.get(format) ?? '';
    expect(
      cell.startsWith('yes'),
      `${name} in ${format} is ${carried ? '' : 'not '}carried, the document says ${cell}`,
    ).toBe(carried);
    // What is always so of a format (its title, its unit) is not repeated at each file.
    if (!carried && !ALWAYS.has(name)) expect(lost, `${format} says nothing of ${name}`).not.toEqual([]);
    if (carried)
      expect(lost.join(' '), `${format} says that ${name} is lost`).not.toMatch(SENTENCE_OF[name] ?? /(?!)/);
  });
  test('lists every format that is read and written', () => {
    const listed = tableOf('format');
    const names = [...listed.keys()].map((name) => name.replaceAll('`', ''));
    expect(new Set(names)).toEqual(new Set([...FORMAT_NAMES, ...OUTPUT_FORMATS]));
    for (const [name, cells] of listed) {
      const format = name.replaceAll('`', '');
      expect(cells.get('read') !== 'no', `${format} is read`).toBe(
        (FORMAT_NAMES as readonly string[]).includes(format),
      );
      expect(cells.get('written') !== 'no', `${format} is written`).toBe(
        (OUTPUT_FORMATS as readonly string[]).includes(format),
      );
    }
  });
});

/** Said here, not with each file. */
const ALWAYS: ReadonlySet<string> = new Set([
  'title',
  'what the value is, and its unit',
  'when it was recorded, and how long',
]);

const SENTENCE_OF: Readonly<Record<string, RegExp>> = {
  'further kinds of value': /Only \S+ is written/,
  'fractions of a value': /rounded to whole/,
  'thread and process': /Labels of samples.*comm/,
  'kind, state, wakers and other labels': /Labels of samples.*waker/,
  'when each sample was taken': /When each sample/,
  modules: /Modules/,
  'files and lines': /files and lines/,
  'wakers and separators of our views': /Which frames are names/,
  'why a frame has no name': /Why a frame/,
};
