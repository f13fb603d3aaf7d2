/**
 * Owns turning rows into samples for other tools: waits, or in the view of CPUs what ran. Paths are those of the view, as `projectRow` gives them; who
 * waited, how, and who ended it goes along as labels, so that tools that show one graph can still be asked by waker.
 *
 *     stack   app; main; read; -; vfs_read
 *     values  off_cpu 1,500,000 ns, waits 1
 *     labels  comm app  tgid 10  tid 11  kind blocked  state S  waker writer  wakers "writer <- [timer]"
 *
 * Samples of equal path and labels are summed. Invariant: sums of both values are those of the rows that match.
 */
import {
  groupOfRow,
  NONE,
  type ProfileTables,
  projectRow,
  type Query,
  ROW_KINDS,
  type RowKind,
  type Rows,
  rowCount,
  type SampleLabels,
  type SampleProfile,
  SampleProfileBuilder,
  STATES,
  toRowMatcher,
} from '@stallscope/profile';

export interface RowsToSamplesOptions {
  title: string;
  /** Wall clock of the first window's beginning, ms, and the length of the span, ns. */
  startMs?: number;
  durationNs?: number;
}

/** Nearest waker first: `writer <- [timer]`. */
export const WAKERS_JOIN = ' <- ';

export function rowsToSamples(
  tables: ProfileTables,
  rows: Rows,
  query: Query,
  options: RowsToSamplesOptions,
): SampleProfile {
  const builder = new SampleProfileBuilder(
    options.title,
    query.view === 'cpu'
      ? [
          { type: 'cpu', unit: 'nanoseconds' },
          { type: 'samples', unit: 'count' },
        ]
      : query.view === 'wall'
        ? [
            { type: 'wall', unit: 'nanoseconds' },
            { type: 'events', unit: 'count' },
          ]
        : [
            { type: 'off_cpu', unit: 'nanoseconds' },
            { type: 'waits', unit: 'count' },
          ],
  );
  const { profile } = builder;
  profile.startMs = options.startMs ?? null;
  profile.durationNs = options.durationNs ?? null;
  const matches = toRowMatcher(tables, query);
  const wakers = new WakerNames(tables);
  const stackOf = new Map<string, number>();
  const labelsOf = new Map<string, number>();
  const frameOf = new Map<string, number>();
  /** Sample by stack and labels. */
  const samples = new Map<string, number>();
  for (let i = 0; i < rowCount(rows); i++) {
    if (!matches(rows, i)) continue;
    const { comm, kind, userStack, kernelStack, chain, tgid, tid, state } = rows;
    const group = query.groupBy === undefined ? '' : groupOfRow(tables, rows, i, query.groupBy);
    const pathKey = `${comm[i]},${kind[i]},${userStack[i]},${kernelStack[i]},${chain[i]},${group}`;
    let stack = stackOf.get(pathKey);
    if (stack === undefined) {
      stack = NONE;
      projectRow(tables, rows, i, query, (name, role, unnamed, module, kind = 0) => {
        const frameKey = `${role}\0${unnamed}\0${kind}\0${module}\0${name}`;
        let frame = frameOf.get(frameKey);
        if (frame === undefined) {
          frame = builder.frame({ name, module, file: '', line: 0, role, unnamed, kind });
          frameOf.set(frameKey, frame);
        }
        stack = builder.stack(stack!, frame);
      });
      stackOf.set(pathKey, stack);
    }
    const labelKey = `${comm[i]},${tgid[i]},${tid[i]},${kind[i]},${state[i]},${chain[i]}`;
    let labels = labelsOf.get(labelKey);
    if (labels === undefined) {
      labels = builder.labels(toLabels(tables, rows, i, wakers));
      labelsOf.set(labelKey, labels);
    }
    const sampleKey = `${stack},${labels}`;
    const known = samples.get(sampleKey);
    if (known === undefined) {
      samples.set(sampleKey, profile.sampleStack.length);
      builder.sample(stack, [rows.estimatedNs[i]!, rows.estimatedCount[i]!], labels);
    } else {
      profile.sampleValues[0]![known]! += rows.estimatedNs[i]!;
      profile.sampleValues[1]![known]! += rows.estimatedCount[i]!;
    }
  }
  return profile;
}

function toLabels(tables: ProfileTables, rows: Rows, i: number, wakers: WakerNames): SampleLabels {
  const kind: RowKind = ROW_KINDS[rows.kind[i]!]!;
  const names = wakers.of(rows.chain[i]!);
  return {
    comm: tables.strings[rows.comm[i]!]!,
    tgid: rows.tgid[i]!,
    tid: rows.tid[i]!,
    kind,
    ...(kind === 'blocked' && { state: STATES[rows.state[i]!]! }),
    ...whoLabels(tables, rows.tgid[i]!),
    ...(names.length > 0 && { waker: names[0]!, wakers: names.join(WAKERS_JOIN) }),
  };
}

/** What is known of who it was; a label for each fact, none where nothing is known. */
function whoLabels(tables: ProfileTables, tgid: number): SampleLabels {
  const who = tables.who.find(tgid);
  if (who === undefined) return {};
  const { name, parentTgid, user, command, cgroupPath, container, runtime, pod, unit } = who;
  const facts = { process: name, user, command, cgroup: cgroupPath, container, runtime, pod, unit };
  const known = Object.entries(facts).filter(([, text]) => text !== '');
  return { ...Object.fromEntries(known), ...(parentTgid > 0 && { parent_tgid: parentTgid }) };
}

/** Names of the wakers of a chain, nearest first. */
class WakerNames {
  constructor(private readonly tables: ProfileTables) {}

  of(chain: number): string[] {
    const names: string[] = [];
    for (let at = chain; at !== NONE; at = this.tables.chains[at]!.parent) {
      names.push(this.tables.strings[this.tables.chains[at]!.comm]!);
    }
    return names;
  }
}
