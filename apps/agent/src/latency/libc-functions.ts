/**
 * Owns where functions of a C library begin in its file. The file is a container's, and may be anything: it is read whole,
 * within a bound, by the reader that trusts no ELF file.
 */
import { ElfFile, FileBytes, MemoryBytes, SymbolError } from '@stallscope/symbols';

/** glibc with all its symbols has 20 MiB. */
const MAX_LIBC_BYTES = 64 << 20;

/**
 * @returns offset in the file by name, of those that it has
 * @throws SymbolError when it is no ELF file of this machine's width, or too large; the file system's error when it cannot be read
 */
export function readFunctionOffsets(path: string, names: readonly string[]): Map<string, number> {
  const file = new FileBytes(path);
  try {
    if (file.sizeBytes > MAX_LIBC_BYTES) {
      throw new SymbolError({
        operation: 'read',
        subject: path,
        cause: `${file.sizeBytes} bytes are more than a C library has (${MAX_LIBC_BYTES})`,
      });
    }
    const bytes = file.read(0, file.sizeBytes);
    const elf = ElfFile.read(new MemoryBytes(path, bytes));
    const offsets = new Map<string, number>();
    for (const { name, vaddr } of elf.functionsNamedAt(placesOf(bytes, names))) {
      const segment = elf.segments.find((each) => vaddr >= each.vaddr && vaddr < each.vaddr + each.fileBytes);
      if (segment !== undefined) offsets.set(name, segment.fileOffset + vaddr - segment.vaddr);
    }
    return offsets;
  } finally {
    file.close();
  }
}

/** Where in the file each name stands, also as the end of a longer one: linkers keep both as one. */
function placesOf(bytes: Buffer, names: readonly string[]): Map<number, string> {
  const places = new Map<number, string>();
  for (const name of names) {
    const text = Buffer.from(`${name}\0`);
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.set(at, name);
  }
  return places;
}
