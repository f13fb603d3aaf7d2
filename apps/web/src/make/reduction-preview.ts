/** Owns what a share dialog shows of a reduction: by kind of name, how many change and some of them before and after. */
import { HASH_KEY_BYTES, type Redactor, type ReductionPreview, type Renamed } from '@stallscope/profile';
import { MAX_REDUCED_EXAMPLES, type ReducedKind, type SharedWords } from './make-messages';

/** Of this preview alone: the tokens of the link will be others. */
export function newPreviewKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(HASH_KEY_BYTES));
}

/** What the hub takes for names of the host, beside those in the file. */
export function hostWords({ hostName, hostId }: SharedWords): string[] {
  return [hostName, hostId].filter((word) => word !== '');
}

export function toReducedKinds(
  preview: ReductionPreview,
  redactor: Redactor,
  { hostName, hostId, title, notes, author }: SharedWords,
): ReducedKind[] {
  const { functions } = preview;
  const host = (name: string) => redactor.host(name);
  const text = (words: string) => redactor.text(words);
  return [
    toKind('title', toRenamed(title, text)),
    toKind('note', toRenamed(notes, text)),
    toKind('author', toRenamed(author, text)),
    toKind('host name', toRenamed(hostName, host)),
    // Some hosts are called by their id.
    toKind('host id', hostId === hostName ? [] : toRenamed(hostId, host)),
    toKind('process name', preview.processes),
    toKind('thread name', preview.threads),
    toKind('module', preview.modules),
    { ...toKind('function', functions.changed), total: functions.total },
  ].filter(({ total }) => total > 0);
}

function toRenamed(before: string, rename: (name: string) => string): Renamed[] {
  return before === '' ? [] : [{ before, after: rename(before) }];
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
