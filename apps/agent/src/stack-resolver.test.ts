import { CHAIN_ENDS, NONE, ProfileTables, UNNAMED } from '@stallscope/profile';
import type { StackEnd } from '@stallscope/symbols';
import { describe, expect, test } from 'vitest';
import type { RawChain, RawLink } from './sched-records.js';
import { type FrameNames, type KernelTables, StackResolver } from './stack-resolver.js';

const CAUSE = CHAIN_ENDS.indexOf('cause');
const CUT = CHAIN_ENDS.indexOf('cut');

/** Frames that say how a stack of which they are the last has ended. */
const ENDS: ReadonlyMap<string, StackEnd> = new Map([
  ['u7:1000', 'broken'],
  ['u7:20000', 'broken'],
  ['u7:2000', 'truncated'],
  ['u7:3000', 'unknown'],
]);

/** Kernel maps from plain objects; names are the address as text: `k16`, `u7:16`. */
function harness(content: {
  stacks?: Record<number, bigint[]>;
  links?: Record<number, Partial<RawLink>>;
  chains?: Record<number, RawChain>;
}) {
  const reads: string[] = [];
  const generations = new Map<number, number>();
  const kernel: KernelTables = {
    stack: (id) => {
      reads.push(`stack ${id}`);
      const addresses = content.stacks?.[Number(id)];
      return addresses === undefined ? undefined : new BigUint64Array(addresses);
    },
    link: (id) => {
      const link = content.links?.[Number(id)];
      return link === undefined
        ? undefined
        : { userStack: 0n, kernelStack: 0n, tgid: 1, tid: 1, comm: 'waker', isInterrupt: false, ...link };
    },
    chain: (id) => content.chains?.[Number(id)],
  };
  const names: FrameNames = {
    kernelFrame: (address) => ({ name: `k${address}`, module: '', unnamed: 'named', kind: 'native' }),
    userFrame: (tgid, address) => ({
      name: `u${tgid}:${address}`,
      module: 'app',
      unnamed: address >= 10_000n ? 'no-mapping' : 'named',
      kind: 'native',
    }),
    trimMeasuringFrames: (labels) => labels.lastIndexOf('k999') + 1,
    stackEnd: (frames) => ENDS.get(frames.at(-1)!.name) ?? 'whole',
    interruptName: () => 'timer',
    processGeneration: (tgid) => generations.get(tgid) ?? 0,
  };
  const tables = new ProfileTables();
  const resolver = new StackResolver(tables, kernel, names);
  const labels = (stack: number): string[] =>
    tables.framesLeafFirst(stack).map((frame) => tables.frameLabel(frame));
  return { resolver, tables, labels, reads, generations, kernel, names };
}

describe('resolving what the kernel captured', () => {
  test('a kernel stack: leaf first in the map, return addresses stepped back into their call', () => {
    const { resolver, labels } = harness({ stacks: { 5: [16n, 32n, 48n] } });
    expect(labels(resolver.kernelStack(5n))).toEqual(['k16', 'k31', 'k47']);
  });

  test('frames of the measuring itself are trimmed from the leaf', () => {
    const { resolver, labels } = harness({ stacks: { 5: [11n, 1000n, 32n] } });
    expect(labels(resolver.kernelStack(5n))).toEqual(['k31']);
  });

  test('each stack is read once', () => {
    const { resolver, reads } = harness({ stacks: { 5: [16n] } });
    resolver.kernelStack(5n);
    resolver.kernelStack(5n);
    expect(reads).toEqual(['stack 5']);
  });

  test('the same addresses in two processes are two stacks', () => {
    const { resolver, labels } = harness({ stacks: { 5: [16n] } });
    expect(labels(resolver.userStack(7, 5n))).toEqual(['u7:16']);
    expect(labels(resolver.userStack(8, 5n))).toEqual(['u8:16']);
  });

  test('frames that a walk did not come to are stood for at the root, with the reason', () => {
    const { resolver, labels, tables } = harness({
      stacks: { 5: [16n, 1001n], 6: [16n, 2001n], 7: [16n, 3001n], 8: [16n, 10_001n, 17n, 10_001n, 20_001n] },
    });
    // What is no code at its end is no frame either.
    expect(labels(resolver.userStack(7, 8n))).toEqual(['u7:16', 'u7:10000', 'u7:16', '[stack broken]']);
    expect(labels(resolver.userStack(7, 5n))).toEqual(['u7:16', 'u7:1000', '[stack broken]']);
    expect(labels(resolver.userStack(7, 6n))).toEqual(['u7:16', 'u7:2000', '[stack truncated]']);
    expect(labels(resolver.userStack(7, 7n))).toEqual(['u7:16', 'u7:3000']);
    const unnamed = (name: string) =>
      UNNAMED[tables.frameUnnamed[tables.frameName.indexOf(tables.internString(name))]!];
    expect(unnamed('[stack broken]')).toBe('stack-broken');
    expect(unnamed('[stack truncated]')).toBe('stack-truncated');
  });

  test('a process that has exec’d is read again', () => {
    const { resolver, reads, generations } = harness({ stacks: { 5: [16n] } });
    resolver.beginWindow();
    resolver.userStack(7, 5n);
    generations.set(7, 1);
    resolver.beginWindow();
    resolver.userStack(7, 5n);
    expect(reads).toEqual(['stack 5', 'stack 5']);
  });

  test('new tables know the stacks of the old ones that the kernel has lost, until the old ones are forgotten', () => {
    const { resolver, kernel, names } = harness({ stacks: { 5: [16n, 32n], 6: [48n] } });
    resolver.kernelStack(5n);
    resolver.userStack(7, 6n);
    const tables = new ProfileTables();
    const emptied: KernelTables = { ...kernel, stack: () => undefined };
    const next = new StackResolver(tables, emptied, names, resolver);
    const labels = (stack: number): string[] =>
      tables.framesLeafFirst(stack).map((frame) => tables.frameLabel(frame));
    expect(labels(next.kernelStack(5n))).toEqual(['k16', 'k31']);
    expect(labels(next.userStack(7, 6n))).toEqual(['u7:48']);
    expect(next.userStack(8, 6n), 'addresses of another process').toBe(NONE);
    next.forgetPredecessor();
    expect(labels(next.kernelStack(5n)), 'what was carried over stays').toEqual(['k16', 'k31']);
    expect(next.takeLosses()).toEqual({ 'stack-unknown': 1 });
  });

  test('a stack that is not there is none, and counted', () => {
    const { resolver } = harness({});
    expect(resolver.kernelStack(5n)).toBe(NONE);
    expect(resolver.takeLosses()).toEqual({ 'stack-unknown': 1 });
    expect(resolver.takeLosses()).toEqual({});
  });

  test('id 0 is no stack and no loss', () => {
    const { resolver } = harness({});
    expect([resolver.kernelStack(0n), resolver.userStack(1, 0n), resolver.chain(0n)]).toEqual([
      NONE,
      NONE,
      NONE,
    ]);
    expect(resolver.takeLosses()).toEqual({});
  });

  test('a chain becomes nodes that point from the nearest waker to the farthest', () => {
    const { resolver, tables } = harness({
      links: { 1: { tid: 11, comm: 'near' }, 2: { tid: 12, comm: 'far' } },
      chains: { 9: { links: [1n, 2n], end: CAUSE } },
    });
    const near = tables.chains[resolver.chain(9n)]!;
    expect([tables.strings[near.comm], CHAIN_ENDS[near.end]]).toEqual(['near', 'linked']);
    const far = tables.chains[near.parent]!;
    expect([tables.strings[far.comm], CHAIN_ENDS[far.end], far.parent]).toEqual(['far', 'cause', NONE]);
  });

  test('an interrupt is named by what interrupted', () => {
    const { resolver, tables } = harness({
      links: { 1: { isInterrupt: true, tid: 0, tgid: 0, comm: '' } },
      chains: { 9: { links: [1n], end: CUT } },
    });
    const node = tables.chains[resolver.chain(9n)]!;
    expect([tables.strings[node.comm], CHAIN_ENDS[node.end]]).toEqual(['[timer]', 'interrupt']);
  });

  test('a chain with a link that is gone ends before it and says that more is not known', () => {
    const { resolver, tables } = harness({
      links: { 1: { comm: 'near' } },
      chains: { 9: { links: [1n, 2n], end: CAUSE } },
    });
    const near = tables.chains[resolver.chain(9n)]!;
    expect([CHAIN_ENDS[near.end], near.parent]).toEqual(['unsampled', NONE]);
    expect(resolver.takeLosses()).toEqual({ 'chain-unknown': 1 });
  });
});
