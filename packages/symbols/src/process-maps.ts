/**
 * Owns /proc/PID/maps: which file, if any, an address of a process comes from.
 *
 *     7f94259c6000-7f9425b1b000 r-xp 00026000 fe:00 338944  /usr/lib/x86_64-linux-gnu/libc.so.6
 *     start        end          perm offset   dev   inode   path
 *
 * Only what can be executed is kept: a large process has a thousand mappings, fifty of them code, and an address that is in
 * none of those is no frame.
 *
 * User addresses are below 2^57, so most are exact numbers and all that user code runs at on x86-64 and arm64 with the usual
 * page tables; mappings beyond 2^53 (vsyscall among them) are left out.
 */
export interface Mapping {
  start: number;
  end: number;
  fileOffset: number;
  /** `fe:00`. */
  device: string;
  /** 0 when no file is behind it. */
  inode: bigint;
  /** Without ` (deleted)`; '' for anonymous memory, `[heap]`, `[stack]`, `[vdso]`, … */
  path: string;
  /** Its file has no name any more. */
  isDeleted: boolean;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) [r-][w-]x[ps] ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/;
const DELETED = ' (deleted)';
/** Mappings of code kept of one process: a browser has a hundred, a JVM some hundreds; beyond it addresses have no name. */
const MAX_MAPPINGS = 16_384;

export class ProcessMaps {
  /** By address; they never overlap. */
  readonly mappings: readonly Mapping[];

  /** @param source the text of maps, or mappings of code that do not overlap, by address */
  constructor(source: string | readonly Mapping[]) {
    this.mappings = typeof source === 'string' ? readMappings(source) : source.slice(0, MAX_MAPPINGS);
  }

  /** These, with what was mapped since: of code that lies where other code lay, the newer is there. */
  with(newer: readonly Mapping[]): ProcessMaps {
    let mappings = [...this.mappings];
    for (const mapping of newer) mappings = laidOver(mappings, mapping);
    return new ProcessMaps(mappings);
  }

  find(address: number): Mapping | undefined {
    const { mappings } = this;
    let low = 0;
    let high = mappings.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (mappings[middle]!.start <= address) low = middle + 1;
      else high = middle;
    }
    const mapping = mappings[low - 1];
    return mapping !== undefined && address < mapping.end ? mapping : undefined;
  }
}

function readMappings(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split('\n')) {
    const mapping = readMapping(line);
    if (mapping !== undefined && mappings.length < MAX_MAPPINGS) mappings.push(mapping);
  }
  return mappings.sort((a, b) => a.start - b.start);
}

function laidOver(mappings: readonly Mapping[], newer: Mapping): Mapping[] {
  const kept: Mapping[] = [];
  let isPlaced = false;
  for (const mapping of mappings) {
    if (!isPlaced && mapping.start >= newer.start) {
      kept.push(newer);
      isPlaced = true;
    }
    if (mapping.end <= newer.start || mapping.start >= newer.end) {
      kept.push(mapping);
      continue;
    }
    if (mapping.start < newer.start) kept.push({ ...mapping, end: newer.start });
    if (mapping.end > newer.end) {
      if (!isPlaced) kept.push(newer);
      isPlaced = true;
      const cut = newer.end - mapping.start;
      kept.push({ ...mapping, start: newer.end, fileOffset: mapping.fileOffset + cut });
    }
  }
  if (!isPlaced) kept.push(newer);
  return kept;
}

function readMapping(line: string): Mapping | undefined {
  const match = LINE.exec(line);
  if (match === null) return undefined;
  const [, start, end, offset, device, inode, rawPath] = match as unknown as [string, ...string[]];
  const mapping = {
    start: Number.parseInt(start!, 16),
    end: Number.parseInt(end!, 16),
    fileOffset: Number.parseInt(offset!, 16),
    device: device!,
    inode: BigInt(inode!),
  };
  if (mapping.end > Number.MAX_SAFE_INTEGER || mapping.end <= mapping.start) return undefined;
  // A file may be named so; then the inode is what tells, when it is opened.
  const isDeleted = rawPath!.endsWith(DELETED);
  const path = detached(unescaped(isDeleted ? rawPath!.slice(0, -DELETED.length) : rawPath!));
  return { ...mapping, path, isDeleted };
}

/** The kernel writes a newline in a path as \012. */
function unescaped(path: string): string {
  return path.replaceAll('\\012', '\n');
}

/** A copy: V8 keeps a part of a text as a view of it, and would hold the whole of maps for each path. */
function detached(part: string): string {
  return Buffer.from(part, 'utf8').toString('utf8');
}
