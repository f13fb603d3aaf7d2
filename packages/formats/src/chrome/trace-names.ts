/** Owns whose an event of a trace is: its process and thread, and what these are called. */
import type { JsonPlace } from '../json-bytes.js';

/** Names of processes and threads, which may come after the events they are of. */
export class TraceNames {
  readonly #processes = new Map<string, string>();
  readonly #threads = new Map<string, string>();

  add(event: JsonPlace): void {
    const what = event.at('name').value;
    if (what !== 'process_name' && what !== 'thread_name') return;
    const args = event.at('args');
    const name = args.isAbsent ? args : args.at('name');
    if (typeof name.value !== 'string') return;
    const { pid, tid } = toIds(event);
    if (what === 'process_name') this.#processes.set(String(pid), name.value);
    else this.#threads.set(`${pid} ${tid}`, name.value);
  }

  labels({ pid, tid }: TraceIds): Record<string, string | number> {
    const process = this.#processes.get(String(pid));
    const thread = this.#threads.get(`${pid} ${tid}`);
    return {
      ...(process !== undefined && process !== '' && { process }),
      ...(thread !== undefined && thread !== '' && { comm: thread }),
      ...(pid !== undefined && { tgid: pid }),
      ...(tid !== undefined && { tid }),
    };
  }
}

/** Numbers mostly; some tools write names. */
export interface TraceIds {
  pid: string | number | undefined;
  tid: string | number | undefined;
}

export function toIds(event: JsonPlace): TraceIds {
  const id = (name: string): string | number | undefined => {
    const { value } = event.at(name);
    return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))
      ? value
      : undefined;
  };
  return { pid: id('pid'), tid: id('tid') };
}
