/**
 * Owns the line with which perf script begins an event. Its fields depend on how it was recorded and on `--fields`:
 *
 *     redis-server 812/815 [001] 24253.129891:     250000 cpu-clock:ppp:
 *     redis-server     815 24253.129891: sched:sched_switch: prev_comm=redis-server prev_pid=815 …
 *     Web Content      815 24253.129891:     250000 cycles:  ffffffff815ecaf9 clear_page+0x7 ([kernel.kallsyms])
 *
 * A name may have spaces and look like anything, so the line is read from its time backwards.
 */
import { type PerfFrame, toPerfFrame } from './perf-frame.js';

export interface PerfHeader {
  comm: string;
  tgid: number | undefined;
  tid: number | undefined;
  /** Since boot; undefined where not printed. */
  timeNs: number | undefined;
  /** What one sample stands for, in the event's own unit; undefined where not printed. */
  period: number | undefined;
  event: string;
  /** Of events that were recorded without call chains, and stand on one line. */
  frame: PerfFrame | undefined;
}

/** Names and numbers before the time; what follows is a tracepoint's text. */
const MAX_FIELDS = 64;

/** Undefined for a line that begins no event. Linear in its length. */
export function toPerfHeader(line: string): PerfHeader | undefined {
  const fields = toFields(line);
  const time = fields.findIndex(({ text }) => /^\d{1,12}\.\d{3,9}:$/.test(text));
  // Without a time the first number with something before it is the thread.
  const ids =
    time >= 0 ? idsBefore(fields, time) : fields.findIndex(({ text }, at) => at > 0 && IDS.test(text));
  if (ids <= 0) return undefined;
  const comm = line.slice(fields[0]!.from, fields[ids - 1]!.to);
  const [first, second] = fields[ids]!.text.split('/');
  const tid = Number(second ?? first);
  const tgid = second === undefined ? undefined : Number(first);
  let at = time >= 0 ? time + 1 : ids + 1;
  if (time < 0 && CPU.test(fields[at]?.text ?? '')) at++;
  const timeNs = time >= 0 ? toNanoseconds(fields[time]!.text) : undefined;
  const record = fields[at];
  if (record?.text.startsWith('PERF_RECORD_')) {
    return { comm, tgid, tid, timeNs, period: undefined, event: 'PERF_RECORD', frame: undefined };
  }
  let period: number | undefined;
  if (/^\d{1,19}$/.test(record?.text ?? '') && fields[at + 1]?.text.endsWith(':')) {
    period = Number(record!.text);
    at++;
  }
  const event = fields[at];
  if (event === undefined) {
    // `--fields comm,tid,time,ip,sym` prints no event.
    return time >= 0
      ? { comm, tgid, tid, timeNs, period: undefined, event: 'samples', frame: undefined }
      : undefined;
  }
  if (!event.text.endsWith(':')) return undefined;
  const frame = toPerfFrame(line.slice(event.to));
  return { comm, tgid, tid, timeNs, period, event: withoutModifiers(event.text.slice(0, -1)), frame };
}

interface Field {
  text: string;
  from: number;
  to: number;
}

/** A thread that perf does not know is -1. */
const IDS = /^-?\d{1,10}(?:\/-?\d{1,10})?$/;
const CPU = /^\[\d{1,5}\]$/;

/** Where the thread stands: before the time, and before the CPU and flags that may stand between them. */
function idsBefore(fields: readonly Field[], time: number): number {
  for (let at = time - 1; at > 0 && at >= time - 3; at--) {
    if (IDS.test(fields[at]!.text)) return at;
  }
  return -1;
}

function toFields(line: string): Field[] {
  const fields: Field[] = [];
  const word = /\S+/g;
  for (let match = word.exec(line); match !== null && fields.length < MAX_FIELDS; match = word.exec(line)) {
    fields.push({ text: match[0], from: match.index, to: match.index + match[0].length });
  }
  return fields;
}

/** Of `24253.129891:`. Times since boot stay exact in nanoseconds for 104 days; perf prints microseconds mostly. */
function toNanoseconds(text: string): number {
  const [seconds, fraction] = text.slice(0, -1).split('.');
  return Number(seconds) * 1e9 + Number(fraction!.padEnd(9, '0'));
}

/** `cycles:upp` → `cycles`; the second part of `sched:sched_switch` is longer than any set of modifiers. */
function withoutModifiers(event: string): string {
  return event.replace(/:[ukhIGHpPSDWeb]{0,8}$/, '');
}
