import { describe, expect, it } from 'vitest';
import { physicalEnd, physicalMask } from './direct-map.js';

const ZONEINFO = `Node 0, zone      DMA
  pages free     3840
        spanned  4095
        present  3998
  start_pfn:           1
Node 0, zone   Normal
        spanned  5505024
  start_pfn:           1048576
Node 1, zone  Movable
        spanned  0
  start_pfn:           0
`;

describe('what is known of the machine’s memory', () => {
  it('ends where the last zone that has pages does', () => {
    expect(physicalEnd(ZONEINFO)).toBe(BigInt(1048576 + 5505024) * 4096n);
    expect(physicalEnd('')).toBe(0n);
  });

  it('has addresses of as many bits as the processor says', () => {
    expect(physicalMask('model name\t: x\naddress sizes\t: 48 bits physical, 48 bits virtual\n')).toBe(
      0xffff_ffff_f000n,
    );
    expect(physicalMask('')).toBe(0xf_ffff_ffff_f000n);
  });
});
