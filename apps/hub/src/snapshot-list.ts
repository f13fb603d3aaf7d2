/** Owns which snapshots a search finds, and the tags in use. Pure. */
import type { Snapshot, SnapshotList } from '@stallscope/protocol';

export interface SnapshotSearch {
  /** Each must occur somewhere in title, notes, tags, author or host, in any case. */
  words: readonly string[];
  /** Each must be a tag, exactly. */
  tags: readonly string[];
}

/** `?q=slow+writes&tag=db`; both may be given several times. */
export function readSnapshotSearch(query: URLSearchParams): SnapshotSearch {
  return {
    words: query.getAll('q').flatMap((text) => text.toLowerCase().split(/\s+/).filter(Boolean)),
    tags: query.getAll('tag'),
  };
}

export function findSnapshots(snapshots: readonly Snapshot[], { words, tags }: SnapshotSearch): Snapshot[] {
  return snapshots.filter((snapshot) => {
    if (!tags.every((tag) => snapshot.tags.includes(tag))) return false;
    const { title, notes, author, hostName } = snapshot;
    const text = [title, notes, author, hostName, ...snapshot.tags].join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Most used first, then by name. */
export function toTagCounts(snapshots: readonly Snapshot[]): SnapshotList['tags'] {
  const counts = new Map<string, number>();
  for (const { tags } of snapshots) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  return [...counts]
    .map(([tag, count]) => ({ tag, count }))
    .sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1));
}
