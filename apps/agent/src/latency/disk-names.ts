/** Owns what a disk is called by its number, as the kernel's block devices say: 254:0 → `vda`. */
import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Of a number as the kernel keeps it (`dev_t` inside it). */
const MINOR_BITS = 20;

/**
 * @param device major << 20 | minor; 0: none
 * @returns `major:minor` where the disk has gone, '' where there is none
 */
export function diskName(device: number, folder = '/sys/dev/block'): string {
  if (device === 0) return '';
  const number = `${device >>> MINOR_BITS}:${device & ((1 << MINOR_BITS) - 1)}`;
  try {
    return basename(readlinkSync(`${folder}/${number}`));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES') return number;
    throw error;
  }
}
