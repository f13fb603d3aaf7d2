/**
 * Owns what there is to choose from in the data of a base: profiles of its file, processes, threads. Of a profile from
 * elsewhere the worker tells it once the base is open; of the data that is shown the page knows it.
 */
import type { WaitTable } from '../live/live-messages';
import type { GraphView } from '../viewer/graph-view';
import type { Base } from './base';
import type { BaseWays } from './base-ways';
import type { BaseParts } from './difference-messages';

/** What there is to choose from in the data of the base. */
export interface BaseOffer {
  /** It is not the data that is shown: numbers of processes are others there. */
  isOther: boolean;
  profiles: readonly { title: string; samples: number }[];
  profile: number;
  /** Null where there is nothing to choose; without rows where only `same` and `all` can be. */
  processes: WaitTable | null;
  threads: WaitTable | null;
}

export function toBaseOffer({
  base,
  parts,
  view,
  ways,
}: {
  base: Base;
  parts: BaseParts | null;
  view: Pick<GraphView, 'processes' | 'threads' | 'samples'>;
  ways: Pick<BaseWays, 'profiles'> | undefined;
}): BaseOffer {
  const isSame = base.source.kind === 'same';
  const profiles = isSame ? (ways?.profiles ?? []) : (parts?.profiles ?? []);
  const shownProfile = view.samples?.profile ?? 0;
  const profile = base.profile ?? (isSame ? shownProfile : (parts?.profile ?? 0));
  const isOther = !isSame || (view.samples !== null && profile !== shownProfile);
  if (parts !== null) {
    const hasSome = ({ total }: WaitTable, chosen: unknown): boolean => total > 0 || chosen !== null;
    return {
      isOther,
      profiles,
      profile,
      processes: hasSome(parts.processes, base.process) ? parts.processes : null,
      threads: hasSome(parts.threads, base.thread) ? parts.threads : null,
    };
  }
  if (view.samples !== null) {
    const isShown = !isOther;
    return {
      isOther,
      profiles,
      profile,
      processes: isShown && view.processes.total > 0 ? view.processes : null,
      threads: isShown && view.threads.total > 0 ? view.threads : null,
    };
  }
  // Of windows the threads of one process are known: of the one that is shown.
  const hasThreads = isSame && base.process === null;
  return {
    isOther,
    profiles,
    profile,
    processes: isOther ? NO_TABLE : view.processes,
    threads: hasThreads || base.thread !== null ? (hasThreads ? view.threads : NO_TABLE) : null,
  };
}

export const NO_TABLE: WaitTable = {
  total: 0,
  tgid: [],
  tid: [],
  threads: [],
  name: [],
  waitedNs: [],
  blockedNs: [],
  runqNs: [],
  preemptedNs: [],
  onCpuNs: [],
};
