import { describe, expect, it } from 'vitest';
import { FlameBuilder } from './flame-builder.js';
import { PLAIN_SHAPE } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { toFolded } from './folded.js';
import { KINDS, NONE } from './kinds.js';
import { type Query, ROLES } from './query.js';
import { appendRow, emptyWindow, type ProcessValues, toProcesses } from './rows.js';
import { ProfileTables } from './tables.js';
import { ThreadAggregate } from './thread-aggregate.js';
import { totals } from './totals.js';
import { MAX_LISTED_OWNERS } from './tree-owners.js';
import { GROUP_KEYS, type GroupKey, type WhoFilter } from './who-table.js';
import type { ProfileWindow } from './window.js';

const ID = `5d6f11aa22bb${'0'.repeat(52)}`;
const POD = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';

type Facts = Partial<Record<Exclude<keyof ProcessValues, 'tgid' | 'parentTgid' | 'uid'>, string>> &
  Pick<ProcessValues, 'tgid'> & { parentTgid?: number; uid?: number };

/** nginx 10 in a container, its worker 11, sshd 20 in a unit, and 30 of which nothing is known. */
function measured(): { tables: ProfileTables; window: ProfileWindow } {
  const tables = new ProfileTables();
  const id = (text = ''): number => tables.internString(text);
  const who = (facts: Facts): ProcessValues => ({
    tgid: facts.tgid,
    parentTgid: facts.parentTgid ?? 0,
    uid: facts.uid ?? 0,
    name: id(facts.name),
    user: id(facts.user),
    command: id(facts.command),
    cgroupPath: id(facts.cgroupPath),
    container: id(facts.container),
    runtime: id(facts.runtime),
    pod: id(facts.pod),
    unit: id(facts.unit),
  });
  const inPod = { container: ID, runtime: 'containerd', pod: POD, cgroupPath: '/kubepods/x' };
  const window = emptyWindow({
    processes: toProcesses([
      who({ tgid: 10, name: 'nginx', user: 'root', command: 'nginx: master', parentTgid: 1, ...inPod }),
      who({
        tgid: 11,
        name: 'nginx',
        user: 'www-data',
        uid: 33,
        command: 'nginx: worker',
        parentTgid: 10,
        ...inPod,
      }),
      who({
        tgid: 20,
        name: 'sshd',
        user: 'root',
        command: '/usr/sbin/sshd -D',
        unit: 'ssh.service',
        parentTgid: 1,
      }),
    ]),
  });
  for (const [tgid, comm, us] of [
    [10, 'nginx', 100],
    [11, 'nginx', 200],
    [11, 'pool', 40],
    [20, 'sshd', 50],
    [30, 'kworker', 10],
  ] as const) {
    appendRow(window.rows, {
      ...{
        tgid,
        tid: comm === 'pool' ? 12 : tgid,
        comm: id(comm),
        cgroup: 0,
        kind: KINDS.indexOf('blocked'),
        state: 1,
      },
      ...{ userStack: NONE, kernelStack: NONE, chain: NONE, bucket: 10 },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: us * 1000, varianceNs2: 0 },
    });
  }
  tables.who.add(window.processes);
  return { tables, window };
}

function folded(query: Partial<Query>): string[] {
  const { tables, window } = measured();
  return toFolded(tables, window.rows, { view: 'off-cpu', kinds: ['blocked'], ...query }).lines;
}

/** Nodes under the root. */
function topOf(tree: FlameTree): number[] {
  return [...tree.parent.keys()].filter((node) => node > 0 && tree.parent[node] === 0);
}

describe('groups', () => {
  it.each<[GroupKey, Record<string, number>]>([
    ['process', { 'nginx 10': 100, 'nginx 11': 240, 'sshd 20': 50, '? 30': 10 }],
    [
      'command',
      { 'nginx: master': 100, 'nginx: worker': 240, '/usr/sbin/sshd -D': 50, '[no command line]': 10 },
    ],
    ['parent', { '? 1': 150, 'nginx 10': 240, '[parent not known]': 10 }],
    ['user', { root: 150, 'www-data': 240, '[user not known]': 10 }],
    ['container', { 'containerd 5d6f11aa22bb': 340, '[no container]': 60 }],
    ['runtime', { containerd: 340, '[no container]': 60 }],
    ['pod', { [POD]: 340, '[no pod]': 60 }],
    ['unit', { 'ssh.service': 50, '[no unit]': 350 }],
    ['cgroup', { '/kubepods/x': 340, '[cgroup not known]': 60 }],
    ['thread', { 'nginx 10': 100, 'nginx 11': 200, 'pool 12': 40, 'sshd 20': 50, 'kworker 30': 10 }],
    ['thread-name', { nginx: 300, pool: 40, sshd: 50, kworker: 10 }],
  ])('by %s are steps under the root that add up to all', (groupBy, expected) => {
    const { tables, window } = measured();
    const query: Query = { view: 'off-cpu', kinds: ['blocked'], groupBy };
    const tree = new FlameBuilder(tables).build(window.rows, query);
    const found: Record<string, number> = {};
    for (const node of topOf(tree)) {
      expect(ROLES[tree.role[node]!]).toBe('group');
      found[tree.labels[tree.label[node]!]!] = tree.totalValue[node]! / 1000;
    }
    expect(found).toEqual(expected);
    // The text says the same.
    const lines = toFolded(tables, window.rows, query).lines;
    expect(lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)).toBe(400);
  });

  it('stay on top when the paths below them are turned round', () => {
    const { tables, window } = measured();
    const query: Query = { view: 'off-cpu', kinds: ['blocked'], groupBy: 'user' };
    const tree = new FlameBuilder(tables).build(window.rows, query, {
      ...PLAIN_SHAPE,
      direction: 'bottom-up',
    });
    const top = topOf(tree);
    expect(top.map((node) => tree.labels[tree.label[node]!]).sort()).toEqual([
      '[user not known]',
      'root',
      'www-data',
    ]);
  });

  it('are those of now when a process becomes another', () => {
    const { tables, window } = measured();
    const builder = new FlameBuilder(tables);
    const query: Query = { view: 'off-cpu', kinds: ['blocked'], groupBy: 'user', tgids: [10] };
    const labels = (): (string | undefined)[] => {
      const tree = builder.build(window.rows, query);
      return topOf(tree).map((node) => tree.labels[tree.label[node]!]);
    };
    expect(labels()).toEqual(['root']);
    const nobody = tables.internString('nobody');
    tables.who.add(toProcesses([{ tgid: 10, name: tables.internString('nginx'), user: nobody, uid: 65534 }]));
    expect(labels()).toEqual(['nobody']);
  });

  it('stay those that were known when a later window knows nothing of a process any more', () => {
    const { tables, window } = measured();
    tables.who.add(toProcesses([{ tgid: 11, name: tables.internString('nginx') }]));
    const row = { tgid: 11, tid: 11, comm: 'nginx' };
    expect(tables.who.groupOf('user', row)).toBe('www-data');
    // Of another name it is another process.
    tables.who.add(toProcesses([{ tgid: 11, name: tables.internString('cron') }]));
    expect(tables.who.groupOf('user', row)).toBe('[user not known]');
    expect(window.rows.tgid).toContain(11);
  });

  it.each([
    ['shop/cart', true],
    ['cart', true],
    [POD.slice(0, 8), true],
    [`shop/cart ${POD}`, true],
    ['shop', false],
    ['art', false],
  ])('a pod whose name is known is found by %s: %s', (value, isFound) => {
    const tables = new ProfileTables();
    tables.who.add(toProcesses([{ tgid: 5, name: 0, pod: tables.internString(`shop/cart ${POD}`) }]));
    expect(tables.who.matches('pod', { tgid: 5, tid: 5, comm: 'x' }, value)).toBe(isFound);
  });

  it('every key has groups', () => {
    for (const groupBy of GROUP_KEYS) expect(folded({ groupBy }).length).toBeGreaterThan(1);
  });
});

describe('owners', () => {
  const query: Query = { view: 'off-cpu', kinds: ['blocked'] };

  function owned(key: GroupKey, shape = PLAIN_SHAPE) {
    const { tables, window } = measured();
    const builder = new FlameBuilder(tables);
    const tree = builder.build(window.rows, query, shape);
    const owners = builder.ownersOf(window.rows, query, shape, key);
    const at = (label: string): number =>
      [...tree.label.keys()].find((node) => tree.labels[tree.label[node]!] === label)!;
    const of = (label: string) => {
      const node = at(label);
      return [
        tree.labels[owners.owner[node]!],
        Math.round(owners.share[node]! * 100),
        owners.count[node],
      ] as const;
    };
    return { tree, owners, of };
  }

  it('a thread name that two users share is the one of who has most of its time', () => {
    const { of, owners, tree } = owned('user');
    expect(of('nginx')).toEqual(['www-data', 67, 2]);
    expect(of('pool')).toEqual(['www-data', 100, 1]);
    expect(of('')).toEqual(['www-data', 60, 3]);
    expect(owners.listed.map(({ label, value }) => [tree.labels[label], value / 1000])).toEqual([
      ['www-data', 240],
      ['root', 150],
      ['[user not known]', 10],
    ]);
    expect(owners.rest).toEqual({ count: 0, value: 0 });
  });

  it.each(GROUP_KEYS)('by %s everything has one, and their time is all', (key) => {
    const { owners, tree } = owned(key, { ...PLAIN_SHAPE, direction: 'bottom-up' });
    expect(owners.owner).toHaveLength(tree.nodeCount);
    expect([...owners.count].every((count) => count > 0)).toBe(true);
    expect(owners.listed.reduce((sum, { value }) => sum + value, owners.rest.value)).toBe(tree.totalValue[0]);
  });

  it('no more than a legend holds are listed, the others counted', () => {
    const tables = new ProfileTables();
    const window = emptyWindow({ processes: toProcesses([]) });
    for (let tgid = 1; tgid <= 40; tgid++) {
      appendRow(window.rows, {
        ...{ tgid, tid: tgid, comm: tables.internString('a'), cgroup: 0, kind: 0, state: 1 },
        ...{ userStack: NONE, kernelStack: NONE, chain: NONE, bucket: 10 },
        ...{ captures: 1, estimatedCount: 1, estimatedNs: 1000 * tgid, varianceNs2: 0 },
      });
    }
    const builder = new FlameBuilder(tables);
    const tree = builder.build(window.rows, query);
    const owners = builder.ownersOf(window.rows, query, PLAIN_SHAPE, 'process');
    expect(owners.listed).toHaveLength(MAX_LISTED_OWNERS);
    expect(tree.labels[owners.listed[0]!.label]).toBe('? 40');
    expect(owners.rest).toEqual({ count: 28, value: (1000 * (28 * 29)) / 2 });
  });
});

describe('filters by who', () => {
  it.each<[string, WhoFilter, number]>([
    ['a user by name', { user: 'www-data' }, 240],
    ['a user by number', { user: '33' }, 240],
    ['a container by its id', { container: ID }, 340],
    ['by the beginning of it', { container: '5d6f11' }, 340],
    ['by its label', { container: 'containerd 5d6f11aa22bb' }, 340],
    ['three letters are too few', { container: '5d6' }, 0],
    ['what is in none', { container: '[no container]' }, 60],
    ['a pod', { pod: POD.slice(0, 8) }, 340],
    ['a unit', { unit: 'ssh.service' }, 50],
    ['a unit without its suffix', { unit: 'ssh' }, 50],
    ['a process by name', { process: 'nginx' }, 340],
    ['a process by number', { process: '11' }, 240],
    ['a parent', { parent: 'nginx' }, 240],
    ['a thread', { thread: 'pool' }, 40],
    ['a thread by number', { thread: '12' }, 40],
    ['threads by name', { 'thread-name': 'nginx' }, 300],
    ['a runtime', { runtime: 'containerd' }, 340],
    ['what no runtime runs', { runtime: '[no container]' }, 60],
    ['a cgroup', { cgroup: '/kubepods/x' }, 340],
    ['a command', { command: 'nginx: master' }, 100],
    ['two at once', { user: 'root', container: ID }, 100],
    ['nobody', { user: 'x' }, 0],
  ])('%s', (_what, who, us) => {
    const { tables, window } = measured();
    const query: Query = { view: 'chain', kinds: ['blocked'], who };
    const lines = toFolded(tables, window.rows, query).lines;
    expect(lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)).toBe(us);
    const sampled = totals(tables, window.rows, new ThreadAggregate().threads(), query);
    expect(JSON.stringify(sampled)).toContain(String(us * 1000));
  });
});

it('keeps no more processes than its bound, the newest', () => {
  const tables = new ProfileTables();
  const name = tables.internString('p');
  for (let from = 1; from <= 140_000; from += 10_000) {
    tables.who.add(toProcesses(Array.from({ length: 10_000 }, (_, n) => ({ tgid: from + n, name }))));
  }
  expect(tables.who.size).toBe(65_536);
  expect(tables.who.find(1)).toBeUndefined();
  expect(tables.who.find(140_000)?.name).toBe('p');
});
