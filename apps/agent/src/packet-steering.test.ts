import { expect, test } from 'vitest';
import { type PacketFiles, PacketSteering, toHandedOver } from './packet-steering.js';

/** Two CPUs, as Linux 6.18 prints them; the tenth column is what the second was handed. */
function softnetStat(handedOver: number): string {
  const column = handedOver.toString(16).padStart(8, '0');
  const zeros = '00000000 '.repeat(8);
  return `0004b1e7 ${zeros}00000000 00000000 00000000 00000000 00000000 00000000\n0005c2f8 ${zeros}${column} 00000000 00000000 00000001 00000000 00000000\n`;
}

function host(masks: string[]): { files: PacketFiles; handOver(count: number): void } {
  let handedOver = 7;
  return {
    files: { softnetStat: () => softnetStat(handedOver), rpsMasks: () => masks },
    handOver(count) {
      handedOver += count;
    },
  };
}

test('the count is that of all CPUs, and none where the kernel says nothing', () => {
  expect(toHandedOver(softnetStat(0x1f))).toBe(0x1f);
  expect(toHandedOver('')).toBe(0);
  expect(toHandedOver('00000001 00000002\n')).toBe(0);
});

test('a queue that is set so is a sign from the start, and stays one', () => {
  const { files } = host(['00000000,00000000\n', '00000000,0000000c\n']);
  const steering = new PacketSteering(files, 0);
  expect(steering.isSteered).toBe(true);
  expect(steering.look(1e9)).toBe(false);
  expect(steering.isSteered).toBe(true);
});

test('packets handed over before do not count, later ones do, for a minute after the last', () => {
  const { files, handOver } = host(['0\n', '00\n']);
  const steering = new PacketSteering(files, 0);
  expect(steering.isSteered).toBe(false);
  expect(steering.look(1_000)).toBe(false);
  handOver(1);
  expect(steering.look(2_000)).toBe(true);
  expect(steering.isSteered).toBe(true);
  handOver(3);
  expect(steering.look(50_000)).toBe(false);
  expect(steering.look(109_999)).toBe(false);
  expect(steering.look(110_000)).toBe(true);
  expect(steering.isSteered).toBe(false);
});
