import { resolve } from 'node:path';
import { DEFAULT_MAX_AGE_MS, DEFAULT_MAX_BYTES, DEFAULT_RETAIN_BYTES } from '@stallscope/hub';
import { KINDS } from '@stallscope/profile';
import { DEFAULT_HISTORY } from '@stallscope/protocol/collectibles';
import { describe, expect, test } from 'vitest';
import type { Actions } from './command-line.js';
import { EXIT } from './exit-codes.js';
import { runProgram } from './main.js';

/** Runs one command line with actions that only note what they were asked for. */
async function run(line: string) {
  const asked: [string, unknown][] = [];
  let out = '';
  let err = '';
  const note = (name: string) => async (flags: unknown) => void asked.push([name, flags]);
  const actions: Actions = {
    up: note('up'),
    agent: note('agent'),
    hub: note('hub'),
    record: note('record'),
    heatmap: note('heatmap'),
    open: note('open'),
    convert: note('convert'),
    diff: note('diff'),
    doctor: note('doctor'),
  };
  const code = await runProgram(line === '' ? [] : line.split(' '), actions, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { asked, out, err, code };
}

/** The one command that was run, without complaint. */
async function flagsOf(line: string): Promise<unknown> {
  const { asked, err, code } = await run(line);
  expect(err).toBe('');
  expect(code).toBeUndefined();
  expect(asked).toHaveLength(1);
  expect(asked[0]![0]).toBe(line.split(' ')[0]);
  return asked[0]![1];
}

/** What a refused command line says; it runs nothing. */
async function refusal(line: string): Promise<string> {
  const { asked, err, code } = await run(line);
  expect(asked).toEqual([]);
  expect(code).toBe(EXIT.usage);
  return err;
}

describe('record', () => {
  test('without flags', async () => {
    expect(await flagsOf('record')).toEqual({
      view: 'off-cpu',
      durationNs: 5e9,
      kinds: ['blocked'],
      tauNs: 1e6,
      asksJava: true,
      showsInlined: false,
      cpuHz: 99,
      commandLine: 'redacted',
      format: 'folded',
    });
  });
  test('with all of them', async () => {
    const line =
      'record --view chain --duration 2.5s --pid 12 34 --tid 56 --tid 57 56 --comm mysqld --cgroup /sys/fs/cgroup/a --inlines --kind all --state D --min-block 1ms --exact --format json -o out.json';
    expect(await flagsOf(line)).toEqual({
      view: 'chain',
      durationNs: 2.5e9,
      kinds: KINDS,
      tauNs: 0,
      asksJava: true,
      showsInlined: true,
      cpuHz: 99,
      commandLine: 'redacted',
      format: 'json',
      tgids: [12, 34],
      tids: [56, 57],
      comm: 'mysqld',
      cgroupPath: '/sys/fs/cgroup/a',
      states: ['D'],
      minIntervalNs: 1e6,
      output: 'out.json',
    });
  });
  test('by who waited', async () => {
    expect(
      await flagsOf(
        'record --group-by thread-name --user www-data --container 5d6f11aa --runtime docker --parent nginx --command x --cmdline off',
      ),
    ).toMatchObject({
      groupBy: 'thread-name',
      who: { user: 'www-data', container: '5d6f11aa', runtime: 'docker', parent: 'nginx', command: 'x' },
      commandLine: 'off',
    });
    expect(await flagsOf('record')).not.toHaveProperty('who');
  });
  test('τ by name', async () => {
    expect(await flagsOf('record --tau 100us')).toMatchObject({ tauNs: 1e5 });
    expect(await flagsOf('record --tau 0')).toMatchObject({ tauNs: 0 });
    expect(await flagsOf('record --view cpu --hz 997')).toMatchObject({ view: 'cpu', cpuHz: 997 });
    expect(await flagsOf('up --hz 0')).toMatchObject({ cpuHz: 0 });
  });
  test.each([
    [
      'record --view chian',
      /option '--view <view>' argument 'chian' is invalid\. Accepted: off-cpu, wakeup, off-wake, chain, cpu, wall\. \(Did you mean chain\?\)/,
    ],
    [
      'record --kind blockd',
      /'--kind <kind>' argument 'blockd'.*blocked, runq, preempted, all\. \(Did you mean blocked\?\)/,
    ],
    ['record --state d', /'--state <state>' argument 'd'.*Accepted: S, D\. \(Did you mean D\?\)/],
    [
      'record --format svgg',
      /'--format <format>' argument 'svgg' is invalid\. Accepted: folded, pprof, .*\(Did you mean svg\?\)/,
    ],
    [
      'record --duration 5x',
      /'--duration <time>' argument '5x'.*a number and a unit of us, ms, s, m or h.*a bare number is seconds; from 50\.0 ms to 43200 s/,
    ],
    ['record --duration 0', /'--duration <time>' argument '0'/],
    ['record --min-block 1', /'--min-block <time>' argument '1'.*such as 1ms/],
    ['record --tau 101ms', /'--tau <time>' argument '101ms'.*from 0 s to 100 ms/],
    ['record --pid 0', /'--pid <pid\.\.\.>' argument '0'.*a process id, a whole number from 1 to 4194304/],
    ['record --pid 12 x', /'--pid <pid\.\.\.>' argument 'x'/],
    ['record --pid', /'--pid <pid\.\.\.>' argument missing/],
    ['record --comm sixteen-bytes-xy', /'--comm <name>' argument 'sixteen-bytes-xy'.*1 to 15 bytes/],
    ['record --exact --tau 1ms', /'--exact' cannot be used with option '--tau <time>'/],
    ['record --view wakeup --kind all', /--kind all: the wakeup view counts blocked time only/],
    ['record --kind runq --state D', /--state D: only blocked time has a state/],
    ['record --durtion 5', /unknown option '--durtion'\n\(Did you mean --duration\?\)/],
    ['record 4242', /too many arguments/],
    ['recrod', /unknown command 'recrod'\n\(Did you mean record\?\)/],
    ['--verson', /unknown option '--verson'\n\(Did you mean --version\?\)/],
    ['up --port 70700', /'--port <port>' argument '70700'.*from 0 to 65535/],
    ['up --window 300ms', /'--window <time>' argument '300ms'.*Accepted: 250ms, 500ms, 1s, 2s, 5s/],
    [
      'up --history cpu,blok',
      /'--history <names>' argument 'cpu,blok'.*Accepted: cpu, lengths, block, .*costs.*Did you mean block\?/,
    ],
    ['agent --history everything', /'--history <names>' argument 'everything'.*Accepted: cpu, lengths/],
    ['agent --hub http://a', /'--hub <url>' argument 'http:\/\/a'.*ws:\/\/HOST:PORT/],
    ['agent --hub ws://a?token=b', /'--hub <url>' argument.*neither a query nor a fragment.*--token-file/],
    ['agent --hub ws://a/#b', /'--hub <url>' argument.*neither a query nor a fragment/],
    ['agent --hub ws://user@a', /--hub: a user name or password in the URL.*--token-file FILE/],
    ['hub --retain-mib 15', /'--retain-mib <n>' argument '15'.*MiB, a whole number from 16 to 65536/],
    ['hub --retain-mib 65537', /'--retain-mib <n>' argument '65537'/],
    ['record --view cpu --hz 0', /Accepted: samples a second, a whole number from 1 to 1000\./],
    ['agent --hz 100000', /Accepted: samples a second, a whole number from 0 to 1000\./],
    ['record --view cpu --state D', /--state D: the cpu view is of what ran, not of waits\./],
    ['record --view cpu --kind runq', /--kind runq: the cpu view is of what ran, not of waits\./],
    ['up --agent-token abc', /unknown option '--agent-token'\n\(Did you mean --agent-token-file\?\)/],
  ])('%s is refused', async (line, pattern) => {
    expect(await refusal(line)).toMatch(pattern);
  });
});

test.each(['ws', 'http'])(
  'a password in a %s address of a hub is refused without being shown',
  async (scheme) => {
    const said = await refusal(`agent --hub ${scheme}://user:hush@host`);
    expect(said).toContain('--token-file');
    expect(said).not.toContain('hush');
  },
);

describe('the other commands', () => {
  test('up', async () => {
    expect(await flagsOf('up')).toEqual({
      port: 7070,
      host: '127.0.0.1',
      windowMs: 1000,
      tauNs: 1e6,
      asksJava: true,
      cpuHz: 99,
      history: DEFAULT_HISTORY,
      commandLine: 'redacted',
      demo: false,
      snapshotBytes: DEFAULT_MAX_BYTES,
      snapshotAgeMs: DEFAULT_MAX_AGE_MS,
    });
    expect(await flagsOf('up --port 0 --window 250ms --demo --browser-token-file b')).toMatchObject({
      port: 0,
      windowMs: 250,
      demo: true,
      browserTokenFile: 'b',
    });
  });
  test('agent, hub and doctor', async () => {
    expect(await flagsOf('agent')).toEqual({
      hub: 'ws://127.0.0.1:7070',
      windowMs: 1000,
      tauNs: 1e6,
      asksJava: true,
      cpuHz: 99,
      history: DEFAULT_HISTORY,
      commandLine: 'redacted',
    });
    expect(await flagsOf('agent --history none')).toMatchObject({ history: [] });
    expect(await flagsOf('agent --history block,cpu,block --window 5s')).toMatchObject({
      history: ['cpu', 'block'],
      windowMs: 5000,
    });
    expect(await flagsOf('agent --hub wss://h:1 --token-file t --recording r')).toMatchObject({
      hub: 'wss://h:1',
      tokenFile: 't',
      recording: 'r',
    });
    expect(await flagsOf('hub --retain 1h --allow-origin https://a https://b')).toEqual({
      port: 7070,
      host: '127.0.0.1',
      retainMs: 3_600_000,
      retainBytes: DEFAULT_RETAIN_BYTES,
      allowedOrigins: ['https://a', 'https://b'],
      snapshotBytes: DEFAULT_MAX_BYTES,
      snapshotAgeMs: DEFAULT_MAX_AGE_MS,
    });
    expect(await flagsOf('hub --retain-mib 16')).toMatchObject({ retainBytes: 16 * 1024 * 1024 });
    expect(await flagsOf('agent --hub wss://h/stalls')).toMatchObject({ hub: 'wss://h/stalls' });
    expect(await flagsOf('doctor --json')).toEqual({ json: true });
  });
});

const DAY_MS = 24 * 3600 * 1000;

describe.each(['up', 'hub'])('snapshots of %s', (command) => {
  test('are kept as the store has it by itself', async () => {
    const flags = await flagsOf(command);
    expect(flags).toMatchObject({ snapshotBytes: DEFAULT_MAX_BYTES, snapshotAgeMs: DEFAULT_MAX_AGE_MS });
    expect(flags).not.toHaveProperty('data');
  });
  test('are kept elsewhere, fewer or not at all', async () => {
    expect(await flagsOf(`${command} --data /srv/waits --snapshot-mib 64 --snapshot-days 7`)).toMatchObject({
      data: '/srv/waits',
      snapshotBytes: 64 * 1024 * 1024,
      snapshotAgeMs: 7 * DAY_MS,
    });
    expect(await flagsOf(`${command} --data waits`)).toMatchObject({ data: resolve('waits') });
    expect(await flagsOf(`${command} --no-data`)).toMatchObject({ data: false });
  });
  test.each([
    ['--snapshot-mib 63', /'--snapshot-mib <n>' argument '63'.*MiB, a whole number from 64 to 1048576/],
    ['--snapshot-days 0', /'--snapshot-days <n>' argument '0'.*days, a whole number from 1 to 3650/],
    ['--data', /'--data <dir>' argument missing/],
    ['--dta x', /unknown option '--dta'\n\(Did you mean --data\?\)/],
  ])('%s is refused', async (flags, pattern) => {
    expect(await refusal(`${command} ${flags}`)).toMatch(pattern);
  });
});

describe('help', () => {
  test.each([
    '--help',
    'help',
    'help record',
    'record --help',
    'up --help',
    'agent --help',
    'hub --help',
    'doctor --help',
    '--version',
  ])('%s', async (line) => {
    const { out, code, asked } = await run(line);
    expect(code).toBe(EXIT.ok);
    expect(asked).toEqual([]);
    if (line !== '--version') expect(out).toContain('Examples:');
  });
  test('the exit codes and what the number on a line means', async () => {
    expect((await run('--help')).out).toMatch(/130 {2}interrupted twice/);
    expect((await run('record --help')).out).toContain('microseconds of waiting summed over the threads');
  });
  test('no command at all', async () => {
    const { err, code } = await run('');
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('Usage: stallscope');
  });
});

test('a command that fails says what, why and what to do, and a bug keeps its stack', async () => {
  const failing = (error: Error): Actions => {
    const fail = () => Promise.reject(error);
    return {
      up: fail,
      agent: fail,
      hub: fail,
      record: fail,
      heatmap: fail,
      open: fail,
      convert: fail,
      diff: fail,
      doctor: fail,
    };
  };
  let err = '';
  const output = {
    out: () => {},
    err: (text: string) => {
      err += text;
    },
  };
  const known = Object.assign(new Error('write /x: it is a folder'), { hint: 'Choose a file' });
  expect(await runProgram(['doctor'], failing(known), output)).toBe(EXIT.failed);
  expect(err).toBe('stallscope: write /x: it is a folder\n  Choose a file\n');
  err = '';
  expect(await runProgram(['doctor'], failing(new TypeError('x is undefined')), output)).toBe(EXIT.failed);
  expect(err).toMatch(/TypeError: x is undefined\n\s+at /);
});

describe('open', () => {
  test('takes a file, or stdin', async () => {
    expect(await flagsOf('open a.pb.gz')).toEqual({ file: 'a.pb.gz', port: 0, browser: true });
    expect(await flagsOf('open - --port 8080 --no-browser')).toEqual({
      file: '-',
      port: 8080,
      browser: false,
    });
  });
  test('says what is missing and which flag was meant', async () => {
    expect(await refusal('open')).toContain("missing required argument 'file'");
    expect(await refusal('open a --prot 1')).toContain('(Did you mean --port?)');
  });
});

describe('convert and diff', () => {
  test('convert without flags writes folded stacks of the off-CPU view', async () => {
    expect(await flagsOf('convert a.stallscope')).toEqual({
      file: 'a.stallscope',
      format: 'folded',
      view: { view: 'off-cpu', kinds: ['blocked'] },
      viewFlagsGiven: [],
      foldedUnit: 'count',
    });
  });
  test('convert with all of them', async () => {
    const line =
      'convert - -o out.svg --format svg --title x --view chain --kind all --state D --pid 12 34 --tid 56 --comm app --value waits --profile 2 --folded-unit us';
    expect(await flagsOf(line)).toEqual({
      file: '-',
      output: 'out.svg',
      format: 'svg',
      title: 'x',
      view: { view: 'chain', kinds: KINDS, tgids: [12, 34], tids: [56], comm: 'app', states: ['D'] },
      viewFlagsGiven: ['--view', '--kind', '--state', '--pid', '--tid', '--comm'],
      value: 'waits',
      profile: '2',
      foldedUnit: 'us',
    });
  });
  test('diff: a table by default, and its own flags', async () => {
    expect(await flagsOf('diff a b')).toMatchObject({
      before: 'a',
      after: 'b',
      format: 'table',
      normalise: false,
      width: 'after',
    });
    expect(await flagsOf('diff a b --format html --normalise --width larger -o d.html')).toMatchObject({
      format: 'html',
      normalise: true,
      width: 'larger',
      output: 'd.html',
    });
  });
  test.each([
    ['convert', /missing required argument 'file'/],
    ['convert a b', /too many arguments/],
    ['convert a --format pprf', /argument 'pprf' is invalid.*\(Did you mean pprof\?\)/],
    ['convert a --fromat pprof', /unknown option '--fromat'\n\(Did you mean --format\?\)/],
    ['convert a --view chian', /\(Did you mean chain\?\)/],
    ['convert a --view wakeup --kind all', /--kind all: the wakeup view counts blocked time only/],
    ['convert a --folded-unit ms', /argument 'ms' is invalid\. Accepted: count, us, ns, bytes/],
    ['diff a', /missing required argument 'after'/],
    ['diff a b --format pprof', /Accepted: table, folded, json, svg, html/],
    ['diff a b --normalize', /\(Did you mean --normalise\?\)/],
    ['convrt a', /unknown command 'convrt'\n\(Did you mean convert\?\)/],
  ])('%s is refused', async (line, message) => {
    expect(await refusal(line)).toMatch(message);
  });
});

describe('heatmap', () => {
  test('with nothing but a name', async () => {
    expect(await flagsOf('heatmap biolatency')).toEqual({
      name: 'biolatency',
      list: false,
      durationNs: 10e9,
      milliseconds: false,
      top: 10,
      json: false,
    });
  });
  test('with all of its flags', async () => {
    const line =
      'heatmap syscalls --duration 2.5s --pid 12 34 --comm mysqld --by thread --operation fsync -m --top 0 --json';
    expect(await flagsOf(line)).toEqual({
      name: 'syscalls',
      list: false,
      durationNs: 2.5e9,
      tgids: [12, 34],
      comm: 'mysqld',
      by: 'thread',
      operation: 'fsync',
      milliseconds: true,
      top: 0,
      json: true,
    });
  });
  test('--list needs no name', async () => {
    expect(await flagsOf('heatmap --list')).toMatchObject({ list: true });
  });
  test.each([
    ['heatmap', 'heatmap needs a name. Accepted: offcpu, wakelat,'],
    ['heatmap biolatncy', 'there is no heatmap biolatncy. Accepted: offcpu'],
    ['heatmap biolatncy', '(Did you mean biolatency?)'],
    ['heatmap dns --by proces', 'Did you mean process?'],
    ['heatmap dns --duration 0', 'Accepted: a number and a unit'],
    ['heatmap dns --top many', 'Accepted: a number of histograms'],
    ['heatmap dns --operations x', 'Did you mean --operation?'],
    ['record --with dns', '--with: a file of format folded cannot hold latencies or vitals'],
    ['record --format stallscope --with dsn', 'Did you mean dns?'],
  ])('%s is refused: %s', async (line, words) => {
    expect(await refusal(line)).toContain(words);
  });
  test('record --with names probes by their heatmaps', async () => {
    expect(await flagsOf('record --format stallscope --with biolatency,vitals-cpu -o x')).toMatchObject({
      with: ['block', 'vitals-cpu'],
    });
  });
});
