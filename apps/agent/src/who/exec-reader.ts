/** Owns the exec probe: who a program is at the instant of its exec, also one that ends before anybody could ask /proc. */
import { BpfObject, type BpfProgram, possibleCpuCount, type RingBuffer } from '@stallscope/libbpf';
import { probePath } from '../probe-path.js';
import { EXEC_COUNTER, EXEC_RECORD } from '../process-layout.generated.js';

export interface ExecEvent {
  timeNs: number;
  tgid: number;
  parentTgid: number;
  /** Effective, as the host counts users. */
  uid: number;
  /** Id on the v2 hierarchy. */
  cgroup: number;
  words: string[];
  /** The command line was longer than is read. */
  isCut: boolean;
}

export class ExecReader {
  readonly #object: BpfObject;
  readonly #ring: RingBuffer;
  #execs: ExecEvent[] = [];
  #lostBefore = 0;

  /** Follows from here on. @throws BpfError when the kernel refuses */
  constructor() {
    this.#object = BpfObject.open(probePath('process'));
    try {
      this.#object.load();
      this.#ring = this.#object.ring('execs', (record) => this.#execs.push(readExec(record)));
      this.#object.program('on_exec').attach();
    } catch (error) {
      this.#object.close();
      throw error;
    }
  }

  /** Since the last call, in order of time. */
  read(): { execs: ExecEvent[]; lost: number } {
    this.#ring.consume();
    const execs = this.#execs;
    this.#execs = [];
    // Its ring cannot have been full while nothing was in it.
    if (execs.length === 0) return { execs, lost: 0 };
    const total = this.#lostTotal();
    const lost = total - this.#lostBefore;
    this.#lostBefore = total;
    return { execs, lost };
  }

  /** Runs once an exec. */
  get program(): BpfProgram {
    return this.#object.program('on_exec');
  }

  close(): void {
    this.#object.close();
  }

  #lostTotal(): number {
    const values = this.#object.map('exec_counters').lookup(EXEC_COUNTER.EXEC_LOST);
    if (values === undefined) return 0;
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    let total = 0;
    for (let cpu = 0; cpu < possibleCpuCount(); cpu++) total += Number(view.getBigUint64(8 * cpu, true));
    return total;
  }
}

/** @throws RangeError for a record that is too short */
export function readExec(record: Uint8Array): ExecEvent {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const read = Math.min(bytes.readUInt32LE(EXEC_RECORD.argsRead), bytes.length - EXEC_RECORD.args);
  const total = bytes.readUInt32LE(EXEC_RECORD.argsBytes);
  return {
    timeNs: Number(bytes.readBigUInt64LE(EXEC_RECORD.timeNs)),
    tgid: bytes.readUInt32LE(EXEC_RECORD.tgid),
    parentTgid: bytes.readUInt32LE(EXEC_RECORD.parentTgid),
    uid: bytes.readUInt32LE(EXEC_RECORD.uid),
    cgroup: Number(bytes.readBigUInt64LE(EXEC_RECORD.cgroup)),
    words: toWords(bytes.toString('utf8', EXEC_RECORD.args, EXEC_RECORD.args + read)),
    isCut: total > read && read > 0,
  };
}

/** Of bytes in which each word ends with a zero, as /proc/PID/cmdline has them too. */
export function toWords(text: string): string[] {
  const words = text.split('\0');
  // More than one where a program wrote a shorter title over its words.
  while (words.at(-1) === '') words.pop();
  return words;
}
