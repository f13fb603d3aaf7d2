/**
 * Owns what the reader of debug information may do: read the files that everybody may read, and answer. It has no capability
 * (those that were given as ambient ones, or by its file, among them), may gain none, start no process, write no file, and
 * take so much time and memory; where it is root it becomes nobody first, and where that is refused it does not read at all.
 */
import { loadLibc } from './dwarf-library.js';

/** Of <sys/resource.h>, the same on x86-64 and AArch64. */
const LIMITS: readonly (readonly [resource: number, value: bigint])[] = [
  // Seconds of CPU: a browser's debug file takes two or three.
  [0 /* RLIMIT_CPU */, 20n],
  // Nothing is written but the answer, which goes to a pipe.
  [1 /* RLIMIT_FSIZE */, 0n],
  // Bytes; the tables of a browser's debug file take some hundred million. The file itself is mapped, and no part of it.
  [2 /* RLIMIT_DATA */, 2n * 1024n * 1024n * 1024n],
  [4 /* RLIMIT_CORE */, 0n],
  // Of nobody's: the threads that it has go on.
  [6 /* RLIMIT_NPROC */, 0n],
];
const PR_SET_NO_NEW_PRIVS = 38;
/** linux/capability.h: 64-bit sets, of the calling thread. */
const CAPABILITY_VERSION_3 = 0x2008_0522;

/** @throws Error that says what was refused */
export function giveUpRights(uid: number | undefined): void {
  if (uid !== undefined) becomeUser(uid);
  const libc = loadLibc();
  // Before capabilities go: those of the bounding set could be had again by starting a program.
  if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0)
    throw new Error('the kernel has no no_new_privs');
  // Effective, permitted and inheritable, twice 32 bits each; ambient ones go with those.
  if (libc.capset(Uint32Array.of(CAPABILITY_VERSION_3, 0), new Uint32Array(6)) !== 0)
    throw new Error('its capabilities cannot be given up');
  for (const [resource, value] of LIMITS) {
    if (libc.setrlimit(resource, BigUint64Array.of(value, value)) !== 0)
      throw new Error('its use of memory and time cannot be limited');
  }
}

function becomeUser(uid: number): void {
  try {
    process.setgroups!([]);
    process.setgid!(uid);
    process.setuid!(uid);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Error(`root may not become nobody here (${code}): the agent lacks CAP_SETUID and CAP_SETGID`);
  }
}
