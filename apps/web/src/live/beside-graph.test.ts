import {
  FlameBuilder,
  findNode,
  KINDS,
  NOISE_PRESETS,
  type NoisePreset,
  PLAIN_SHAPE,
  pathOf,
  ROLES,
} from '@stallscope/profile';
import { stacksFromText } from '@stallscope/testing';
import { describe, expect, it } from 'vitest';
import { toBesideGraph } from './beside-graph';
import { type LiveSelection, NOTHING_BESIDE } from './live-messages';

const PRESETS = NOISE_PRESETS.filter(({ id }) => id === 'event-loops' || id === 'sleeps');
const TEXT = `
  web@1/1: main;loop   | ep_poll              <- client@9/9: send = 30ms
  web@1/2: main;handle | futex_wait           <- web@1/1: unlock  = 7ms
  web@1/2: main;handle | futex_wait           <- [timer]: | tick  = 3ms
  nap@2/2: main        | do_nanosleep         <- [timer]: | tick  = 10ms
  runq web@1/2: main;handle                                       = 2ms
`;

function beside(change: Partial<LiveSelection>) {
  const { tables, rows } = stacksFromText(TEXT);
  const selection: LiveSelection = {
    hostId: 'a',
    query: { view: 'off-cpu', kinds: KINDS },
    span: { kind: 'all' },
    pausedAtMs: null,
    search: null,
    shape: PLAIN_SHAPE,
    wants: { ...NOTHING_BESIDE, noise: PRESETS },
    ...change,
  };
  const builder = new FlameBuilder(tables);
  const tree = builder.build(rows, selection.query, selection.shape);
  return { tree, ...toBesideGraph(builder, tables, rows, selection, tree) };
}

describe('what is beside a graph', () => {
  it('is made only when it is asked for, but for the time of presets', () => {
    const { functions, sandwich, noise } = beside({});
    expect([functions, sandwich]).toEqual([null, null]);
    expect(noise).toEqual([
      { id: 'event-loops', value: 30e6, count: 1, isHidden: false },
      { id: 'sleeps', value: 10e6, count: 1, isHidden: false },
    ]);
  });

  it('tells what a preset hides and what the others still would; shown and hidden are all', () => {
    const on: NoisePreset[] = PRESETS.filter(({ id }) => id === 'event-loops');
    const { tree, noise } = beside({ shape: { ...PLAIN_SHAPE, noise: on } });
    expect(noise).toEqual([
      { id: 'event-loops', value: 30e6, count: 1, isHidden: true },
      { id: 'sleeps', value: 10e6, count: 1, isHidden: false },
    ]);
    expect(tree.totalValue[0]! + noise[0]!.value).toBe(52e6);
  });

  it('tells what presets hide of the path zoomed to, where they leave nothing of it', () => {
    const toZoom = (...labels: string[]) => ({
      kind: 'path' as const,
      path: labels.map((label, depth) => ({
        label,
        role: depth === 0 ? ('comm' as const) : ('user' as const),
      })),
    });
    const hiddenOfZoom = (zoom: ReturnType<typeof toZoom>, noise: NoisePreset[]) =>
      beside({ wants: { ...NOTHING_BESIDE, zoom }, shape: { ...PLAIN_SHAPE, noise } }).hiddenOfZoom;
    expect(hiddenOfZoom(toZoom('web', 'main', 'loop'), PRESETS)).toBe(30e6);
    expect(hiddenOfZoom(toZoom('web', 'main'), PRESETS), 'some of it is drawn').toBeNull();
    expect(hiddenOfZoom(toZoom('web', 'main', 'loop'), []), 'nothing is hidden').toBeNull();
    expect(hiddenOfZoom(toZoom('web', 'gone'), PRESETS), 'not there either way').toBe(0);
  });

  it('has the functions with the time of each kind', () => {
    const { functions } = beside({ wants: { ...NOTHING_BESIDE, functions: 'total' } });
    const { table } = functions!;
    const handle = table.label.indexOf('handle');
    expect(table.totalValue[handle]).toBe(12e6);
    expect(table.kinds.map((values) => values[handle])).toEqual([10e6, 2e6, 0, 0]);
  });

  it('has both halves of a sandwich, of one total', () => {
    const { sandwich } = beside({
      search: '^main$',
      wants: { ...NOTHING_BESIDE, sandwich: { label: 'handle', role: 'user' } },
    });
    const { callers, callees } = sandwich!;
    expect([callers.tree.totalValue[0], callees.tree.totalValue[0]]).toEqual([12e6, 12e6]);
    const main = findNode(callers.tree, [
      { label: 'handle', role: 'user' },
      { label: 'main', role: 'user' },
    ])!;
    expect(callers.matched![main]).toBe(1);
    expect(callees.matched!.some((matched) => matched === 1)).toBe(false);
  });

  it('has the details of a frame of the graph, of a half, and of all; none of a frame that is not there', () => {
    const ofPath = (path: [string, 'comm' | 'user'][]) => ({
      kind: 'path' as const,
      path: path.map(([label, role]) => ({ label, role })),
    });
    const place = ofPath([
      ['web', 'comm'],
      ['main', 'user'],
      ['handle', 'user'],
    ]);
    const { details } = beside({ wants: { ...NOTHING_BESIDE, details: { place, of: 'graph' } } });
    expect(details!.place).toBe(place);
    expect(details!.details.value).toBe(12e6);
    expect(details!.details.wakers.map(({ comm, isInterrupt, value }) => [comm, isInterrupt, value])).toEqual(
      [
        ['web', false, 7e6],
        ['[timer]', true, 3e6],
      ],
    );
    expect(beside({}).details!.details.value).toBe(52e6);

    const sandwich = { label: 'main', role: 'user' as const };
    const callers = ofPath([
      ['main', 'user'],
      ['nap', 'comm'],
    ]);
    const ofHalf = (of: 'callers' | 'callees') =>
      beside({ wants: { ...NOTHING_BESIDE, sandwich, details: { place: callers, of } } }).details;
    expect(ofHalf('callers')!.details.value).toBe(10e6);
    expect(ofHalf('callees')).toBeNull();
  });

  it('has, of a frame further up a chain, the wakers at that place of it', () => {
    const { tables, rows } = stacksFromText(`
      a@1/1: wait <- b@2/2: pass <- c@3/3: start <- [timer]: | tick = 5us
      a@1/1: wait <- b@2/2: pass <- d@4/4: start <- [timer]: | tick = 3us
    `);
    const query = { view: 'chain', kinds: ['blocked'] } as const;
    const builder = new FlameBuilder(tables);
    const tree = builder.build(rows, query);
    const wakersAt = (node: number): string[] => {
      const place = { kind: 'path' as const, path: pathOf(tree, node) };
      const wants = { ...NOTHING_BESIDE, details: { place, of: 'graph' as const } };
      const selection = {
        hostId: 'a',
        query,
        span: { kind: 'all' },
        pausedAtMs: null,
        search: null,
      } as const;
      const { details } = toBesideGraph(
        builder,
        tables,
        rows,
        { ...selection, shape: PLAIN_SHAPE, wants },
        tree,
      );
      return details!.details.wakers.map(({ comm, value }) => `${comm} ${value}`);
    };
    const nodeOf = (label: string, role: string): number =>
      Array.from(tree.label).findIndex(
        (id, node) => tree.labels[id] === label && ROLES[tree.role[node]!] === role,
      );
    expect(wakersAt(nodeOf('wait', 'user'))).toEqual(['b 8000']);
    expect(wakersAt(nodeOf('b', 'waker-comm'))).toEqual(['b 8000']);
    expect(wakersAt(nodeOf('start', 'waker-user'))).toEqual(['c 5000', 'd 3000']);
    expect(wakersAt(nodeOf('c', 'waker-comm'))).toEqual(['c 5000']);
    expect(wakersAt(nodeOf('[timer]', 'waker-comm'))).toEqual(['[timer] 5000']);
  });
});
