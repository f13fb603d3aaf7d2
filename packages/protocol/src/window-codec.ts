/**
 * Owns how a window travels: scalars, losses, then eight tables, each `varint count` and its columns one after another.
 * Invariant: `decodeWindow(encodeWindow(w), tables)` equals `w`, and what it returns is valid in `tables`.
 *
 *     varint sequence   f64 startMs   f64 endMs   varint tauNs   u8 governed   varint agentCpuNs, agentRssBytes, cpuPeriodNs   u8 lengthsAreFine
 *     varint count, (u8 loss, varint n)*
 *     rows  threads  histograms  openWaits  processes  latencies  vitals  probes
 *
 * Columns by kind, for 2 rows with tgid [700, 701], kind [0, 1], estimatedCount [1, 2.5]:
 *
 *     tgid             f8 0a 02       ids: signed difference from the value before
 *     kind             00 01          codes: a byte
 *     estimatedCount   01 <f64> <f64> reals: 00 and varints when all are whole, else 01 and doubles
 *     estimatedNs      varints        counts
 */
import { BUCKETS, LATENCY_PROBES } from '@stallscope/latency';
import {
  DURATION_BUCKETS,
  emptyLatencies,
  emptyProbes,
  emptyVitals,
  type Histograms,
  KINDS,
  type Latencies,
  LENGTH_QUARTERS,
  LOSSES,
  type Loss,
  type LossCounts,
  NONE,
  type OpenWaits,
  PROBE_STATES,
  type Probes,
  type Processes,
  type ProfileTables,
  type ProfileWindow,
  ROW_KINDS,
  type Rows,
  STATES,
  type Threads,
  type Vitals,
} from '@stallscope/profile';
import { ByteReader, ByteWriter } from './bytes.js';
import { readFrame, toFrame } from './frame-header.js';
import {
  MAX_CLOCK_MS,
  MAX_FRAME_BYTES,
  MAX_HISTOGRAM_ENTRIES,
  MAX_LATENCIES,
  MAX_OPEN_WAITS,
  MAX_PROBES,
  MAX_PROCESSES,
  MAX_ROWS,
  MAX_THREADS,
  MAX_TID,
  MAX_VITALS,
} from './limits.js';
import { FRAME_TYPES, PROTOCOL_VERSION } from './protocol.js';
import { ProtocolError } from './protocol-error.js';

/** A whole frame. Throws ProtocolError when the window breaks its own contract or a maximum. */
export function encodeWindow(window: ProfileWindow, stream: number): Uint8Array<ArrayBuffer> {
  return toFrame(FRAME_TYPES.window, stream, encodeWindowBody(window));
}

/** A whole frame, against the dictionary of its stream. Throws ProtocolError. */
export function decodeWindow(
  bytes: Uint8Array,
  tables: ProfileTables,
  oldestVersion?: number,
): ProfileWindow {
  const { type, version, body } = readFrame(bytes, oldestVersion);
  if (type !== FRAME_TYPES.window) {
    throw new ProtocolError('bad-frame', `window: a frame of type ${type} is not one`);
  }
  return readBody(body, tables, version);
}

/** The frame without its header: the same bytes on every stream. Small enough for any header before it. */
export function encodeWindowBody(window: ProfileWindow): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(4096, MAX_FRAME_BYTES - MAX_HEADER_BYTES);
  writer.varint(window.sequence, 'sequence');
  writer.f64(window.startMs, 'startMs');
  writer.f64(window.endMs, 'endMs');
  writer.varint(window.tauNs, 'tauNs');
  writer.u8(window.governed ? 1 : 0);
  writer.varint(window.agentCpuNs, 'agentCpuNs');
  writer.varint(window.agentRssBytes, 'agentRssBytes');
  writer.varint(window.cpuPeriodNs, 'cpuPeriodNs');
  writer.u8(window.lengthsAreFine ? 1 : 0);
  writeLosses(writer, window.losses);
  writeTable(writer, ROW_TABLE, window.rows);
  writeTable(writer, THREAD_TABLE, window.threads);
  writeTable(writer, HISTOGRAM_TABLE, window.histograms);
  writeTable(writer, OPEN_WAIT_TABLE, window.openWaits);
  writeTable(writer, PROCESS_TABLE, window.processes);
  writeTable(writer, LATENCY_TABLE, window.latencies);
  writeTable(writer, VITAL_TABLE, window.vitals);
  writeTable(writer, PROBE_TABLE, window.probes);
  const body = writer.finish();
  if (body.length > MAX_FRAME_BYTES - MAX_HEADER_BYTES) {
    throw new ProtocolError('oversized', `window: ${body.length} bytes do not fit in a frame`);
  }
  return body;
}

export function decodeWindowBody(body: Uint8Array, tables: ProfileTables): ProfileWindow {
  return readBody(new ByteReader(body), tables, PROTOCOL_VERSION);
}

/** Version, type, and a stream of at most three bytes; room for a header to grow. */
const MAX_HEADER_BYTES = 16;

type ColumnKind =
  | 'tid'
  | 'string'
  | 'stack'
  | 'chain'
  | 'kind'
  | 'row-kind'
  | 'state'
  | 'bucket'
  | 'quarter'
  | 'length'
  | 'latency-probe'
  | 'probe-state'
  | 'flag'
  | 'count'
  | 'real';

interface TableLayout<Table> {
  name: string;
  maximum: number;
  /** In the order of the wire. */
  columns: { readonly [Column in keyof Table]: ColumnKind };
  /** The version that brought a column, where it was not the first; older frames have zeros for it. */
  since?: { readonly [Column in keyof Table]?: number };
}

const ROW_TABLE: TableLayout<Rows> = {
  name: 'rows',
  maximum: MAX_ROWS,
  columns: {
    tgid: 'tid',
    tid: 'tid',
    comm: 'string',
    cgroup: 'count',
    kind: 'row-kind',
    state: 'state',
    userStack: 'stack',
    kernelStack: 'stack',
    chain: 'chain',
    bucket: 'bucket',
    captures: 'count',
    estimatedCount: 'real',
    estimatedNs: 'count',
    varianceNs2: 'real',
    slice: 'count',
    quarter: 'quarter',
  },
  since: { slice: 2, quarter: 3 },
};

const THREAD_TABLE: TableLayout<Threads> = {
  name: 'threads',
  maximum: MAX_THREADS,
  columns: {
    tgid: 'tid',
    tid: 'tid',
    comm: 'string',
    blockedNs: 'count',
    runqNs: 'count',
    preemptedNs: 'count',
    onCpuNs: 'count',
    blockedCount: 'count',
    runqCount: 'count',
    preemptedCount: 'count',
    blockedInWindowNs: 'count',
    runqInWindowNs: 'count',
    preemptedInWindowNs: 'count',
    onCpuInWindowNs: 'count',
  },
  since: { blockedInWindowNs: 2, runqInWindowNs: 2, preemptedInWindowNs: 2, onCpuInWindowNs: 2 },
};

const HISTOGRAM_TABLE: TableLayout<Histograms> = {
  name: 'histograms',
  maximum: MAX_HISTOGRAM_ENTRIES,
  columns: { tgid: 'tid', kind: 'kind', bucket: 'bucket', count: 'count' },
};

const OPEN_WAIT_TABLE: TableLayout<OpenWaits> = {
  name: 'open waits',
  maximum: MAX_OPEN_WAITS,
  columns: {
    tgid: 'tid',
    tid: 'tid',
    comm: 'string',
    kind: 'kind',
    state: 'state',
    elapsedNs: 'count',
    sinceBeforeTracing: 'flag',
    userStack: 'stack',
    kernelStack: 'stack',
  },
};

const PROCESS_TABLE: TableLayout<Processes> = {
  name: 'processes',
  maximum: MAX_PROCESSES,
  columns: {
    tgid: 'tid',
    name: 'string',
    parentTgid: 'tid',
    uid: 'count',
    user: 'string',
    command: 'string',
    cgroupPath: 'string',
    container: 'string',
    runtime: 'string',
    pod: 'string',
    unit: 'string',
    hint: 'string',
  },
  since: {
    parentTgid: 2,
    uid: 2,
    user: 2,
    command: 2,
    cgroupPath: 2,
    container: 2,
    runtime: 2,
    pod: 2,
    unit: 2,
    hint: 2,
  },
};

const LATENCY_TABLE: TableLayout<Latencies> = {
  name: 'latencies',
  maximum: MAX_LATENCIES,
  columns: {
    probe: 'latency-probe',
    tgid: 'tid',
    tid: 'tid',
    operation: 'string',
    target: 'string',
    bucket: 'length',
    count: 'count',
  },
};

const VITAL_TABLE: TableLayout<Vitals> = {
  name: 'vitals',
  maximum: MAX_VITALS,
  columns: { metric: 'string', label: 'string', value: 'real' },
};

const PROBE_TABLE: TableLayout<Probes> = {
  name: 'probes',
  maximum: MAX_PROBES,
  columns: {
    name: 'string',
    state: 'probe-state',
    detail: 'string',
    isMeasured: 'flag',
    runNs: 'count',
    runCount: 'count',
  },
};

type Columns = Record<string, number[]>;

function writeTable<Table>(writer: ByteWriter, layout: TableLayout<Table>, table: Table): void {
  const columns = table as Columns;
  const entries = Object.entries<ColumnKind>(layout.columns);
  const count = columns[entries[0]![0]]!.length;
  if (count > layout.maximum) {
    throw new ProtocolError('oversized', `${layout.name}: ${count}, the maximum is ${layout.maximum}`);
  }
  writer.varint(count, layout.name);
  for (const [name, kind] of entries) {
    const values = columns[name]!;
    const subject = `${layout.name} ${name}`;
    if (values.length !== count) {
      throw new ProtocolError('bad-value', `${subject}: ${values.length} values for ${count} ${layout.name}`);
    }
    writeColumn(writer, kind, values, subject);
  }
}

function writeColumn(writer: ByteWriter, kind: ColumnKind, values: readonly number[], subject: string): void {
  switch (kind) {
    case 'tid':
    case 'string':
    case 'stack':
    case 'chain': {
      let before = 0;
      for (const value of values) {
        // Keeps the difference of any two exact.
        if (!(value >= NONE && value <= MAX_TID)) {
          throw new ProtocolError('bad-number', `${subject}: ${value} is no id`);
        }
        writer.signed(value - before, subject);
        before = value;
      }
      return;
    }
    case 'kind':
    case 'row-kind':
    case 'state':
    case 'bucket':
    case 'quarter':
    case 'length':
    case 'latency-probe':
    case 'probe-state':
    case 'flag': {
      const codes = CODE_COUNTS[kind];
      for (const value of values) {
        if (!(Number.isInteger(value) && value >= 0 && value < codes)) throw noCode(subject, value);
        writer.u8(value);
      }
      return;
    }
    case 'count':
      for (const value of values) writer.varint(value, subject);
      return;
    case 'real': {
      const isWhole = values.every((value) => Number.isSafeInteger(value) && value >= 0);
      writer.u8(isWhole ? 0 : 1);
      for (const value of values) {
        if (isWhole) writer.varint(value, subject);
        else if (value < 0) throw negative(subject, value);
        else writer.f64(value, subject);
      }
      return;
    }
  }
}

function readTable<Table>(
  body: ByteReader,
  layout: TableLayout<Table>,
  tables: ProfileTables,
  version: number,
): Table {
  const since: Readonly<Record<string, number | undefined>> = layout.since ?? {};
  const isAbsent = (name: string): boolean => version < (since[name] ?? 1);
  const all = Object.entries<ColumnKind>(layout.columns);
  const entries = all.filter(([name]) => !isAbsent(name));
  // Every value of every column takes at least a byte.
  const count = body.count(layout.name, layout.maximum, entries.length);
  const columns: Columns = {};
  for (const [name, kind] of entries) {
    columns[name] = readColumn(body, kind, count, tables, `${layout.name} ${name}`);
  }
  for (const [name] of all) if (isAbsent(name)) columns[name] = new Array<number>(count).fill(0);
  return columns as Table;
}

function readColumn(
  body: ByteReader,
  kind: ColumnKind,
  count: number,
  tables: ProfileTables,
  subject: string,
): number[] {
  switch (kind) {
    case 'tid':
      return readIds(body, count, 0, MAX_TID + 1, subject);
    case 'string':
      return readIds(body, count, 0, tables.strings.length, subject);
    case 'stack':
      return readIds(body, count, NONE, tables.stackCount, subject);
    case 'chain':
      return readIds(body, count, NONE, tables.chains.length, subject);
    case 'kind':
    case 'row-kind':
    case 'state':
    case 'bucket':
    case 'quarter':
    case 'length':
    case 'latency-probe':
    case 'probe-state':
    case 'flag':
      return readCodes(body, count, CODE_COUNTS[kind], subject);
    case 'count': {
      const values: number[] = new Array(count);
      for (let n = 0; n < count; n++) values[n] = body.varint(subject);
      return values;
    }
    case 'real':
      return readReals(body, count, subject);
  }
}

function readIds(body: ByteReader, count: number, lowest: number, limit: number, subject: string): number[] {
  const values: number[] = new Array(count);
  let before = 0;
  for (let n = 0; n < count; n++) {
    before += body.signed(subject);
    if (!(before >= lowest && before < limit)) {
      throw new ProtocolError('bad-reference', `${subject}: ${before} was never sent`);
    }
    values[n] = before;
  }
  return values;
}

function readCodes(body: ByteReader, count: number, codes: number, subject: string): number[] {
  const bytes = body.take(count, subject);
  const values: number[] = new Array(count);
  for (let n = 0; n < count; n++) {
    const value = bytes[n]!;
    if (value >= codes) throw noCode(subject, value);
    values[n] = value;
  }
  return values;
}

function readReals(body: ByteReader, count: number, subject: string): number[] {
  const form = body.u8(subject);
  if (form > 1) throw new ProtocolError('bad-value', `${subject}: ${form} is no form of numbers`);
  const values: number[] = new Array(count);
  for (let n = 0; n < count; n++) {
    const value = form === 0 ? body.varint(subject) : body.f64(subject);
    if (value < 0) throw negative(subject, value);
    values[n] = value;
  }
  return values;
}

function readBody(body: ByteReader, tables: ProfileTables, version: number): ProfileWindow {
  const sequence = body.varint('sequence');
  const startMs = readClock(body, 'startMs');
  const endMs = readClock(body, 'endMs');
  if (endMs < startMs) throw new ProtocolError('bad-value', `endMs: ${endMs} is before startMs ${startMs}`);
  const tauNs = body.varint('tauNs');
  const governed = body.u8('governed');
  if (governed > 1) throw noCode('governed', governed);
  const agentCpuNs = body.varint('agentCpuNs');
  const agentRssBytes = body.varint('agentRssBytes');
  const cpuPeriodNs = version < 2 ? 0 : body.varint('cpuPeriodNs');
  const fine = version < 3 ? 0 : body.u8('lengthsAreFine');
  if (fine > 1) throw noCode('lengthsAreFine', fine);
  const losses = readLosses(body);
  const window: ProfileWindow = {
    sequence,
    startMs,
    endMs,
    tauNs,
    governed: governed === 1,
    rows: readTable(body, ROW_TABLE, tables, version),
    threads: readTable(body, THREAD_TABLE, tables, version),
    histograms: readTable(body, HISTOGRAM_TABLE, tables, version),
    openWaits: readTable(body, OPEN_WAIT_TABLE, tables, version),
    processes: readTable(body, PROCESS_TABLE, tables, version),
    losses,
    agentCpuNs,
    agentRssBytes,
    cpuPeriodNs,
    lengthsAreFine: fine === 1,
    latencies: version < 3 ? emptyLatencies() : readTable(body, LATENCY_TABLE, tables, version),
    vitals: version < 3 ? emptyVitals() : readTable(body, VITAL_TABLE, tables, version),
    probes: version < 3 ? emptyProbes() : readTable(body, PROBE_TABLE, tables, version),
  };
  body.end('window');
  return window;
}

function readClock(body: ByteReader, subject: string): number {
  const value = body.f64(subject);
  if (!(value >= 0 && value <= MAX_CLOCK_MS)) {
    throw new ProtocolError('bad-number', `${subject}: ${value} is no time of day`);
  }
  return value;
}

function writeLosses(writer: ByteWriter, losses: LossCounts): void {
  const present = LOSSES.flatMap((loss, code) => {
    const count = losses[loss];
    return count === undefined ? [] : [{ code, count }];
  });
  writer.varint(present.length, 'losses');
  for (const { code, count } of present) {
    writer.u8(code);
    writer.varint(count, 'loss count');
  }
}

function readLosses(body: ByteReader): LossCounts {
  const count = body.count('losses', LOSSES.length, 2);
  const losses: LossCounts = {};
  for (let n = 0; n < count; n++) {
    const code = body.u8('loss');
    const loss: Loss | undefined = LOSSES[code];
    if (loss === undefined) throw noCode('loss', code);
    if (losses[loss] !== undefined) throw new ProtocolError('bad-value', `loss ${loss}: is there twice`);
    losses[loss] = body.varint('loss count');
  }
  return losses;
}

/** How many codes each closed vocabulary has. */
const CODE_COUNTS = {
  kind: KINDS.length,
  'row-kind': ROW_KINDS.length,
  state: STATES.length,
  bucket: DURATION_BUCKETS,
  quarter: LENGTH_QUARTERS,
  length: BUCKETS,
  'latency-probe': LATENCY_PROBES.length,
  'probe-state': PROBE_STATES.length,
  flag: 2,
} as const;

function noCode(subject: string, value: number): ProtocolError {
  return new ProtocolError('bad-value', `${subject}: ${value} is not one of its codes`);
}

function negative(subject: string, value: number): ProtocolError {
  return new ProtocolError('bad-number', `${subject}: ${value} is negative`);
}
