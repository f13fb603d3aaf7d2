/** Owns the decoding of the CPU probe's rows from map bytes. Layouts are generated from the object's BTF. */
import { CPU_ROW_KEY, CPU_ROW_VALUE } from './cpu-layout.generated.js';
import { assertWhole, type KernelId, RecordView } from './sched-records.js';

export interface RawCpuRow {
  userStack: KernelId;
  kernelStack: KernelId;
  cgroup: number;
  /** Wall-clock time since the epoch, in slices of SLICE_MS. */
  slice: number;
  tgid: number;
  tid: number;
  comm: string;
  samples: number;
}

export function readCpuRows(count: number, keys: Uint8Array, values: Uint8Array): RawCpuRow[] {
  assertWhole('CPU row keys', keys.byteLength, CPU_ROW_KEY.size);
  assertWhole('CPU row values', values.byteLength, CPU_ROW_VALUE.size);
  const key = new RecordView(keys);
  const value = new RecordView(values);
  const rows: RawCpuRow[] = [];
  for (let i = 0; i < count; i++) {
    const k = i * CPU_ROW_KEY.size;
    const samples = value.u64(i * CPU_ROW_VALUE.size + CPU_ROW_VALUE.samples);
    // Put there, and the add that follows it did not come before the window was flipped: impossible after the grace period.
    if (samples === 0) continue;
    rows.push({
      userStack: key.id(k + CPU_ROW_KEY.userStack),
      kernelStack: key.id(k + CPU_ROW_KEY.kernelStack),
      cgroup: key.u64(k + CPU_ROW_KEY.cgroup),
      slice: key.u64(k + CPU_ROW_KEY.slice),
      tgid: key.u32(k + CPU_ROW_KEY.tgid),
      tid: key.u32(k + CPU_ROW_KEY.tid),
      comm: key.comm(k + CPU_ROW_KEY.comm),
      samples,
    });
  }
  return rows;
}
