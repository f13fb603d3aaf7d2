'use client';
import { type ReactElement, useCallback } from 'react';
import type { LiveSnapshot } from '../live/live-store';
import { liveStore, useLiveOf } from '../live/use-live';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { processWords, TaskPickers, threadWords } from './task-pickers';

/** The pickers of a live page: rendered when another name is to be said, not with every window. */
export function LiveTaskPickers({
  selection,
  acts,
}: {
  selection: Selection;
  acts: SelectionActs;
}): ReactElement {
  const { p, t } = selection;
  return (
    <TaskPickers
      process={useLiveOf(useCallback(({ view }: LiveSnapshot) => processWords(view, p), [p]))}
      thread={useLiveOf(useCallback(({ view }: LiveSnapshot) => threadWords(view, t), [t]))}
      readView={readView}
      selection={selection}
      acts={acts}
    />
  );
}

const readView = () => liveStore().snapshot().view;
