/** Owns what a share dialog shows of a reduction: by kind of name, how many change and some of them before and after. */
import { HASH_KEY_BYTES, type ReductionPreview, type Renamed } from '@stallscope/profile';
import { MAX_REDUCED_EXAMPLES, type ReducedKind } from './make-messages';

/** Of this preview alone: the tokens of the link will be others. */
export function newPreviewKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(HASH_KEY_BYTES));
}

export function toReducedKinds(preview: ReductionPreview): ReducedKind[] {
  const { functions } = preview;
  return [
    toKind('host name', preview.hosts),
    toKind('process name', preview.processes),
    toKind('thread name', preview.threads),
    toKind('module', preview.modules),
    { ...toKind('function', functions.changed), total: functions.total },
  ].filter(({ total }) => total > 0);
}

function toKind(name: string, names: readonly Renamed[]): ReducedKind {
  const changed = names.filter(({ before, after }) => before !== after);
  const same = names.filter(({ before, after }) => before === after);
  return {
    name,
    total: names.length,
    changed: changed.length,
    examples: [...changed, ...same].slice(0, MAX_REDUCED_EXAMPLES),
  };
}
