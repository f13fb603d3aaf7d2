/** Owns handing a filter of threads to a probe: its globals, and the maps of ids that go with them (probes/include/task-filter.h). */
import type { BpfMap, BpfObject, GlobalValues } from '@stallscope/libbpf';
import { cgroupIdOfPath } from './cgroup-filter.js';

export interface WhoseFilter {
  /** Processes, all their threads; the members act in the kernel, as all of these together. */
  tgids?: readonly number[];
  tids?: readonly number[];
  /** Thread name, exactly; at most 15 bytes, as the kernel keeps it. */
  comm?: string;
  /** A cgroup v2 directory, whole or relative to the hierarchy's root; with everything below it. */
  cgroupPath?: string;
}

const MAX_COMM_BYTES = 15;
/** MAX_EXCLUDED_TGIDS of probes/include/task-filter.h. */
const MAX_EXCLUDED_TGIDS = 4;

export class TaskFilter {
  /** Set before load. */
  readonly globals: GlobalValues;
  readonly maxEntries: Readonly<Record<string, number>>;
  readonly #ids: Readonly<Record<string, readonly (number | bigint)[]>>;

  /**
   * @param excludedTgids left out whatever the filter says: the tracer's own
   * @throws Error for a filter that cannot be met
   */
  constructor(filter: WhoseFilter, excludedTgids: readonly number[]) {
    const { tgids, tids, comm, cgroupPath } = filter;
    if (comm !== undefined && Buffer.byteLength(comm) > MAX_COMM_BYTES) {
      throw new Error(
        `thread name ${JSON.stringify(comm)}: the kernel keeps ${MAX_COMM_BYTES} bytes of a name, so none is that long; give its first ${MAX_COMM_BYTES}`,
      );
    }
    this.globals = {
      filter_by_tgid: tgids !== undefined,
      filter_by_tid: tids !== undefined,
      filter_by_cgroup: cgroupPath !== undefined,
      filter_by_comm: comm !== undefined,
      excluded_tgids: excludedWords(excludedTgids),
      ...(comm !== undefined && { filter_comm: comm }),
    };
    this.#ids = {
      filter_tgids: tgids ?? [],
      filter_tids: tids ?? [],
      filter_cgroups: cgroupPath === undefined ? [] : [cgroupIdOfPath(cgroupPath)],
    };
    this.maxEntries = Object.fromEntries(
      Object.entries(this.#ids).map(([map, ids]) => [map, Math.max(1, ids.length)]),
    );
  }

  /** @param object loaded with `globals` and `maxEntries` */
  fill(object: BpfObject): void {
    for (const [map, ids] of Object.entries(this.#ids)) fillIds(object.map(map), ids);
  }
}

function excludedWords(tgids: readonly number[]): Uint8Array {
  if (tgids.length > MAX_EXCLUDED_TGIDS) {
    throw new Error(
      `leaving out ${tgids.length} processes: at most ${MAX_EXCLUDED_TGIDS} of the tracer's own can be`,
    );
  }
  const words = new Uint32Array(MAX_EXCLUDED_TGIDS);
  words.set(tgids);
  return new Uint8Array(words.buffer);
}

function fillIds(map: BpfMap, ids: readonly (number | bigint)[]): void {
  const key = new Uint8Array(8);
  for (const id of ids) {
    new DataView(key.buffer).setBigUint64(0, BigInt(id), true);
    map.update(key, new Uint8Array([1]));
  }
}
