/**
 * Owns finding the debug file of a stripped program, in the file system that the program sees first, then in this one's:
 *
 *     by build id       /usr/lib/debug/.build-id/ab/cdef….debug      its own build id must be the same
 *     by .gnu_debuglink DIR/NAME, DIR/.debug/NAME, /usr/lib/debug/DIR/NAME     its CRC-32 must be the one that is noted
 *
 * Only symbols are read of it here; lines and inlined functions are read elsewhere, and only when somebody asks.
 */
import { crc32 } from 'node:zlib';
import { FileBytes } from './byte-source.js';
import { ElfReader, SHT_NOBITS } from './elf-reader.js';
import { isRefusal } from './file-refusal.js';

/** Where the program is, for what lies beside it. */
export interface DebugPlace {
  /** As the process sees it. */
  path: string;
  /** Where the file system begins in which the process sees it; '' for this process's own. */
  root: string;
}

export interface DebugFile {
  /** As it can be opened here. */
  path: string;
  /** Open; whoever asked closes it. */
  reader: ElfReader;
}

const DEBUG_FOLDER = '/usr/lib/debug';
/** A name and four bytes of CRC. */
const MAX_LINK_BYTES = 4_096;
/** A check reads the whole file, at about 1 GB/s; where a build id names the file none is needed. */
const MAX_CHECKED_BYTES = 256 * 1024 * 1024;
const CRC_CHUNK_BYTES = 1024 * 1024;
/** Of SHA-1 and MD5; the shortest in use has eight bytes. */
const BUILD_ID = /^[0-9a-f]{2}[0-9a-f]{6,126}$/;

/** undefined when there is none that is certainly of this program. */
export function findDebugFile(program: ElfReader, place: DebugPlace): DebugFile | undefined {
  const looks = debugFileLooks(program, place.path);
  for (const root of place.root === '' ? [''] : [place.root, '']) {
    for (const { path, isRight } of looks) {
      const found = openDebugFile(`${root}${path}`, isRight);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Paths at which its debug file would be found, best first, as the program sees them; none for one without build id and link. */
export function debugFilePaths(program: ElfReader, programPath: string): string[] {
  return debugFileLooks(program, programPath).map(({ path }) => path);
}

interface DebugFileLook {
  path: string;
  isRight: (reader: ElfReader) => boolean;
}

function debugFileLooks(program: ElfReader, programPath: string): DebugFileLook[] {
  const looks: DebugFileLook[] = [];
  const buildId = program.buildId();
  if (BUILD_ID.test(buildId)) {
    looks.push({
      path: `${DEBUG_FOLDER}/.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`,
      isRight: (reader) => reader.buildIdOfSections() === buildId,
    });
  }
  const link = readDebugLink(program);
  if (link === undefined) return looks;
  const folder = programPath.slice(0, programPath.lastIndexOf('/'));
  for (const beside of [folder, `${folder}/.debug`, `${DEBUG_FOLDER}${folder}`])
    looks.push({ path: `${beside}/${link.name}`, isRight: (reader) => hasCrc(reader, link.crc) });
  return looks;
}

/** A name, zeros up to four bytes, the CRC. */
function readDebugLink(program: ElfReader): { name: string; crc: number } | undefined {
  const section = program.sectionsNamed(['.gnu_debuglink'])['.gnu_debuglink'];
  if (section === undefined || section.type === SHT_NOBITS) return undefined;
  const bytes = program.contents(section, MAX_LINK_BYTES, '.gnu_debuglink');
  const end = bytes.indexOf(0);
  const crcAt = 4 * Math.ceil((end + 1) / 4);
  if (end <= 0 || crcAt + 4 > bytes.length) return undefined;
  const name = bytes.toString('utf8', 0, end);
  // A path would lead anywhere.
  return name.includes('/') || name === '..' ? undefined : { name, crc: bytes.readUInt32LE(crcAt) };
}

function openDebugFile(path: string, isRight: (reader: ElfReader) => boolean): DebugFile | undefined {
  let source: FileBytes;
  try {
    source = new FileBytes(path);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
  try {
    const reader = new ElfReader(source);
    if (isRight(reader)) return { path, reader };
  } catch (error) {
    // What lies there is no debug file, whatever it is.
    if (!isRefusal(error)) {
      source.close();
      throw error;
    }
  }
  source.close();
  return undefined;
}

function hasCrc(reader: ElfReader, expected: number): boolean {
  const { source } = reader;
  if (source.sizeBytes > MAX_CHECKED_BYTES) return false;
  let crc = 0;
  for (let at = 0; at < source.sizeBytes; at += CRC_CHUNK_BYTES)
    crc = crc32(source.read(at, Math.min(CRC_CHUNK_BYTES, source.sizeBytes - at)), crc);
  return crc === expected;
}
