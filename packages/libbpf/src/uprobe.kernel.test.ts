import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { kernelSuites, readBpfDescriptors } from '@stallscope/testing';
import koffi from 'koffi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BpfError, BpfObject, listPrograms, probeBpf } from './index.js';
import { TestObjects } from './test-objects.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : `BPF is refused: ${access.cause}`;
});

/** A function of libc that nothing in this process calls by itself. */
const FUNCTION = 'ffs';

onKernel('a uprobe', () => {
  let objects: TestObjects;
  let path: string;
  let fileOffset: number;
  let object: BpfObject;
  const ffs = koffi.load('libc.so.6').func('int ffs(int)');

  beforeAll(() => {
    objects = new TestObjects();
    object = BpfObject.open(objects.compile('uprobes'), { globals: { target_tgid: process.pid } });
    object.load();
    path = /(\/\S*libc\.so\.6)$/m.exec(readFileSync('/proc/self/maps', 'utf8'))![1]!;
    // libc's segments of code lie in the file where they lie in memory.
    const line = execFileSync('nm', ['-D', '--defined-only', path], { encoding: 'utf8' })
      .split('\n')
      .find((each) => each.split(' ')[2]?.split('@')[0] === FUNCTION)!;
    fileOffset = Number.parseInt(line.split(' ')[0]!, 16);
  });
  afterEach(() => {
    for (let slot = 0; slot < 4; slot++) object.map('calls').update(slot, new Uint8Array(8));
  });
  afterAll(() => {
    object.close();
    objects.remove();
  });

  const calls = (slot: number): number =>
    Number(Buffer.from(object.map('calls').lookup(slot)!).readBigUInt64LE());

  test('sees every call and every return, each with its cookie, until its link is closed', () => {
    const call = object
      .program('lib_on_call')
      .attachUprobe({ path, fileOffset, isReturn: false, cookie: 1n });
    const back = object
      .program('lib_on_return')
      .attachUprobe({ path, fileOffset, isReturn: true, cookie: 2n });
    for (let i = 0; i < 7; i++) expect(ffs(0b1000)).toBe(4);
    expect([calls(1), calls(2)]).toEqual([7, 7]);
    back.close();
    ffs(1);
    expect([calls(1), calls(2)]).toEqual([8, 7]);
    call.close();
    ffs(1);
    expect([calls(1), calls(2)]).toEqual([8, 7]);
  });

  test('by a link of its own kind sees the same, with its cookie, until it is closed', async () => {
    const other = BpfObject.open(objects.compile('uprobes'), { globals: { target_tgid: process.pid } });
    other.setUprobesByLink(['lib_on_call', 'lib_on_return']);
    other.load();
    const counted = (slot: number): number =>
      Number(Buffer.from(other.map('calls').lookup(slot)!).readBigUInt64LE());
    const call = other.program('lib_on_call').attachUprobe({ path, fileOffset, isReturn: false, cookie: 1n });
    const back = other
      .program('lib_on_return')
      .attachUprobe({ path, fileOffset, isReturn: true, cookie: 2n });
    for (let i = 0; i < 7; i++) expect(ffs(0b1000)).toBe(4);
    expect([counted(1), counted(2)]).toEqual([7, 7]);
    await back.closeAsync();
    ffs(1);
    expect([counted(1), counted(2)]).toEqual([8, 7]);
    call.close();
    ffs(1);
    expect([counted(1), counted(2)]).toEqual([8, 7]);
    expect(() =>
      other.program('lib_on_call').attachUprobe({ path: '/no/such/file', fileOffset, isReturn: false }),
    ).toThrow(/\/no\/such\/file/);
    other.close();
  });

  test('of one program is set in several places at once', () => {
    const program = object.program('lib_on_call');
    const links = [0n, 3n].map((cookie) =>
      program.attachUprobe({ path, fileOffset, isReturn: false, cookie }),
    );
    ffs(2);
    expect([calls(0), calls(3)]).toEqual([1, 1]);
    for (const link of links) link.close();
  });

  test('is taken away without waiting for it, also when its object closes meanwhile', async () => {
    const other = BpfObject.open(objects.compile('uprobes'), { globals: { target_tgid: process.pid } });
    other.load();
    const links = [0n, 1n, 2n].map((cookie) =>
      other.program('lib_on_return').attachUprobe({ path, fileOffset, isReturn: true, cookie }),
    );
    const closed = links.map((link) => link.closeAsync());
    expect(links.every(({ isClosed }) => isClosed)).toBe(true);
    const { id } = other.program('lib_on_return').info();
    other.close();
    await Promise.all(closed);
    await links[0]!.closeAsync();
    expect(readBpfDescriptors(process.pid).programIds).not.toContain(id);
    await expect.poll(() => listPrograms().map((each) => each.id)).not.toContain(id);
  });

  test('says which file it could not be set in', () => {
    const program = object.program('lib_on_call');
    const attach = (wrong: string): unknown =>
      program.attachUprobe({ path: wrong, fileOffset, isReturn: false });
    expect(() => attach('/no/such/libc.so')).toThrow(BpfError);
    expect(() => attach('/no/such/libc.so')).toThrow(
      /attach program lib_on_call at \/no\/such\/libc\.so\+0x/,
    );
    expect(() => attach('/proc/self/status')).toThrow(BpfError);
  });
});
