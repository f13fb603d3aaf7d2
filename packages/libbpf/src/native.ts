/**
 * Owns the one door to C: libbpf.so.1 and the few functions of libc that go with it, loaded on first use, so that importing
 * this package never needs libbpf.
 * Invariant: no other file of this room imports koffi. libbpf's printer is off except inside `captureLog`.
 *
 * Memory: a Uint8Array given for a pointer is used in place and only for the length of the call; pointers that C keeps
 * are bigint addresses of memory that C owns.
 */
import koffi, { type LibraryHandle } from 'koffi';
import { BpfError } from './bpf-error.js';

export type Pointer = bigint;
type Memory = Pointer | Uint8Array | Uint32Array | BigUint64Array | null;

/** Called with the result once a call on a worker thread has ended. */
type AsyncDone<T> = (error: Error | null, result: T) => void;

interface Libbpf {
  libbpf_set_print(printer: Pointer | null): void;
  libbpf_version_string(): string;
  libbpf_num_possible_cpus(): number;
  libbpf_probe_bpf_prog_type(type: number, opts: null): number;

  bpf_object__open_file(path: string, opts: null): Pointer | null;
  bpf_object__load(object: Pointer): number;
  bpf_object__close(object: Pointer): void;
  bpf_object__btf(object: Pointer): Pointer | null;
  bpf_object__next_program(object: Pointer, previous: Pointer | null): Pointer | null;
  bpf_object__next_map(object: Pointer, previous: Pointer | null): Pointer | null;
  bpf_object__find_map_by_name(object: Pointer, name: string): Pointer | null;

  bpf_program__name(program: Pointer): string;
  bpf_program__fd(program: Pointer): number;
  bpf_program__autoload(program: Pointer): boolean;
  bpf_program__set_autoload(program: Pointer, autoload: boolean): number;
  bpf_program__set_expected_attach_type(program: Pointer, type: number): number;
  bpf_program__attach(program: Pointer): Pointer | null;
  bpf_program__attach_iter(program: Pointer, opts: null): Pointer | null;
  bpf_program__attach_perf_event(program: Pointer, perfEventFd: number): Pointer | null;
  bpf_program__attach_uprobe_opts(
    program: Pointer,
    tgid: number,
    path: string,
    fileOffset: number,
    opts: Uint8Array,
  ): Pointer | null;

  bpf_link__fd(link: Pointer): number;
  bpf_link__destroy: {
    (link: Pointer): number;
    async(link: Pointer, done: AsyncDone<number>): void;
  };

  bpf_map__name(map: Pointer): string;
  bpf_map__fd(map: Pointer): number;
  bpf_map__type(map: Pointer): number;
  bpf_map__key_size(map: Pointer): number;
  bpf_map__value_size(map: Pointer): number;
  bpf_map__max_entries(map: Pointer): number;
  bpf_map__set_max_entries(map: Pointer, maxEntries: number): number;
  bpf_map__map_flags(map: Pointer): number;
  bpf_map__initial_value(map: Pointer, sizeBytes: BigUint64Array): Pointer | null;
  bpf_map__inner_map(map: Pointer): Pointer | null;
  bpf_map__set_inner_map_fd(map: Pointer, fd: number): number;
  bpf_map__reuse_fd(map: Pointer, fd: number): number;

  bpf_map_create(
    type: number,
    name: string,
    keyBytes: number,
    valueBytes: number,
    maxEntries: number,
    opts: Memory,
  ): number;
  bpf_map_lookup_elem(fd: number, key: Uint8Array, value: Uint8Array): number;
  bpf_map_lookup_and_delete_elem(fd: number, key: Uint8Array, value: Uint8Array): number;
  bpf_map_update_elem: {
    (fd: number, key: Uint8Array, value: Uint8Array, flags: number): number;
    async(fd: number, key: Uint8Array, value: Uint8Array, flags: number, done: AsyncDone<number>): void;
  };
  bpf_map_delete_elem(fd: number, key: Uint8Array): number;
  bpf_map_get_next_key(fd: number, key: Uint8Array | null, nextKey: Uint8Array): number;
  bpf_map_lookup_batch: BatchCall;
  bpf_map_lookup_and_delete_batch: BatchCall;
  bpf_map_delete_batch(fd: number, keys: Uint8Array, count: Uint32Array, opts: null): number;

  bpf_prog_load(
    type: number,
    name: string,
    license: string,
    instructions: Uint8Array,
    count: number,
    opts: Uint8Array,
  ): number;
  bpf_raw_tracepoint_open(name: null, programFd: number): number;
  bpf_iter_create(linkFd: number): number;
  bpf_obj_get_info_by_fd(fd: number, info: Uint8Array, infoBytes: Uint32Array): number;
  bpf_prog_get_next_id(start: number, next: Uint32Array): number;
  bpf_map_get_next_id(start: number, next: Uint32Array): number;
  bpf_prog_get_fd_by_id(id: number): number;
  bpf_map_get_fd_by_id(id: number): number;
  bpf_enable_stats(type: number): number;

  btf__raw_data(btf: Pointer, sizeBytes: Uint32Array): Pointer | null;

  ring_buffer__new(mapFd: number, callback: Pointer, context: null, opts: null): Pointer | null;
  ring_buffer__free(ring: Pointer): void;
  ring_buffer__poll(ring: Pointer, timeoutMs: number): number;
  ring_buffer__consume(ring: Pointer): number;
  ring_buffer__epoll_fd(ring: Pointer): number;
}

export type BatchCall = (
  fd: number,
  inBatch: Uint8Array | null,
  outBatch: Uint8Array,
  keys: Uint8Array,
  values: Uint8Array,
  count: Uint32Array,
  opts: null,
) => number;

interface Libc {
  memcpy(destination: Memory, source: Memory, bytes: number): unknown;
  vsnprintf(buffer: Uint8Array | null, bytes: number, format: Pointer, arguments_: Memory): number;
  mmap(
    address: null,
    bytes: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ): Pointer | null;
  munmap(address: Pointer, bytes: number): number;
  fcntl(fd: number, command: number, type: 'int', value: number): number;
  getpagesize(): number;
  syscall(number: number, a: Memory, b: number, c: number, d: number, e: number): number;
}

export interface Native {
  libbpf: Libbpf;
  libc: Libc;
}

type Signature = readonly [result: string, parameters: readonly string[]];

const P = 'void *';
const BATCH: Signature = ['int', ['int', P, P, P, P, P, P]];
const LIBBPF_SIGNATURES: Record<keyof Libbpf, Signature> = {
  libbpf_set_print: [P, [P]],
  libbpf_version_string: ['str', []],
  libbpf_num_possible_cpus: ['int', []],
  libbpf_probe_bpf_prog_type: ['int', ['int', P]],
  bpf_object__open_file: [P, ['str', P]],
  bpf_object__load: ['int', [P]],
  bpf_object__close: ['void', [P]],
  bpf_object__btf: [P, [P]],
  bpf_object__next_program: [P, [P, P]],
  bpf_object__next_map: [P, [P, P]],
  bpf_object__find_map_by_name: [P, [P, 'str']],
  bpf_program__name: ['str', [P]],
  bpf_program__fd: ['int', [P]],
  bpf_program__autoload: ['bool', [P]],
  bpf_program__set_autoload: ['int', [P, 'bool']],
  bpf_program__set_expected_attach_type: ['int', [P, 'int']],
  bpf_program__attach: [P, [P]],
  bpf_program__attach_iter: [P, [P, P]],
  bpf_program__attach_perf_event: [P, [P, 'int']],
  bpf_program__attach_uprobe_opts: [P, [P, 'int', 'str', 'size_t', P]],
  bpf_link__fd: ['int', [P]],
  bpf_link__destroy: ['int', [P]],
  bpf_map__name: ['str', [P]],
  bpf_map__fd: ['int', [P]],
  bpf_map__type: ['int', [P]],
  bpf_map__key_size: ['uint32_t', [P]],
  bpf_map__value_size: ['uint32_t', [P]],
  bpf_map__max_entries: ['uint32_t', [P]],
  bpf_map__set_max_entries: ['int', [P, 'uint32_t']],
  bpf_map__map_flags: ['uint32_t', [P]],
  bpf_map__initial_value: [P, [P, P]],
  bpf_map__inner_map: [P, [P]],
  bpf_map__set_inner_map_fd: ['int', [P, 'int']],
  bpf_map__reuse_fd: ['int', [P, 'int']],
  bpf_map_create: ['int', ['int', 'str', 'uint32_t', 'uint32_t', 'uint32_t', P]],
  bpf_map_lookup_elem: ['int', ['int', P, P]],
  bpf_map_lookup_and_delete_elem: ['int', ['int', P, P]],
  bpf_map_update_elem: ['int', ['int', P, P, 'uint64_t']],
  bpf_map_delete_elem: ['int', ['int', P]],
  bpf_map_get_next_key: ['int', ['int', P, P]],
  bpf_map_lookup_batch: BATCH,
  bpf_map_lookup_and_delete_batch: BATCH,
  bpf_map_delete_batch: ['int', ['int', P, P, P]],
  bpf_prog_load: ['int', ['int', 'str', 'str', P, 'size_t', P]],
  bpf_raw_tracepoint_open: ['int', ['str', 'int']],
  bpf_iter_create: ['int', ['int']],
  bpf_obj_get_info_by_fd: ['int', ['int', P, P]],
  bpf_prog_get_next_id: ['int', ['uint32_t', P]],
  bpf_map_get_next_id: ['int', ['uint32_t', P]],
  bpf_prog_get_fd_by_id: ['int', ['uint32_t']],
  bpf_map_get_fd_by_id: ['int', ['uint32_t']],
  bpf_enable_stats: ['int', ['int']],
  btf__raw_data: [P, [P, P]],
  ring_buffer__new: [P, ['int', P, P, P]],
  ring_buffer__free: ['void', [P]],
  ring_buffer__poll: ['int', [P, 'int']],
  ring_buffer__consume: ['int', [P]],
  ring_buffer__epoll_fd: ['int', [P]],
};
const LIBC_SIGNATURES: Record<keyof Libc, Signature> = {
  memcpy: [P, [P, P, 'size_t']],
  vsnprintf: ['int', [P, 'size_t', P, P]],
  mmap: [P, [P, 'size_t', 'int', 'int', 'int', 'int64_t']],
  munmap: ['int', [P, 'size_t']],
  fcntl: ['int', ['int', 'int', '...']],
  getpagesize: ['int', []],
  // Those that libc has no function for. All of it whole numbers, which a variable argument list passes as any other.
  syscall: ['int64_t', ['int64_t', P, 'int64_t', 'int64_t', 'int64_t', 'int64_t']],
};

export const LIBBPF_FILE = 'libbpf.so.1';
export const LIBBPF_HINT =
  'install libbpf 1.0 or later: apt-get install libbpf1 (Debian 12, Ubuntu 22.10 and later); older systems have libbpf 0.x, which will not do';

let loaded: Native | undefined;

/** @throws BpfError when libbpf.so.1 is not there or is not whole. */
export function native(): Native {
  loaded ??= loadNative(LIBBPF_FILE);
  return loaded;
}

export function loadNative(libbpfFile: string): Native {
  let libbpf: Libbpf;
  try {
    libbpf = declareAll<Libbpf>(koffi.load(libbpfFile), LIBBPF_SIGNATURES);
  } catch (error) {
    throw new BpfError({
      operation: 'load the library',
      subject: libbpfFile,
      cause: error instanceof Error ? error.message : String(error),
      hint: LIBBPF_HINT,
    });
  }
  const libc = declareAll<Libc>(koffi.load('libc.so.6'), LIBC_SIGNATURES);
  // The default printer writes to stderr, which belongs to the application.
  libbpf.libbpf_set_print(null);
  return { libbpf, libc };
}

function declareAll<T>(library: LibraryHandle, signatures: Record<keyof T, Signature>): T {
  const functions: Record<string, unknown> = {};
  for (const [name, [result, parameters]] of Object.entries<Signature>(signatures)) {
    functions[name] = library.func(name, result, [...parameters]);
  }
  // The signatures above are the typed interface, word for word.
  return functions as T;
}

/** errno of the last call that set it; read it before anything else is called. */
export function lastErrno(): number {
  return koffi.errno();
}

/** A copy of `bytes` bytes of C memory. */
export function copyFromMemory(address: Pointer, bytes: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  if (bytes > 0) native().libc.memcpy(copy, address, bytes);
  return copy;
}

const SCALAR_TYPES = new Map([
  [1, 'uint8_t'],
  [2, 'uint16_t'],
  [4, 'uint32_t'],
  [8, 'uint64_t'],
]);

/** Writes 1, 2, 4 or 8 bytes as one store, so that a concurrent reader sees the old value or the new one; other sizes as memcpy. */
export function copyToMemory(address: Pointer, value: Uint8Array): void {
  const type = SCALAR_TYPES.get(value.length);
  if (type === undefined) {
    if (value.length > 0) native().libc.memcpy(address, value, value.length);
    return;
  }
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const number =
    value.length === 8
      ? view.getBigUint64(0, true)
      : value.length === 4
        ? view.getUint32(0, true)
        : value.length === 2
          ? view.getUint16(0, true)
          : view.getUint8(0);
  koffi.encode(address, type, number);
}

const PRINTER = koffi.pointer(koffi.proto('int', ['int', P, P]));
const RING_CALLBACK = koffi.pointer(koffi.proto('int', [P, P, 'size_t']));

/** A C function pointer that calls `print`; an exception inside it would reach C as 0. Give it back to `unregisterCallback`. */
export function registerPrinter(print: (level: number, format: Pointer, args: Pointer) => number): Pointer {
  return koffi.register(print, PRINTER);
}

export function registerRingCallback(
  onRecord: (context: Pointer | null, data: Pointer | null, bytes: number | bigint) => number,
): Pointer {
  return koffi.register(onRecord, RING_CALLBACK);
}

export function unregisterCallback(callback: Pointer): void {
  koffi.unregister(callback);
}

/** Callbacks that C could still call; back to what it was once every handle is closed. */
export function registeredCallbackCount(): number {
  return koffi.stats().callbacks;
}

const F_DUPFD_CLOEXEC = 1030;
/** 0–2 are the standard streams. */
const LOWEST_FD = 3;

/** A second descriptor of the same file, for a call on another thread: its owner may close the first meanwhile. */
export function duplicateFd(fd: number): number {
  const copy = native().libc.fcntl(fd, F_DUPFD_CLOEXEC, 'int', LOWEST_FD);
  return copy < 0 ? -lastErrno() : copy;
}
