'use client';
/** Owns the page of a still: the same panels as live data, without a connection, and words for what is shown. */
import Link from 'next/link';
import { type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { type Section, SectionBar } from '../controls/section-bar';
import { ThemeButton } from '../controls/theme-button';
import { Toast } from '../controls/toast';
import type { BaseWays } from '../difference/base-ways';
import { pinBase } from '../difference/kept-base';
import { AnswerLine } from '../host/answer-line';
import { Arrow, processWords, TaskPickers, threadWords } from '../host/task-pickers';
import { exposeForTests, noteDrawn } from '../live/test-window';
import type { Selection } from '../selection/selection';
import { toLiveSelection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { useKeys } from '../viewer/keys';
import { SelectionChips, useRoomInBar } from '../viewer/selection-chips';
import { ShortcutsSheet } from '../viewer/shortcuts-sheet';
import { WaitPanels } from '../viewer/wait-panels';
import { type SampleChoice, useSampleChoice } from './sample-choice';
import { SamplePanels } from './sample-panels';
import { STILL_HOST_ID } from './still-host-id';
import type { StillSelection } from './still-messages';
import type { StillState, StillStore } from './still-store';

export interface StillPageProps {
  store: StillStore;
  still: StillState;
  view: ReturnType<StillStore['snapshot']>['view'];
  selection: Selection;
  acts: SelectionActs;
  /** Null: of none of them. `hidden`: for a reader who is shown this alone. */
  section: Section | null | 'hidden';
  /** What it is called: of the page's title, the bar and the graph. */
  title: string;
  /** What the bar says before the title: where it came from. */
  from: { name: string; href: string } | null;
  /** Whether it is a recording, a snapshot, a file: a word for the bar. */
  badge: string;
  /** Lines over the panels that say what is shown. */
  notice: ReactNode;
  /** Buttons of what can be done with it. */
  actions: ReactNode;
  /** Where the base of a difference may come from; left out, from files alone. */
  ways?: Pick<BaseWays, 'shown' | 'hasHub'>;
  /** In place of the panels until it is open, or where it cannot be. */
  instead: ReactNode;
  onSave?: (() => void) | undefined;
}

export function StillPage(props: StillPageProps): ReactElement {
  const { store, still, view, selection, acts, title } = props;
  const [isSheetOpen, setSheetOpen] = useState(false);
  const [choice, choose] = useSampleChoice();

  useEffect(
    () => exposeForTests(() => ({ connection: still.state, hosts: null, view: store.snapshot().view })),
    [store, still.state],
  );
  useEffect(() => store.select(toStillSelection(selection, choice)), [store, selection, choice]);
  useEffect(() => {
    document.title = `${title} · Stallscope`;
  }, [title]);
  useEffect(() => {
    if (view === null) return;
    const frame = requestAnimationFrame(() => noteDrawn(view.shown.newestMs));
    return () => cancelAnimationFrame(frame);
  }, [view]);

  useKeys({
    '?': () => setSheetOpen(true),
    ...(props.onSave !== undefined && still.state === 'open' && { s: props.onSave }),
  });

  const isBarWide = useRoomInBar();
  const chips = <SelectionChips selection={selection} acts={acts} view={view} />;
  const facts = still.state === 'open' ? still.facts : null;
  const ways: BaseWays = {
    shown: null,
    hosts: null,
    hasHub: false,
    ...props.ways,
    giveFile: (name, file) => store.giveBaseFile(name, file),
  };
  return (
    <div className="flex min-h-screen flex-col">
      <header className="top-0 z-20 bg-surface sm:sticky">
        <div className="flex flex-wrap items-center gap-x-1.5 gap-y-1 border-line border-b px-2 py-1 sm:px-3 sm:py-1.5">
          <nav aria-label="Selection" className="row-of-controls">
            <Brand isLink={props.section !== 'hidden'} />
            <Arrow />
            {props.from !== null && (
              <>
                <Link href={props.from.href} className="hover:underline">
                  {props.from.name}
                </Link>
                <Arrow />
              </>
            )}
            <h1 className="max-w-72 truncate font-semibold" title={title}>
              {title}
            </h1>
            {facts?.kind === 'windows' && (
              <>
                <Arrow />
                <TaskPickers
                  process={processWords(view, selection.p)}
                  thread={threadWords(view, selection.t)}
                  readView={() => view}
                  selection={selection}
                  acts={acts}
                />
              </>
            )}
          </nav>
          <div className="row-of-controls sm:ml-auto">
            <span className="chip pr-2 text-dull">
              <span aria-hidden="true">◼</span> {props.badge}
            </span>
            <button
              type="button"
              className="control w-8 justify-center"
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts (?)"
              onClick={() => setSheetOpen(true)}
            >
              ?
            </button>
            <ThemeButton />
          </div>
        </div>
        <SectionBar current={props.section} filters={isBarWide && facts !== null && chips}>
          {facts !== null ? props.actions : null}
        </SectionBar>
      </header>
      <main className="flex flex-col gap-2 p-2 sm:p-3" aria-label={title}>
        {props.notice}
        {facts !== null ? (
          <>
            {view?.answer && <AnswerLine answer={view.answer} acts={acts} />}
            {!isBarWide && chips}
            {facts.kind === 'windows' ? (
              <WaitPanels
                view={view}
                selection={selection}
                acts={acts}
                name={title}
                isStill
                ways={ways}
                waitingFor={<p>Drawing…</p>}
              />
            ) : (
              <SamplePanels
                facts={facts}
                view={view}
                selection={selection}
                acts={acts}
                title={title}
                ways={ways}
                onChoose={(change) => {
                  choose(change);
                  // Another profile has other frames, and a time of its own; what is compared with stays.
                  if (change.profile !== undefined)
                    acts.amend({
                      p: null,
                      t: null,
                      from: null,
                      to: null,
                      zoom: null,
                      sel: null,
                      base: selection.base && pinBase(selection.base, selection, view?.samples?.profile ?? 0),
                    });
                }}
              />
            )}
          </>
        ) : (
          props.instead
        )}
      </main>
      <Toast />
      <ShortcutsSheet isOpen={isSheetOpen} onOpenChange={setSheetOpen} />
    </div>
  );
}

/** A still has no host to follow and no newest window: all of it is shown, but for a stretch that was chosen. */
function toStillSelection(selection: Selection, choice: SampleChoice): StillSelection {
  const live = toLiveSelection(selection);
  return {
    ...live,
    hostId: STILL_HOST_ID,
    span: live.span.kind === 'fixed' ? live.span : { kind: 'all' },
    pausedAtMs: null,
    // All of it is at hand, and no newer part moves it.
    ...(live.timeline && { timeline: { frameMs: Number.POSITIVE_INFINITY } }),
    ...(live.latency && { latency: { ...live.latency, frameMs: Number.POSITIVE_INFINITY } }),
    ...choice,
  };
}

function Brand({ isLink }: { isLink: boolean }): ReactElement {
  const looks = 'shrink-0 font-semibold text-lead sm:mr-0.5';
  return isLink ? (
    <Link href="/" className={`${looks} hover:underline`} title="All hosts">
      Stallscope
    </Link>
  ) : (
    <span className={looks}>Stallscope</span>
  );
}
