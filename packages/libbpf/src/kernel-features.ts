/** Owns the questions that `doctor` and the probes ask of the kernel before they load anything. Each answers, none throws for a no. */
import { closeSync, existsSync, readFileSync } from 'node:fs';
import { assertSucceeded, BpfError } from './bpf-error.js';
import { BpfMap } from './bpf-map.js';
import { Btf } from './btf.js';
import { captureLog } from './log-capture.js';
import { native } from './native.js';

const VMLINUX_BTF = '/sys/kernel/btf/vmlinux';

/** enum bpf_prog_type, those that the project uses or may use; for programs that attach by BTF see `probeTracing`. */
export const PROGRAM_TYPES = {
  kprobe: 2,
  tracepoint: 5,
  'perf-event': 7,
  'raw-tracepoint': 17,
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

export type TracingHook = 'tp_btf' | 'iter' | 'fentry';

/** enum bpf_attach_type, and how the kernel's BTF names what such a program attaches to. */
const TRACING_HOOKS: Record<TracingHook, { attachType: number; btfName: (name: string) => string }> = {
  tp_btf: { attachType: 23, btfName: (name) => `btf_trace_${name}` },
  fentry: { attachType: 24, btfName: (name) => name },
  iter: { attachType: 28, btfName: (name) => `bpf_iter_${name}` },
};
const BPF_PROG_TYPE_TRACING = 26;
/** `r0 = 0; exit`: a program that does nothing. */
const DO_NOTHING = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0);
const INSTRUCTION_BYTES = 8;
const PROG_LOAD_OPTS = { bytes: 104, expectedAttachTypeAt: 12, attachBtfIdAt: 32 };

/**
 * Whether a program that attaches by BTF can be loaded and attached there: loads one that does nothing, attaches it for an
 * instant (an iterator is only loaded), closes it. libbpf's own probe of the program type is wrong on some kernels.
 */
export function probeTracing(hook: TracingHook, name: string): BpfAccess {
  const { attachType, btfName } = TRACING_HOOKS[hook];
  const open: number[] = [];
  try {
    const btf = readKernelBtf();
    const wanted = btfName(name);
    const id = hook === 'tp_btf' ? btf.typedefId(wanted) : btf.functionId(wanted);
    if (id === undefined) {
      const hint = `this kernel has no ${hook} hook of that name`;
      return { ok: false, cause: `${wanted} is not in the kernel's BTF`, hint };
    }
    const opts = Buffer.alloc(PROG_LOAD_OPTS.bytes);
    opts.writeBigUInt64LE(BigInt(PROG_LOAD_OPTS.bytes), 0);
    opts.writeUInt32LE(attachType, PROG_LOAD_OPTS.expectedAttachTypeAt);
    opts.writeUInt32LE(id, PROG_LOAD_OPTS.attachBtfIdAt);
    const { libbpf } = native();
    const count = DO_NOTHING.length / INSTRUCTION_BYTES;
    const subject = `a ${hook}/${name} program`;
    const load = (): number =>
      libbpf.bpf_prog_load(BPF_PROG_TYPE_TRACING, 'probe', 'GPL', DO_NOTHING, count, opts);
    open.push(assertSucceeded('load', subject, load()));
    if (hook !== 'iter') {
      open.push(assertSucceeded('attach', subject, libbpf.bpf_raw_tracepoint_open(null, open[0]!)));
    }
    return { ok: true };
  } catch (error) {
    const refusal = refusalOf(error);
    return hook === 'fentry'
      ? { ...refusal, hint: 'this kernel refuses fentry; tracepoints serve instead' }
      : refusal;
  } finally {
    for (const fd of open.reverse()) closeSync(fd);
  }
}

/** Whether this process may use BPF at all: makes one small map and closes it. */
export function probeBpf(): BpfAccess {
  try {
    BpfMap.create({ type: 'array', name: 'probe', keyBytes: 4, valueBytes: 4, maxEntries: 1 }).close();
    return { ok: true };
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Extract<BpfAccess, { ok: false }> {
  if (!(error instanceof BpfError)) throw error;
  return { ok: false, cause: `${error.operation}: ${error.cause}`, hint: error.hint };
}
