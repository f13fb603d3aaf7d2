/**
 * Owns where a uprobe is set, and how libbpf is told: struct bpf_uprobe_opts of bpf/libbpf.h, as libbpf 1.0 has it and later
 * ones accept it.
 *
 *     0 size_t sz   8 ref_ctr_offset   16 u64 bpf_cookie   24 bool retprobe   32 const char *func_name   40 end
 *
 * Functions are told by their place in the file, never by name: whoever attaches has read the symbols within bounds of its
 * own, as the file may be a stranger's.
 */
export interface UprobePlace {
  /** Of the file, as this process sees it: `/proc/PID/map_files/…` and `/proc/PID/root/…` lead into other mount namespaces. */
  path: string;
  /** Bytes from the beginning of the file to the instruction: of a function, its first. */
  fileOffset: number;
  /** Runs when the function that begins here returns, instead of when it is called. */
  isReturn: boolean;
  /** What `bpf_get_attach_cookie` gives the program; Linux 5.15 and later. */
  cookie?: bigint;
}

/** pid_t of `bpf_program__attach_uprobe_opts`. */
export const EVERY_PROCESS = -1;
const OPTIONS_BYTES = 40;

export function toUprobeOptions({ isReturn, cookie = 0n }: UprobePlace): Uint8Array {
  const options = Buffer.alloc(OPTIONS_BYTES);
  options.writeBigUInt64LE(BigInt(OPTIONS_BYTES), 0);
  options.writeBigUInt64LE(cookie, 16);
  options.writeUInt8(isReturn ? 1 : 0, 24);
  return options;
}
