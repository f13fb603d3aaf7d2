/** Owns what is said of an opened file when it is kept as a snapshot. */
import type { SnapshotDraft } from '@stallscope/protocol';
import { toLine } from '../snapshots/keep';
import type { StillFacts } from './still-messages';

export function toDraft(facts: StillFacts, name: string): Omit<SnapshotDraft, 'author' | 'view'> {
  if (facts.kind === 'windows') {
    const { host, fromMs, toMs, windows, waitedNs, lost, snapshot } = facts;
    return {
      title: snapshot?.title ?? facts.title ?? name,
      notes: snapshot?.notes ?? '',
      tags: snapshot?.tags ?? [],
      hostName: toLine(host.name),
      hostId: host.id,
      fromMs,
      toMs,
      format: 'stallscope',
      totals: { waitedNs, value: null, windows, lost },
    };
  }
  const [first] = facts.profiles;
  const fromMs = first?.startMs ?? 0;
  const type = first?.valueTypes[first.defaultValue];
  return {
    title: name,
    notes: '',
    tags: [],
    hostName: '',
    hostId: '',
    fromMs,
    toMs: fromMs + (first?.durationNs ?? 0) / 1e6,
    format: facts.format,
    totals: {
      waitedNs: null,
      value:
        type === undefined
          ? null
          : { type: toLine(type.type), unit: type.unit, amount: first?.totals[first.defaultValue] ?? 0 },
      windows: facts.profiles.reduce((sum, { samples }) => sum + samples, 0),
      lost: 0,
    },
  };
}
