/**
 * Owns the one error that this package throws for what the kernel, libbpf or a caller's name refused.
 * Invariant: `message` alone is enough to act on; `log` holds what libbpf and the verifier said, bounded.
 *
 *     load probes/sched.bpf.o: EACCES (permission denied)
 *     hint: the kernel's verifier refused a program; the log below says which and why
 *     libbpf: prog 'on_switch': BPF program load failed: Permission denied
 *     …
 */
import {
  describeErrno,
  E2BIG,
  EACCES,
  EBUSY,
  EINVAL,
  ENOENT,
  ENOMEM,
  ENOSPC,
  ENOTSUPP,
  EOPNOTSUPP,
  EPERM,
  ESRCH,
} from './errno.js';

export interface BpfErrorFacts {
  /** What was being done, an infinitive: `load`, `attach`, `look up`. */
  operation: string;
  /** What it was done to: a path, a program, a map. */
  subject: string;
  /** Why it failed, in words. */
  cause: string;
  /** What the reader can do about it; '' when there is nothing to add. */
  hint?: string;
  /** What libbpf printed meanwhile. */
  log?: string;
  /** Positive errno; 0 when no system call failed. */
  errno?: number;
}

export class BpfError extends Error {
  readonly operation: string;
  readonly subject: string;
  override readonly cause: string;
  readonly hint: string;
  readonly log: string;
  readonly errno: number;
  /** `EPERM`, …; '' when no system call failed. */
  readonly code: string;

  constructor(facts: BpfErrorFacts) {
    const { operation, subject, cause, hint = '', log = '', errno = 0 } = facts;
    const lines = [`${operation} ${subject}: ${cause}`];
    if (hint !== '') lines.push(`hint: ${hint}`);
    if (log !== '') lines.push(log.trimEnd());
    super(lines.join('\n'));
    this.name = 'BpfError';
    this.operation = operation;
    this.subject = subject;
    this.cause = cause;
    this.hint = hint;
    this.log = log;
    this.errno = errno;
    this.code = errno === 0 ? '' : describeErrno(errno).name;
  }
}

/** For a call that returned a negative errno, or set it; `errno` may have either sign. */
export function bpfErrorOfErrno(operation: string, subject: string, errno: number, log = ''): BpfError {
  const { name, text, errno: positive } = describeErrno(errno);
  return new BpfError({
    operation,
    subject,
    cause: `${name} (${text})`,
    hint: hintOf(operation, positive, log),
    log,
    errno: positive,
  });
}

/** Returns `result` when it is no error: what most of libbpf's functions return is ≥ 0 or -errno. */
export function assertSucceeded(operation: string, subject: string, result: number): number {
  if (result < 0) throw bpfErrorOfErrno(operation, subject, result);
  return result;
}

const VERIFIER_LOG = /BEGIN PROG LOAD LOG|processed \d+ insns/;

function hintOf(operation: string, errno: number, log: string): string {
  if (operation === 'load' && VERIFIER_LOG.test(log)) {
    return "the kernel's verifier refused a program; the log says which and why";
  }
  switch (errno) {
    case EPERM:
    case EACCES:
      return (
        'loading BPF needs root, or CAP_BPF and CAP_PERFMON (CAP_SYS_ADMIN before Linux 5.8); in a container they must be ' +
        'granted to it, and kernel lockdown must allow it'
      );
    case ENOENT:
      return operation === 'open' ? 'the object file is not there: build the probes first' : '';
    case ESRCH:
      return 'this kernel lacks the hook or type that a program names; /sys/kernel/btf/vmlinux lists what there is';
    case EINVAL:
      return operation === 'load'
        ? 'this kernel may lack a feature that the object uses; the log says more'
        : '';
    case EOPNOTSUPP:
    case ENOTSUPP:
      return 'this kernel cannot do that with this kind of map or program';
    case ENOMEM:
      return 'memory for BPF maps is refused: smaller maps, a higher memory limit of the cgroup, or RLIMIT_MEMLOCK before Linux 5.11';
    case E2BIG:
      return operation === 'update' ? 'the map is full: raise its max_entries' : '';
    case ENOSPC:
      return operation === 'update' ? 'the map is full: raise its max_entries' : '';
    case EBUSY:
      return 'another holder has it; end the other tracer first';
    default:
      return '';
  }
}
