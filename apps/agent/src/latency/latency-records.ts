/** Owns the decoding of a latency probe's counts from map bytes. Layouts are generated from the object's BTF. */
import { assertWhole, RecordView } from '../sched-records.js';
import { LATENCY_KEY } from './latency-layout.generated.js';

/** Operations of one thread that ended in the window, of one kind and one bucket of length. */
export interface RawLatency {
  tgid: number;
  tid: number;
  /** Codes of the probe that counted them. */
  operation: number;
  target: number;
  bucket: number;
  count: number;
}

const COUNT_BYTES = 8;

export function readLatencies(count: number, keys: Uint8Array, values: Uint8Array): RawLatency[] {
  assertWhole('latency keys', keys.byteLength, LATENCY_KEY.size);
  assertWhole('latency counts', values.byteLength, COUNT_BYTES);
  const key = new RecordView(keys);
  const value = new RecordView(values);
  const latencies: RawLatency[] = [];
  for (let i = 0; i < count; i++) {
    const k = i * LATENCY_KEY.size;
    latencies.push({
      tgid: key.u32(k + LATENCY_KEY.tgid),
      tid: key.u32(k + LATENCY_KEY.tid),
      operation: key.u16(k + LATENCY_KEY.operation),
      target: key.u32(k + LATENCY_KEY.target),
      bucket: key.u8(k + LATENCY_KEY.bucket),
      count: value.u64(i * COUNT_BYTES),
    });
  }
  return latencies;
}
