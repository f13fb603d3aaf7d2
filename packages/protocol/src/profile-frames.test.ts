/** Dictionaries and windows together, as they travel: round trips, lies, and bytes by chance. */
import { emptyWindow, NONE, ProfileTables, type ProfileWindow, toProcesses } from '@stallscope/profile';
import { checkSeeds, type Random, randomWindow } from '@stallscope/profile/fixtures';
import { describe, expect, it, vi } from 'vitest';
import { ByteWriter, toUtf8 } from './bytes.js';
import { DictionaryReader, DictionaryWriter } from './dictionary-codec.js';
import { encodeReset, readFrameHeader, startFrame } from './frame-header.js';
import { MAX_CHAIN_DEPTH, MAX_FRAME_BYTES, MAX_STACK_DEPTH, MAX_STRING_BYTES } from './limits.js';
import { FRAME_TYPES, PROTOCOL_VERSION } from './protocol.js';
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.js';
import { decodeWindow, encodeWindow } from './window-codec.js';

// Megabytes and hundreds of seeds; a busy machine takes its time, and nothing here depends on how much.
vi.setConfig({ testTimeout: 60_000 });

function allDeltas(writer: DictionaryWriter): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let delta = writer.delta(); delta !== undefined; delta = writer.delta()) frames.push(delta);
  return frames;
}

function codeOf(run: () => unknown): ProtocolErrorCode | 'no error' {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    expect(error.closeCode).toBeGreaterThanOrEqual(4000);
    expect(error.message.length).toBeLessThanOrEqual(123);
    return error.code;
  }
  return 'no error';
}

/** A delta by hand: the sections' numbers as they are given, absent ones empty. */
function deltaOf(
  sections: Partial<Record<'strings' | 'frames' | 'stacks' | 'chains', readonly (number | string)[]>>,
): Uint8Array {
  const writer = startFrame(FRAME_TYPES.dictionaryDelta, 0);
  const starts = { strings: 1, frames: 0, stacks: 0, chains: 0 };
  for (const name of ['strings', 'frames', 'stacks', 'chains'] as const) {
    for (const part of sections[name] ?? [starts[name], 0]) {
      if (typeof part === 'string') writer.text(toUtf8(part), name);
      else writer.varint(part, name);
    }
  }
  return writer.finish();
}

function readerWith(...deltas: Uint8Array[]): DictionaryReader {
  const reader = new DictionaryReader();
  for (const delta of deltas) reader.apply(delta);
  return reader;
}

describe('round trip', () => {
  it('gives random windows back exactly, over deltas and resets', () => {
    checkSeeds(300, (random) => {
      let tables = new ProfileTables();
      let writer = new DictionaryWriter(tables, 7);
      const reader = new DictionaryReader();
      for (let n = 0; n < 4; n++) {
        if (random.chance(0.2)) {
          tables = new ProfileTables();
          writer = new DictionaryWriter(tables, 7);
          reader.apply(encodeReset(7));
        }
        const window = randomWindow(random, tables, { sequence: n });
        for (const delta of allDeltas(writer)) reader.apply(delta);
        const frame = encodeWindow(window, 7);
        expect(readFrameHeader(frame)).toEqual({ type: FRAME_TYPES.window, stream: 7 });
        expect(decodeWindow(frame, reader.tables)).toEqual(window);
        expect(reader.tables.strings).toEqual(tables.strings);
        expect(reader.tables.frameName).toEqual(tables.frameName);
        expect(reader.tables.frameModule).toEqual(tables.frameModule);
        expect(reader.tables.frameSpace).toEqual(tables.frameSpace);
        expect(reader.tables.frameUnnamed).toEqual(tables.frameUnnamed);
        expect(reader.tables.frameKind).toEqual(tables.frameKind);
        expect(reader.tables.stackPrefix).toEqual(tables.stackPrefix);
        expect(reader.tables.stackFrame).toEqual(tables.stackFrame);
        expect(reader.tables.chains).toEqual(tables.chains);
      }
    });
  });

  it('carries the largest numbers', () => {
    const window = emptyWindow({
      sequence: Number.MAX_SAFE_INTEGER,
      startMs: 1_700_000_000_000.123,
      endMs: 1_700_000_000_000.125,
      losses: { 'hub-dropped': Number.MAX_SAFE_INTEGER, 'browser-skipped': 0 },
    });
    window.histograms = {
      tgid: [0xffff_ffff, 0],
      kind: [2, 0],
      bucket: [39, 0],
      count: [Number.MAX_SAFE_INTEGER, 0],
    };
    expect(decodeWindow(encodeWindow(window, 65_535), new ProfileTables())).toEqual(window);
  });

  it('splits a long dictionary into frames that are well under the maximum', () => {
    const tables = new ProfileTables();
    for (let n = 0; n < 60_000; n++) {
      const name = tables.internString(`a_function_with_a_longer_name_${n}`);
      const frame = tables.internFrame({ name, module: 0, space: 0, unnamed: 0 });
      const stack = tables.internStack(n % 100 === 0 ? NONE : tables.stackCount - 1, frame);
      tables.internChain({
        tgid: n,
        tid: n,
        comm: name,
        userStack: stack,
        kernelStack: NONE,
        parent: NONE,
        end: 1,
      });
    }
    const frames = allDeltas(new DictionaryWriter(tables));
    expect(frames.length).toBeGreaterThan(3);
    expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThan(MAX_FRAME_BYTES / 8);
    const reader = readerWith(...frames);
    expect(reader.tables.stackPrefix).toEqual(tables.stackPrefix);
    expect(reader.tables.chains).toEqual(tables.chains);
  });

  it('cuts names that are too long and mends those that are not text, and keeps them apart', () => {
    const tables = new ProfileTables();
    for (const end of ['a', 'b']) tables.internString(`${'é'.repeat(MAX_STRING_BYTES)}${end}`);
    tables.internString('\ud800');
    tables.internString('\ufffd');
    const { strings } = readerWith(...allDeltas(new DictionaryWriter(tables))).tables;
    expect(strings).toHaveLength(5);
    expect(strings[1]).toMatch(/^é{1024}… #1$/);
    expect(strings[2]).toMatch(/… #2$/);
  });
});

describe('windows that break their contract are not written', () => {
  const broken: [string, (window: ProfileWindow) => void, ProtocolErrorCode][] = [
    ['columns of different lengths', (w) => w.threads.tid.push(1), 'bad-value'],
    ['NaN', (w) => Object.assign(w, { startMs: Number.NaN }), 'bad-number'],
    ['a count above 2^53', (w) => Object.assign(w, { agentCpuNs: 2 ** 53 }), 'bad-number'],
    ['a code outside its vocabulary', (w) => pushHistogram(w, { kind: 3 }), 'bad-value'],
    ['a negative count', (w) => pushHistogram(w, { count: -1 }), 'bad-number'],
    ['an id that is no number', (w) => pushHistogram(w, { tgid: Number.NaN }), 'bad-number'],
  ];
  it.each(broken)('%s', (_, breakIt, code) => {
    const window = emptyWindow();
    breakIt(window);
    expect(codeOf(() => encodeWindow(window, 0))).toBe(code);
  });
});

function pushHistogram(window: ProfileWindow, values: Partial<Record<string, number>>): void {
  const entry = { tgid: 1, kind: 0, bucket: 0, count: 1, ...values };
  window.histograms.tgid.push(entry.tgid);
  window.histograms.kind.push(entry.kind);
  window.histograms.bucket.push(entry.bucket);
  window.histograms.count.push(entry.count);
}

describe('lies are refused', () => {
  const names = { strings: [1, 1, 'main'] };
  const oneFrame = { ...names, frames: [0, 1, 2, 0, 0] };
  const apply = (...deltas: Uint8Array[]): ProtocolErrorCode | 'no error' =>
    codeOf(() => readerWith(...deltas));

  it('accepts the same without the lie', () => {
    expect(apply(deltaOf({ ...oneFrame, stacks: [0, 2, 0, 1, 0, 0], chains: [0, 0] }))).toBe('no error');
  });

  const lies: [string, Uint8Array, ProtocolErrorCode][] = [
    ['a dictionary that starts too late', deltaOf({ strings: [2, 0] }), 'bad-reference'],
    ['a dictionary that starts too early', deltaOf({ strings: [0, 0] }), 'bad-reference'],
    ['a string that is there twice', deltaOf({ strings: [1, 2, 'x', 'x'] }), 'bad-value'],
    ['more strings than bytes', deltaOf({ strings: [1, 1_000_000] }), 'truncated'],
    ['more strings than allowed', deltaOf({ strings: [1, 2 ** 40] }), 'oversized'],
    ['a string that is too long', deltaOf({ strings: [1, 1, MAX_STRING_BYTES + 1] }), 'oversized'],
    ['a frame whose name was never sent', deltaOf({ ...names, frames: [0, 1, 4, 0, 0] }), 'bad-reference'],
    ['a frame with a name below zero', deltaOf({ ...names, frames: [0, 1, 1, 0, 0] }), 'bad-reference'],
    ['a frame in no space', deltaOf({ ...names, frames: [0, 1, 2, 0, 127] }), 'bad-value'],
    ['a stack whose frame was never sent', deltaOf({ ...oneFrame, stacks: [0, 1, 0, 1] }), 'bad-reference'],
    [
      'a stack whose caller is before the first',
      deltaOf({ ...oneFrame, stacks: [0, 1, 1, 0] }),
      'bad-reference',
    ],
    ['a stack that is there twice', deltaOf({ ...oneFrame, stacks: [0, 2, 0, 0, 0, 0] }), 'bad-value'],
    ['a chain in a stack never sent', deltaOf({ chains: [0, 1, 0, 0, 0, 1, 0, 0, 0] }), 'bad-reference'],
    ['a chain that is its own waker', deltaOf({ chains: [0, 1, 0, 0, 0, 0, 0, 1, 0] }), 'bad-reference'],
    ['a chain end that is none', deltaOf({ chains: [0, 1, 0, 0, 0, 0, 0, 0, 99] }), 'bad-value'],
    ['a tid below zero', deltaOf({ chains: [0, 1, 1, 0, 0, 0, 0, 0, 0] }), 'bad-reference'],
    ['more after the end', deltaOf({ chains: [0, 0, 0] }), 'trailing-bytes'],
    ['a window in place of a dictionary', encodeWindow(emptyWindow(), 0), 'bad-frame'],
    ['a reset with a body', Uint8Array.of(...encodeReset(0), 0), 'trailing-bytes'],
    ['another version', Uint8Array.of(PROTOCOL_VERSION + 1, 1, 0), 'version-mismatch'],
    ['an older version', Uint8Array.of(PROTOCOL_VERSION - 1, 1, 0), 'version-mismatch'],
    ['an unknown type', Uint8Array.of(PROTOCOL_VERSION, 9, 0), 'bad-frame'],
    ['a stream above the highest', Uint8Array.of(PROTOCOL_VERSION, 1, 0xff, 0xff, 0x7f), 'oversized'],
    ['nothing', new Uint8Array(0), 'truncated'],
    ['a frame that is too long', new Uint8Array(MAX_FRAME_BYTES + 1).fill(1), 'oversized'],
  ];
  it.each(lies)('%s', (_, delta, code) => {
    expect(apply(delta)).toBe(code);
  });

  it('a stack that is too deep', () => {
    const tables = new ProfileTables();
    const frame = tables.internFrame({ name: 0, module: 0, space: 0, unnamed: 0 });
    const writer = new DictionaryWriter(tables);
    tables.internFrames(new Array(MAX_STACK_DEPTH).fill(frame));
    const deepest = allDeltas(writer);
    tables.internFrames(new Array(MAX_STACK_DEPTH + 1).fill(frame));
    expect(apply(...deepest)).toBe('no error');
    expect(apply(...deepest, ...allDeltas(writer))).toBe('oversized');
  });

  it('a chain that is too deep', () => {
    const tables = new ProfileTables();
    let parent = NONE;
    for (let n = 0; n <= MAX_CHAIN_DEPTH; n++) {
      parent = tables.internChain({
        tgid: 1,
        tid: 1,
        comm: 0,
        userStack: NONE,
        kernelStack: NONE,
        parent,
        end: 0,
      });
    }
    expect(apply(...allDeltas(new DictionaryWriter(tables)))).toBe('oversized');
  });

  it('a dictionary that outgrows its bound', () => {
    const tables = new ProfileTables();
    for (let n = 0; n < 2000; n++) tables.internString(`${n}${'x'.repeat(1000)}`);
    const reader = new DictionaryReader(1024 * 1024);
    expect(
      codeOf(() => {
        for (const delta of allDeltas(new DictionaryWriter(tables))) reader.apply(delta);
      }),
    ).toBe('dictionary-full');
  });

  it('a window that names what was never sent', () => {
    const tables = new ProfileTables();
    const window = emptyWindow({ processes: toProcesses([{ tgid: 1, name: tables.internString('a') }]) });
    expect(codeOf(() => decodeWindow(encodeWindow(window, 0), new ProfileTables()))).toBe('bad-reference');
    expect(codeOf(() => decodeWindow(encodeWindow(window, 0), tables))).toBe('no error');
  });

  it('a window that ends before it starts, or at no time', () => {
    const decode = (startMs: number, endMs: number): ProtocolErrorCode | 'no error' =>
      codeOf(() => decodeWindow(encodeWindow(emptyWindow({ startMs, endMs }), 0), new ProfileTables()));
    expect(decode(2, 1)).toBe('bad-value');
    expect(decode(-1, 1)).toBe('bad-number');
    expect(decode(1, 1e300)).toBe('bad-number');
  });

  it('a window with more rows than bytes, before memory is taken for them', () => {
    const frame = encodeWindow(emptyWindow(), 0);
    const writer = new ByteWriter();
    // The last bytes are the count of rows, the forms of its two columns of reals, and four more counts.
    writer.raw(frame.subarray(0, frame.length - 7));
    writer.varint(100_000, 'rows');
    writer.raw(frame.subarray(frame.length - 6));
    expect(codeOf(() => decodeWindow(writer.finish(), new ProfileTables()))).toBe('truncated');
  });
});

describe('bytes by chance', () => {
  /** What a peer could send: whole conversations, damaged. */
  function damage(random: Random, frame: Uint8Array): Uint8Array {
    const damaged = frame.slice();
    switch (random.integer(0, 3)) {
      case 0:
        return damaged.subarray(0, random.integer(0, damaged.length));
      case 1: {
        for (let n = random.integer(1, 8); n > 0; n--) {
          damaged[random.integer(0, damaged.length - 1)] = random.integer(0, 255);
        }
        return damaged;
      }
      case 2: {
        const from = random.integer(0, damaged.length - 1);
        damaged.copyWithin(random.integer(0, damaged.length - 1), from, from + random.integer(1, 64));
        return damaged;
      }
      default: {
        const longer = new Uint8Array(damaged.length + 9);
        longer.set(damaged);
        longer.fill(random.integer(0, 255), random.integer(3, longer.length - 1));
        return longer;
      }
    }
  }

  function expectValid(window: ProfileWindow, tables: ProfileTables): void {
    // Written again only if lengths, codes and numbers are as the contract says.
    encodeWindow(window, 0);
    for (const stack of [...window.rows.userStack, ...window.rows.kernelStack]) {
      expect(tables.framesLeafFirst(stack).length).toBeLessThanOrEqual(MAX_STACK_DEPTH);
    }
    for (const chain of window.rows.chain) expect(chain < tables.chains.length).toBe(true);
    for (const comm of window.rows.comm) expect(tables.strings[comm]).toBeTypeOf('string');
  }

  it('either decodes to what is valid or is refused, within the size of what was sent', () => {
    let decoded = 0;
    let refused = 0;
    checkSeeds(1500, (random) => {
      const tables = new ProfileTables();
      const writer = new DictionaryWriter(tables);
      const reader = new DictionaryReader();
      try {
        for (let n = 0; n < 3; n++) {
          const window = randomWindow(random, tables, { maxRows: 12 });
          for (const delta of allDeltas(writer))
            reader.apply(random.chance(0.3) ? damage(random, delta) : delta);
          const frame = encodeWindow(window, 0);
          const sent = random.chance(0.5) ? damage(random, frame) : frame;
          const received = decodeWindow(sent, reader.tables);
          expectValid(received, reader.tables);
          expect(received.rows.tgid.length * 14).toBeLessThanOrEqual(sent.length);
          decoded += 1;
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        refused += 1;
      }
    });
    // The damage must be neither harmless nor always fatal, or nothing was tried.
    expect(decoded).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  it('noise is refused', () => {
    checkSeeds(2000, (random) => {
      const noise = Uint8Array.from({ length: random.integer(0, 200) }, () => random.integer(0, 255));
      if (random.chance(0.8)) noise.set([1, random.integer(1, 3), 0].slice(0, noise.length));
      codeOf(() => new DictionaryReader().apply(noise));
      codeOf(() => decodeWindow(noise, new ProfileTables()));
    });
  });
});
