'use client';
/** Owns what can be done with a live view: keep it, share it, take it elsewhere. */
import { useRouter } from 'next/navigation';
import type { ReactElement } from 'react';
import { ActWord } from '../controls/act-word';
import type { LiveSnapshot } from '../live/live-store';
import { liveStore, useLiveOf } from '../live/use-live';
import type { Selection } from '../selection/selection';
import { readAuthor } from '../snapshots/author';
import { comparedWidth, ExportMenu, hasDifference } from '../snapshots/export-menu';
import { keepWindows, toLine } from '../snapshots/keep';
import { KeepButton, type Keeping, useKeeping } from '../snapshots/keep-button';
import { SHARE_FRAGMENT, toSnapshotUrl, toSnapshotView } from '../snapshots/snapshot-view';
import { VIEW_WORDS } from '../words/view-help';
import { toClock } from '../words/words';
import { nameOf } from './task-pickers';

const isDifferenceReady = ({ view }: LiveSnapshot) => hasDifference(view);
const hasNoWindow = ({ view }: LiveSnapshot) => view === null || view.shown.windows === 0;

export function useLiveKeeping(hostName: string, selection: Selection): Keeping & { title: () => string } {
  const title = (): string => {
    const { view } = liveStore().snapshot();
    const whose = selection.p === null ? '' : ` of ${nameOf(view?.processes, selection.p)}`;
    const when = view === null ? '' : `, ${toClock(view.shown.toMs)}`;
    return `${hostName}: ${VIEW_WORDS[selection.view].name}${whose}${when}`;
  };
  return { ...useKeeping(() => keepWindows(liveStore().make, title())), title };
}

export function KeepActions({
  keeping,
  hostName,
  selection,
}: {
  keeping: Keeping & { title: () => string };
  hostName: string;
  selection: Selection;
}): ReactElement {
  const router = useRouter();
  const isDisabled = useLiveOf(hasNoWindow);
  const isCompared = useLiveOf(isDifferenceReady);
  return (
    <>
      <KeepButton keeping={keeping} isDisabled={isDisabled} />
      <button
        type="button"
        className="control"
        disabled={isDisabled || keeping.state.step === 'keeping'}
        title="Save a snapshot of what is shown, then make a link to it"
        onClick={() =>
          void keeping.keepQuietly().then((snapshot) => {
            if (snapshot !== undefined) router.push(`${toSnapshotUrl(snapshot)}${SHARE_FRAGMENT}`);
          })
        }
      >
        <ActWord sign="↗" word="Share" />
      </button>
      <ExportMenu
        make={liveStore().make}
        note={() => ({
          title: toLine(keeping.title()),
          notes: '',
          tags: [],
          author: toLine(readAuthor()),
          createdAtMs: Date.now(),
          view: toSnapshotView(location.search),
        })}
        nameParts={[hostName, selection.view]}
        difference={comparedWidth(selection, isCompared)}
        isDisabled={isDisabled}
      />
    </>
  );
}
