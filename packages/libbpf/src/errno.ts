/**
 * Owns the names and words of error numbers as BPF calls return them: errno, the kernel's internal 524, libbpf's 4000s.
 * Pure: nothing here calls into libbpf.
 *
 *     describeErrno(13)   → { errno: 13, name: 'EACCES', text: 'permission denied' }
 *     describeErrno(524)  → { errno: 524, name: 'ENOTSUPP', text: 'operation not supported by this kernel' }
 */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

export interface ErrnoDescription {
  /** Positive. */
  errno: number;
  name: string;
  text: string;
}

/** Not in any C library header: the kernel lets it out of bpf(2) all the same. */
export const ENOTSUPP = 524;

export const {
  EAGAIN,
  EEXIST,
  EINTR,
  EINVAL,
  ENODEV,
  ENOENT,
  ENOSPC,
  EPERM,
  EACCES,
  E2BIG,
  ENOMEM,
  ESRCH,
  EBUSY,
  EOPNOTSUPP,
  ENOSYS,
} = constants.errno;

/** enum libbpf_errno, from 4000. */
const LIBBPF_ERRNO_START = 4000;
const LIBBPF_ERRORS = [
  ['LIBBPF_ERRNO__LIBELF', 'libelf failed'],
  ['LIBBPF_ERRNO__FORMAT', 'the BPF object format is not valid'],
  ['LIBBPF_ERRNO__KVERSION', "the 'version' section is not valid or missing"],
  ['LIBBPF_ERRNO__ENDIAN', 'the object has the other byte order'],
  ['LIBBPF_ERRNO__INTERNAL', 'internal error in libbpf'],
  ['LIBBPF_ERRNO__RELOC', 'relocation failed'],
  ['LIBBPF_ERRNO__LOAD', 'the program failed to load for an unknown reason'],
  ['LIBBPF_ERRNO__VERIFY', 'the kernel verifier refused the program'],
  ['LIBBPF_ERRNO__PROG2BIG', 'the program is too big'],
  ['LIBBPF_ERRNO__KVER', 'the object is for another kernel version'],
  ['LIBBPF_ERRNO__PROGTYPE', 'the kernel does not know this program type'],
  ['LIBBPF_ERRNO__WRNGPID', 'wrong pid in a netlink message'],
  ['LIBBPF_ERRNO__INVSEQ', 'invalid netlink sequence'],
  ['LIBBPF_ERRNO__NLPARSE', 'netlink parsing failed'],
] as const;

/** Some numbers have two names; the one that readers know comes first here. */
const PREFERRED_NAMES = new Map([
  [EAGAIN, 'EAGAIN'],
  [EOPNOTSUPP, 'EOPNOTSUPP'],
]);

const NAMES = new Map<number, string>();
for (const [name, errno] of Object.entries(constants.errno)) {
  if (!NAMES.has(errno)) NAMES.set(errno, PREFERRED_NAMES.get(errno) ?? name);
}

/** `errno` may have either sign. */
export function describeErrno(errno: number): ErrnoDescription {
  const positive = Math.abs(errno);
  if (positive === ENOTSUPP) {
    return { errno: positive, name: 'ENOTSUPP', text: 'operation not supported by this kernel' };
  }
  const libbpf = LIBBPF_ERRORS[positive - LIBBPF_ERRNO_START];
  if (libbpf !== undefined) return { errno: positive, name: libbpf[0], text: libbpf[1] };
  const text = getSystemErrorMap().get(-positive)?.[1] ?? `error ${positive}`;
  return { errno: positive, name: NAMES.get(positive) ?? `errno ${positive}`, text };
}
