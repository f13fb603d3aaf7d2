/** Owns the questions that `doctor` and the probes ask of the kernel before they load anything. Each answers, none throws for a no. */
import { existsSync, readFileSync } from 'node:fs';
import { BpfError } from './bpf-error.js';
import { BpfMap } from './bpf-map.js';
import { Btf } from './btf.js';
import { describeErrno } from './errno.js';
import { captureLog } from './log-capture.js';
import { native } from './native.js';

const VMLINUX_BTF = '/sys/kernel/btf/vmlinux';

/** enum bpf_prog_type, those that the project uses or may use. */
export const PROGRAM_TYPES = {
  kprobe: 2,
  tracepoint: 5,
  'perf-event': 7,
  'raw-tracepoint': 17,
  /** tp_btf, fentry and iter. */
  tracing: 26,
} as const;
export type ProgramType = keyof typeof PROGRAM_TYPES;

/** `1.1`; @throws BpfError when libbpf is not there. */
export function libbpfVersion(): string {
  return native().libbpf.libbpf_version_string().replace(/^v/, '');
}

export function kernelHasBtf(): boolean {
  return existsSync(VMLINUX_BTF);
}

let kernelBtf: Btf | undefined;

/** The kernel's type table, read once (about 5 MB). @throws when the kernel has none. */
export function readKernelBtf(): Btf {
  if (kernelBtf === undefined) {
    if (!kernelHasBtf()) {
      throw new BpfError({
        operation: 'read',
        subject: VMLINUX_BTF,
        cause: 'the kernel was built without BTF',
        hint: 'a kernel with CONFIG_DEBUG_INFO_BTF=y is needed: those of Debian 11, Ubuntu 20.10 and later have it',
      });
    }
    kernelBtf = new Btf(readFileSync(VMLINUX_BTF));
  }
  return kernelBtf;
}

/**
 * How many arguments a tp_btf program at tracepoint `name` has on this kernel: sched_switch has three, and since Linux 5.18
 * a fourth, prev_state. undefined when there is no such tracepoint.
 */
export function tracepointArgumentCount(name: string): number | undefined {
  const parameters = readKernelBtf().functionTypedefParameters(`btf_trace_${name}`);
  // The first is `void *__data`, which programs do not see.
  return parameters === undefined ? undefined : parameters - 1;
}

/** True when the kernel loads programs of this type; false as well where it refuses BPF altogether: see `probeBpf`. */
export function probeProgramType(type: ProgramType): boolean {
  return captureLog(() => native().libbpf.libbpf_probe_bpf_prog_type(PROGRAM_TYPES[type], null)).result === 1;
}

export type BpfAccess = { ok: true } | { ok: false; cause: string; hint: string };

/** Whether this process may use BPF at all: makes one small map and closes it. */
export function probeBpf(): BpfAccess {
  try {
    BpfMap.create({ type: 'array', name: 'probe', keyBytes: 4, valueBytes: 4, maxEntries: 1 }).close();
    return { ok: true };
  } catch (error) {
    if (!(error instanceof BpfError)) throw error;
    return {
      ok: false,
      cause: error.errno === 0 ? error.cause : describeErrno(error.errno).name,
      hint: error.hint,
    };
  }
}
