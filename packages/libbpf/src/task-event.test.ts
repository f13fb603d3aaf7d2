import { describe, expect, it } from 'vitest';
import { decodeTaskEvents, type TaskEvent } from './task-event.js';

function record(type: number, misc: number, fields: (bytes: Buffer) => number, timeNs = 7n): Buffer {
  const bytes = Buffer.alloc(512);
  const end = fields(bytes);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt16LE(misc, 4);
  bytes.writeUInt16LE(end + 8, 6);
  bytes.writeBigUInt64LE(timeNs, end);
  return bytes.subarray(0, end + 8);
}

function map(path: string, prot = 5): Buffer {
  return record(10, 2, (b) => {
    b.writeUInt32LE(41, 8);
    b.writeUInt32LE(42, 12);
    b.writeBigUInt64LE(0x7f00_0000_1000n, 16);
    b.writeBigUInt64LE(0x2000n, 24);
    b.writeBigUInt64LE(0x26000n, 32);
    b.writeUInt32LE(0xfe, 40);
    b.writeUInt32LE(0, 44);
    b.writeBigUInt64LE(338944n, 48);
    b.writeUInt32LE(prot, 64);
    return 72 + Math.ceil((b.write(path, 72) + 1) / 8) * 8;
  });
}

function decoded(...records: Buffer[]): TaskEvent[] {
  const events: TaskEvent[] = [];
  decodeTaskEvents(Buffer.concat(records), (event) => events.push(event));
  return events;
}

describe('records of processes', () => {
  it('a mapping of code is told as /proc/PID/maps would', () => {
    expect(decoded(map('/usr/lib/libc.so.6'))).toEqual([
      {
        type: 'map',
        timeNs: 7,
        tgid: 41,
        start: 0x7f00_0000_1000,
        end: 0x7f00_0000_3000,
        fileOffset: 0x26000,
        device: 'fe:00',
        inode: 338944n,
        path: '/usr/lib/libc.so.6',
      },
    ]);
  });

  it('a mapping of data is passed over', () => {
    expect(decoded(map('/data', 3))).toEqual([]);
  });

  it('a rename is told from an exec', () => {
    const comm = (misc: number): Buffer =>
      record(3, misc, (b) => {
        b.writeUInt32LE(41, 8);
        b.writeUInt32LE(42, 12);
        return 16 + 8 * Math.ceil((b.write('cc1', 16) + 1) / 8);
      });
    expect(decoded(comm(1 << 13), comm(0))).toMatchObject([
      { type: 'comm', tgid: 41, tid: 42, comm: 'cc1', isExec: true },
      { type: 'comm', isExec: false },
    ]);
  });

  it('what the kernel tells besides is passed over, and what follows is read', () => {
    const ksymbol = record(17, 0, () => 40);
    const lost = record(2, 0, (b) => {
      b.writeBigUInt64LE(9n, 16);
      return 24;
    });
    expect(decoded(ksymbol, lost)).toEqual([{ type: 'lost', timeNs: 7, count: 9 }]);
  });

  it.each([
    ['a size of nothing', Buffer.from([10, 0, 0, 0, 0, 0, 0, 0])],
    ['more than there is', map('/x').subarray(0, 40)],
    ['a mapping without its fields', record(10, 0, () => 24)],
  ])('%s is an error and no endless loop', (_what, bytes) => {
    expect(() => decoded(bytes)).toThrow(RangeError);
  });
});
