import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelSuites } from '@stallscope/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  BatchBuffer,
  BpfError,
  BpfMap,
  BpfObject,
  enableRunTimeStats,
  kernelHasBtf,
  libbpfVersion,
  listMaps,
  listPrograms,
  MAP_TYPES,
  type OpenOptions,
  possibleCpuCount,
  probeBpf,
  probeProgramType,
  probeTracing,
  readIter,
  readIterAsync,
  readMapInfo,
  registeredCallbackCount,
  tracepointArgumentCount,
} from './index.js';
import { TestObjects } from './test-objects.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : `BPF is refused: ${access.cause}`;
});

onKernel('libbpf', () => {
  let objects: TestObjects;
  let capabilities: string;
  const closers: { close(): void }[] = [];

  beforeAll(() => {
    objects = new TestObjects();
    capabilities = objects.compile('capabilities');
  });
  afterEach(() => {
    for (const closer of closers.splice(0).reverse()) closer.close();
  });
  afterAll(() => objects.remove());

  function open(options: OpenOptions = {}): BpfObject {
    const object = BpfObject.open(capabilities, {
      ...options,
      globals: { target_tgid: process.pid, ...options.globals },
    });
    closers.push(object);
    return object;
  }
  function loaded(options: OpenOptions = {}): BpfObject {
    const object = open(options);
    object.load();
    return object;
  }
  function hash(maxEntries: number): BpfMap {
    const map = BpfMap.create({ type: 'hash', name: 'lib_hash', keyBytes: 4, valueBytes: 8, maxEntries });
    closers.push(map);
    return map;
  }
  const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
  const u32s = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.slice().buffer);
  const u64s = (bytes: Uint8Array): number[] => [...new BigUint64Array(bytes.slice().buffer)].map(Number);
  const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);

  describe('an object', () => {
    test('uses a map of another one where it is told to', () => {
      const first = loaded();
      const second = loaded({ reusedMaps: { rows: first.map('rows') } });
      second.map('rows').update(u64(7), u64(70));
      expect(first.map('rows').lookup(u64(7))).toEqual(u64(70));
      first.close();
      expect(second.map('rows').lookup(u64(7))).toEqual(u64(70));
      expect(() => open({ reusedMaps: { row: second.map('rows') } })).toThrow(/find map row/);
    });

    test('lists what it holds', () => {
      const object = open();
      expect(object.programNames).toEqual(['lib_on_switch', 'lib_list_tasks']);
      expect(object.mapNames).toEqual(['events', 'rows', 'per_cpu_rows', 'slots', 'active_rows', 'switches']);
      expect([...object.globalNames].sort()).toEqual(
        [
          'bias',
          'enabled',
          'filter_comm',
          'offset_ns',
          'seen_tau_ns',
          'switch_count',
          'target_tgid',
          'tau_ns',
        ].sort(),
      );
    });

    test('is not there', () => {
      expect(() => BpfObject.open('/no/such.bpf.o')).toThrow(
        /^open \/no\/such\.bpf\.o: ENOENT .*\nhint: .*build the probes first\nlibbpf: elf: failed to open/,
      );
    });

    test('is no BPF object', () => {
      expect(() => BpfObject.open('/proc/self/status')).toThrow(
        /^open \/proc\/self\/status: .*\n(hint: .*\n)?libbpf: /,
      );
    });

    test('refused by the verifier says so in the words of the verifier', () => {
      const object = BpfObject.open(objects.compile('refused'));
      closers.push(object);
      let thrown: unknown;
      try {
        object.load();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(BpfError);
      expect(thrown).toMatchObject({
        operation: 'load',
        code: 'EACCES',
        hint: expect.stringContaining('verifier'),
      });
      expect((thrown as BpfError).log).toContain("invalid mem access 'map_value_or_null'");
      expect((thrown as BpfError).message).toContain("prog 'lib_refused'");
      expect(() => object.load()).toThrow(/its load failed/);
      expect(() => object.map('values')).toThrow(/its load failed/);
    });

    test('names not known are refused with the nearest', () => {
      expect(() => open({ globals: { target_tgit: 1 } })).toThrow(/did you mean target_tgid\?/);
      expect(() => open({ maxEntries: { rowz: 1 } })).toThrow(/did you mean rows\?/);
      expect(() => open({ autoload: { on_switch: false } })).toThrow(/did you mean lib_on_switch\?/);
      const object = loaded();
      expect(() => object.map('slot')).toThrow(/did you mean slots\?/);
      expect(() => object.program('lib_on_swich')).toThrow(/did you mean lib_on_switch\?/);
      expect(() => object.readGlobal('tau')).toThrow(/tau_ns/);
    });

    test('maxEntries and autoload are set before the load', () => {
      const object = loaded({ maxEntries: { rows: 77 }, autoload: { lib_on_switch: false } });
      expect(object.map('rows').maxEntries).toBe(77);
      expect(() => object.program('lib_on_switch').fd).toThrow(/not loaded/);
      expect(object.program('lib_list_tasks').fd).toBeGreaterThan(2);
    });

    test('not loaded yet refuses what needs the kernel', () => {
      const object = open();
      expect(() => object.map('rows')).toThrow(/not loaded yet/);
      expect(() => object.program('lib_on_switch').attach()).toThrow(/not loaded yet/);
      object.load();
      expect(() => object.load()).toThrow(/loaded already/);
    });

    test('closed refuses everything, and closes twice', () => {
      const object = loaded();
      const map = object.map('rows');
      const program = object.program('lib_on_switch');
      const link = program.attach();
      const ring = object.ring('events', () => {});
      object.close();
      object.close();
      for (const use of [
        () => object.map('rows'),
        () => object.program('lib_on_switch'),
        () => object.load(),
        () => object.setGlobals({ tau_ns: 1 }),
        () => object.readGlobal('tau_ns'),
        () => map.lookup(new Uint8Array(8)),
        () => map.lookupBatch(),
        () => program.attach(),
        () => program.fd,
        () => link.fd,
        () => ring.consume(),
        () => object.createInnerMap('active_rows', 'x'),
      ]) {
        expect(use).toThrow(/closed/);
      }
      link.close();
      ring.close();
    });
  });

  describe('global variables', () => {
    test('constants are set before the load and cannot be after it', () => {
      const object = loaded({ globals: { offset_ns: -123, filter_comm: 'node', enabled: false } });
      expect(object.readGlobalInteger('offset_ns')).toBe(-123n);
      expect(Buffer.from(object.readGlobal('filter_comm')).toString()).toBe(`node${'\0'.repeat(12)}`);
      expect(object.readGlobalInteger('enabled')).toBe(0n);
      expect(object.readGlobalInteger('target_tgid')).toBe(BigInt(process.pid));
      expect(() => object.setGlobals({ offset_ns: 1 })).toThrow(/constant/);
      expect(() => object.readGlobalInteger('filter_comm')).toThrow(/no integer/);
    });

    test('initial values of the source are kept, those given take their place', () => {
      expect(loaded().readGlobalInteger('bias')).toBe(-7n);
      expect(loaded({ globals: { bias: 12, tau_ns: 5n } }).readGlobalInteger('bias')).toBe(12n);
    });

    test('a wrong one leaves all as they were', () => {
      const object = loaded();
      expect(() => object.setGlobals({ tau_ns: 4, bias: 2n ** 63n })).toThrow(/outside/);
      expect(object.readGlobalInteger('tau_ns')).toBe(0n);
    });

    test('writing one loses nothing of its neighbour that programs write meanwhile', async () => {
      const object = loaded();
      const ring = object.ring('events', (record) => records.push(u32s(record)[0]!));
      const records: number[] = [];
      const link = object.program('lib_on_switch').attach();
      for (let i = 1; i <= 100; i++) {
        object.setGlobals({ tau_ns: i });
        await sleep(1);
        object.setGlobals({ tau_ns: i });
        ring.consume();
      }
      link.close();
      ring.consume();
      expect(object.readGlobalInteger('seen_tau_ns')).toBeGreaterThan(90n);
      expect(object.readGlobalInteger('tau_ns')).toBe(100n);
      expect(object.readGlobalInteger('switch_count')).toBe(BigInt(records.length));
      // Each of 100 sleeps switches at least once, and the kernel may withhold a few from all programs.
      expect(records.length).toBeGreaterThan(50);
    });
  });

  describe('maps', () => {
    test('single entries', () => {
      const rows = loaded().map('rows');
      const key = u64(7);
      expect(rows.lookup(key)).toBeUndefined();
      rows.update(key, u64(1), 'create');
      expect(() => rows.update(key, u64(2), 'create')).toThrow(/EEXIST/);
      rows.update(key, u64(3), 'replace');
      expect(u64s(rows.lookup(key)!)).toEqual([3]);
      expect(rows.delete(key)).toBe(true);
      expect(rows.delete(key)).toBe(false);
      expect(() => rows.update(key, u64(2), 'replace')).toThrow(/ENOENT/);
      rows.update(key, u64(9));
      expect(u64s(rows.lookupAndDelete(key)!)).toEqual([9]);
      expect(rows.lookupAndDelete(key)).toBeUndefined();
    });

    test('keys and values of the wrong length never reach the kernel', () => {
      const rows = loaded().map('rows');
      expect(() => rows.lookup(3)).toThrow(/key takes 8 bytes, not 4/);
      expect(() => rows.update(u64(1), new Uint8Array(4))).toThrow(/value takes 8 bytes, not 4/);
      expect(() => rows.deleteBatch(new Uint8Array(7))).toThrow(/multiple of 8/);
    });

    test('a full map says so', () => {
      const map = hash(2);
      map.update(1, u64(1));
      map.update(2, u64(2));
      expect(() => map.update(3, u64(3))).toThrow(/E2BIG.*\n.*full/);
    });

    test('a whole map is read, drained, and deleted from in batches', () => {
      const map = hash(20_000);
      const keys = Array.from({ length: 5000 }, (_, i) => i);
      for (const key of keys) map.update(key, u64(key * 2));
      const check = (batch: { count: number; keys: Uint8Array; values: Uint8Array }): void => {
        const byKey = new Map<number, number>();
        const values = u64s(batch.values);
        u32s(batch.keys).forEach((key, i) => {
          byKey.set(key, values[i]!);
        });
        expect(batch.count).toBe(5000);
        expect([...byKey.keys()].sort((a, b) => a - b)).toEqual(keys);
        expect(keys.every((key) => byKey.get(key) === key * 2)).toBe(true);
      };
      check(map.lookupBatch());
      expect(map.deleteBatch(new Uint8Array(Uint32Array.of(1, 2, 99_999, 3).buffer))).toBe(3);
      for (const key of [1, 2, 3]) map.update(key, u64(key * 2));
      const buffer = new BatchBuffer();
      check(map.lookupAndDeleteBatch(buffer));
      expect(map.lookupAndDeleteBatch(buffer).count).toBe(0);
      expect(map.lookupBatch().count).toBe(0);
    });

    test('a map is taken out a piece at a time: each entry once, and never all of them in memory', () => {
      const map = hash(20_000);
      for (let key = 0; key < 5000; key++) map.update(key, u64(key * 2));
      const buffer = new BatchBuffer();
      const seen = new Map<number, number>();
      let pieces = 0;
      const drained = map.drainInPieces((piece) => {
        pieces++;
        const values = u64s(piece.values);
        u32s(piece.keys).forEach((key, i) => {
          seen.set(key, values[i]!);
        });
      }, buffer);
      expect(drained).toBe(5000);
      expect(pieces).toBeGreaterThan(2);
      expect(seen.size).toBe(5000);
      expect([...seen].every(([key, value]) => value === key * 2)).toBe(true);
      expect(buffer.allocatedBytes).toBeLessThan((5000 * 12) / 2);
      expect(map.drainInPieces(() => expect.unreachable())).toBe(0);
    });

    test('a map of another owner is opened by its id', () => {
      const map = hash(64);
      map.update(7, u64(49));
      const id = listMaps().findLast(({ name }) => name === map.name)!.id;
      const other = BpfMap.openById(id);
      closers.push(other);
      expect(other.maxEntries).toBe(64);
      expect(u64s(other.lookup(7)!)).toEqual([49]);
      expect(other.lookupBatch().count).toBe(1);
    });

    test('a bucket larger than the batch makes the batch grow', () => {
      const map = hash(512);
      for (let key = 0; key < 512; key++) map.update(key, u64(key));
      map.batchEntries = 1;
      const batch = map.lookupAndDeleteBatch();
      expect(new Set(u32s(batch.keys)).size).toBe(512);
      // 512 keys do not fall into 512 buckets one each.
      expect(map.batchEntries).toBeGreaterThan(1);
    });

    test('arrays are read whole', () => {
      const slots = loaded().map('slots');
      slots.update(3, u64(33));
      const batch = slots.lookupBatch();
      expect([...u32s(batch.keys)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(u64s(batch.values)).toEqual([0, 0, 0, 33, 0, 0, 0, 0]);
      expect(() => slots.lookupAndDeleteBatch()).toThrow(BpfError);
      expect(slots.lookupBatch().count).toBe(8);
    });

    test('map types without batches are walked', () => {
      const map = BpfMap.create({
        type: 'lpm-trie',
        name: 'lib_trie',
        keyBytes: 8,
        valueBytes: 8,
        maxEntries: 16,
        flags: 1,
      });
      closers.push(map);
      const key = (last: number): Uint8Array => Uint8Array.of(32, 0, 0, 0, 10, 0, 0, last);
      for (let i = 0; i < 10; i++) map.update(key(i), u64(i));
      expect(u64s(map.lookupBatch().values).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(map.lookupAndDeleteBatch().count).toBe(10);
      expect(map.lookupBatch().count).toBe(0);
    });

    test('per-CPU values have a slot a CPU', () => {
      const map = loaded().map('per_cpu_rows');
      expect(map.valueBytes).toBe(12);
      expect(map.userValueBytes).toBe(16 * possibleCpuCount());
      const value = new Uint8Array(map.userValueBytes);
      for (let cpu = 0; cpu < possibleCpuCount(); cpu++) value.fill(cpu + 1, cpu * 16, cpu * 16 + 12);
      map.update(5, value);
      expect(map.lookup(5)).toEqual(value);
      const batch = map.lookupAndDeleteBatch();
      expect(batch).toMatchObject({ count: 1, values: value });
    });

    test('a map made here outlives no use after its close', () => {
      const map = hash(1);
      map.close();
      map.close();
      expect(() => map.lookup(1)).toThrow(/closed/);
      expect(() =>
        BpfMap.create({ type: 'hash', name: 'a name', keyBytes: 4, valueBytes: 4, maxEntries: 1 }),
      ).toThrow(/letters, digits/);
    });
  });

  describe('programs', () => {
    test('swapping inner maps loses no update: rows of all windows add up to the total', async () => {
      const object = loaded();
      const active = object.map('active_rows');
      const inner = ['lib_rows_a', 'lib_rows_b'].map((name) => object.createInnerMap('active_rows', name));
      closers.push(...inner);
      expect(inner[0]).toMatchObject({ type: MAP_TYPES.hash, keyBytes: 4, valueBytes: 8, maxEntries: 256 });
      active.update(0, inner[0]!);
      const link = object.program('lib_on_switch').attach();
      let drained = 0;
      for (let window = 0; window < 20; window++) {
        for (let i = 0; i < 5; i++) await sleep(1);
        await active.updateAsync(0, inner[(window + 1) % 2]!);
        drained += total(u64s(inner[window % 2]!.lookupAndDeleteBatch().values));
      }
      link.close();
      await active.updateAsync(0, inner[0]!);
      for (const map of inner) drained += total(u64s(map.lookupAndDeleteBatch().values));
      expect(drained).toBeGreaterThan(100);
      expect(BigInt(drained)).toBe(object.readGlobalInteger('switch_count'));
    });

    test('an update on a worker thread goes on while its object closes', async () => {
      const object = loaded();
      const inner = object.createInnerMap('active_rows', 'lib_rows');
      const updates = Array.from({ length: 4 }, () => object.map('active_rows').updateAsync(0, inner));
      object.close();
      inner.close();
      await expect(Promise.all(updates)).resolves.toHaveLength(4);
    });

    test('an update on a worker thread reports what the kernel refused', async () => {
      const map = hash(1);
      await expect(map.updateAsync(1, u64(1), 'replace')).rejects.toThrow(/update map lib_hash: ENOENT/);
      expect(() => map.updateAsync(1, new Uint8Array(3))).toThrow(/takes 8 bytes/);
    });

    test('tells its counters', async () => {
      const object = loaded();
      const stats = enableRunTimeStats();
      closers.push(stats);
      const program = object.program('lib_on_switch');
      program.attach();
      for (let i = 0; i < 20; i++) await sleep(1);
      const info = program.info();
      stats.close();
      expect(info).toMatchObject({
        name: 'lib_on_switch',
        type: 26,
        tag: expect.stringMatching(/^[0-9a-f]{16}$/),
      });
      expect(info.runCount).toBeGreaterThan(20);
      expect(info.runTimeNs).toBeGreaterThan(info.runCount);
      expect(listPrograms()).toContainEqual(expect.objectContaining({ id: info.id, name: 'lib_on_switch' }));
      expect(listMaps()).toContainEqual(expect.objectContaining({ name: 'per_cpu_rows', valueBytes: 12 }));
    });

    test('an iterator that does not attach as one says why', () => {
      const object = loaded();
      expect(() => object.program('lib_on_switch').attachIter()).toThrow(/^attach program lib_on_switch: E/);
    });
  });

  describe('iterators', () => {
    function ownThreads(bytes: Uint8Array): number[] {
      const ids = u32s(bytes);
      const tids: number[] = [];
      for (let i = 0; i < ids.length; i += 2) if (ids[i] === process.pid) tids.push(ids[i + 1]!);
      return tids.sort((a, b) => a - b);
    }
    const ownTids = (): number[] =>
      readdirSync('/proc/self/task')
        .map(Number)
        .sort((a, b) => a - b);

    test('one pass lists every thread', () => {
      const link = loaded().program('lib_list_tasks').attachIter();
      const output = readIter(link);
      expect(output.truncated).toBe(false);
      expect(ownThreads(output.bytes)).toEqual(ownTids());
      // A second pass begins anew.
      expect(ownThreads(readIter(link).bytes)).toEqual(ownTids());
    });

    test('the same from a worker thread, its link closed meanwhile', async () => {
      const link = loaded().program('lib_list_tasks').attachIter();
      const pending = readIterAsync(link);
      link.close();
      expect(ownThreads((await pending).bytes)).toEqual(ownTids());
      expect(() => readIter(link)).toThrow(/closed/);
    });

    test('is bounded', async () => {
      const link = loaded().program('lib_list_tasks').attachIter();
      expect(readIter(link, { maxBytes: 20 })).toMatchObject({ truncated: true, bytes: { length: 20 } });
      expect(await readIterAsync(link, { maxBytes: 8 })).toMatchObject({
        truncated: true,
        bytes: { length: 8 },
      });
    });
  });

  describe('rings', () => {
    test('deliver every record once, in order, as copies', async () => {
      const object = loaded();
      const records: Uint8Array[] = [];
      const ring = object.ring('events', (record) => records.push(record));
      const link = object.program('lib_on_switch').attach();
      for (let i = 0; i < 50; i++) await sleep(1);
      link.close();
      let consumed = ring.consume();
      consumed += ring.consume();
      expect(consumed).toBe(records.length);
      expect(BigInt(consumed)).toBe(object.readGlobalInteger('switch_count'));
      expect(records.every((record) => record.length === 16 && u32s(record)[1] === process.pid)).toBe(true);
      const sequences = records.map((record) => u64s(record)[1]!);
      expect(new Set(records.map((record) => record.buffer)).size).toBe(records.length);
      // Two CPUs may read the counter in either order, never a lower one than all before minus the CPUs.
      expect(Math.max(...sequences)).toBe(records.length);
    });

    test('poll waits no longer than told', () => {
      const object = loaded();
      const ring = object.ring('events', () => {});
      expect(ring.poll(1)).toBe(0);
      expect(ring.epollFd).toBeGreaterThan(2);
    });

    test('an exception in the handler comes out of consume, and the ring goes on', async () => {
      const object = loaded();
      let throwing = true;
      let delivered = 0;
      const ring = object.ring('events', () => {
        if (throwing) throw new Error('from the handler');
        delivered++;
      });
      const link = object.program('lib_on_switch').attach();
      while (object.readGlobalInteger('switch_count') < 5n) await sleep(1);
      expect(() => ring.consume()).toThrow('from the handler');
      expect(ring.undeliveredCount).toBeGreaterThanOrEqual(4);
      throwing = false;
      while (delivered === 0) {
        await sleep(1);
        ring.consume();
      }
      link.close();
    });

    test('closing everything from inside the handler is safe', async () => {
      const callbacks = registeredCallbackCount();
      const object = loaded();
      let delivered = 0;
      const ring = object.ring('events', () => {
        delivered++;
        expect(() => ring.consume()).toThrow(/inside its own handler/);
        object.close();
      });
      object.program('lib_on_switch').attach();
      while (object.readGlobalInteger('switch_count') < 3n) await sleep(1);
      ring.consume();
      expect(delivered).toBe(1);
      expect(ring.undeliveredCount).toBeGreaterThanOrEqual(2);
      expect(registeredCallbackCount()).toBe(callbacks);
    });

    test('a map that is no ring is refused', () => {
      const object = loaded();
      expect(() => object.ring('rows', () => {})).toThrow(
        /^open ring rows: EINVAL.*is not BPF_MAP_TYPE_RINGBUF/s,
      );
    });
  });

  test('the kernel is asked what it can do', () => {
    expect(libbpfVersion()).toMatch(/^1\.\d+/);
    expect(kernelHasBtf()).toBe(true);
    expect(probeBpf()).toEqual({ ok: true });
    expect(probeProgramType('tracepoint')).toBe(true);
    expect(probeTracing('tp_btf', 'sched_switch')).toEqual({ ok: true });
    expect(probeTracing('iter', 'task')).toEqual({ ok: true });
    expect(probeTracing('tp_btf', 'no_such_tracepoint')).toMatchObject({
      ok: false,
      cause: expect.stringContaining('btf_trace_no_such_tracepoint'),
    });
    // Whether fentry works differs by kernel; either way the answer is whole.
    const fentry = probeTracing('fentry', 'vfs_read');
    expect(fentry.ok || (fentry.cause !== '' && fentry.hint !== '')).toBe(true);
    expect([3, 4]).toContain(tracepointArgumentCount('sched_switch'));
    expect(tracepointArgumentCount('sched_waking')).toBe(1);
    expect(tracepointArgumentCount('no_such_tracepoint')).toBeUndefined();
  });

  describe('a thousand lives', () => {
    /** Freed by the kernel after grace periods, so later than the close. */
    const GONE_WITHIN_MS = 20_000;
    /** Of every life; the kernel gives each id once until it runs out of them. */
    const ownPrograms = new Set<number>();
    const ownMaps = new Set<number>();
    const ownLeft = (): string[] => [
      ...listPrograms()
        .filter(({ id }) => ownPrograms.has(id))
        .map(({ name }) => name),
      ...listMaps()
        .filter(({ id }) => ownMaps.has(id))
        .map(({ name }) => name),
    ];
    const fds = (): string[] => readdirSync('/proc/self/fd').sort();
    const rssBytes = (): number =>
      1024 * Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
    const mappings = (): number =>
      readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .filter((line) => line.includes('bpf')).length;

    function oneLife(): void {
      const object = BpfObject.open(capabilities, { globals: { target_tgid: process.pid } });
      object.load();
      object.program('lib_on_switch').attach();
      const link = object.program('lib_list_tasks').attachIter();
      readIter(link);
      object.ring('events', () => {}).consume();
      object.setGlobals({ tau_ns: 1 });
      object.readGlobalInteger('target_tgid');
      const inner = object.createInnerMap('active_rows', 'lib_leak');
      object.map('active_rows').update(0, inner);
      for (const name of object.programNames) ownPrograms.add(object.program(name).info().id);
      for (const map of [inner, ...object.mapNames.map((name) => object.map(name))]) {
        ownMaps.add(readMapInfo(map.fd).id);
      }
      inner.close();
      object.close();
    }

    test('leave nothing: descriptors, memory, programs, maps, callbacks', { timeout: 600_000 }, async () => {
      for (let i = 0; i < 50; i++) oneLife();
      const before = { fds: fds(), callbacks: registeredCallbackCount(), mappings: mappings() };
      const rssBefore = rssBytes();
      for (let i = 0; i < 1000; i++) oneLife();
      expect({ fds: fds(), callbacks: registeredCallbackCount(), mappings: mappings() }).toEqual(before);
      // A leak of one page a life would be 4 MB, of one ring's pages 130 MB; the collector's own slack is some 20 MB.
      expect(rssBytes() - rssBefore).toBeLessThan(48e6);
      const end = Date.now() + GONE_WITHIN_MS;
      expect([ownPrograms.size, ownMaps.size]).toEqual([2 * 1050, 7 * 1050]);
      while (ownLeft().length > 0 && Date.now() < end) await sleep(50);
      expect(ownLeft()).toEqual([]);
    });

    test('that fail leave nothing either', async () => {
      const refused = objects.compile('refused');
      const before = { fds: fds(), callbacks: registeredCallbackCount() };
      for (let i = 0; i < 50; i++) {
        expect(() => BpfObject.open(capabilities, { globals: { nothing: 1 } })).toThrow(BpfError);
        const object = BpfObject.open(refused);
        expect(() => object.load()).toThrow(BpfError);
        object.close();
      }
      expect({ fds: fds(), callbacks: registeredCallbackCount() }).toEqual(before);
    });
  });
});
