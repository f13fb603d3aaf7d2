'use client';
/**
 * Owns the bar of a difference: what is before and what is after, which of both the page shows and which is the base, by
 * how much they differ, and how they are compared. Before is always on the left.
 */
import { formatChange, formatCount, formatExactValue, formatPercent, formatValue } from '@stallscope/charts';
import { DIFF_WIDTHS, type DiffWidth } from '@stallscope/profile';
import type { ReactElement, ReactNode } from 'react';
import { lengthWords } from '../latency/heat-words';
import type { LabelledDifference, ReadyDifference } from '../live/labelled-trees';
import { toUtc } from '../words/words';
import { SCALINGS, type Scaling, type SideFacts } from './difference-messages';
import { SCALING_WORDS, WIDTH_WORDS } from './difference-words';
import { hasNoCommonThread, withoutWidth } from './growth';
import { coveredWords, isUnequallyLong, processWords, threadWords, timeWords } from './side-words';

export interface SidesBarProps {
  /** Null before the worker has answered. */
  difference: LabelledDifference | null;
  /** What the page's own data is called. */
  name: string;
  nameOfHost: (id: string) => string;
  isSwapped: boolean;
  scaling: Scaling;
  width: DiffWidth;
  /** Threads are not told apart by their names. */
  isAnonymous: boolean;
  /** What the colours mean. */
  legend: ReactNode;
  /** What chooses the base. */
  controls: ReactNode;
  nowMs: number | null;
  onSwap: () => void;
  onScaling: (scaling: Scaling) => void;
  onWidth: (width: DiffWidth) => void;
  onAnonymous: (isAnonymous: boolean) => void;
  onRemove: () => void;
}

export function SidesBar(props: SidesBarProps): ReactElement {
  const { difference, isSwapped } = props;
  const ready = difference?.state === 'ready' ? difference : null;
  const [before, after] = isSwapped ? (['page', 'base'] as const) : (['base', 'page'] as const);
  return (
    <section aria-label="Difference" className="border-line border-t">
      <div
        className={`grid grid-cols-[minmax(0,1fr)] gap-2 p-2 sm:px-3 ${
          isSwapped
            ? 'md:grid-cols-[minmax(0,2fr)_auto_minmax(0,3fr)] xl:grid-cols-[minmax(0,5fr)_auto_minmax(0,9fr)]'
            : 'md:grid-cols-[minmax(0,3fr)_auto_minmax(0,2fr)] xl:grid-cols-[minmax(0,9fr)_auto_minmax(0,5fr)]'
        }`}
      >
        <SideCard title="Before" of={before} facts={ready?.before ?? null} {...props} />
        <div className="flex items-center justify-center gap-3 md:flex-col md:gap-0.5">
          <button
            type="button"
            className="control h-6 font-semibold"
            title="Before becomes after, and after before (v)"
            onClick={props.onSwap}
          >
            <span aria-hidden="true">⇄</span> Swap
          </button>
          {ready !== null && <Change difference={ready} />}
        </div>
        <SideCard title="After" of={after} facts={ready?.after ?? null} {...props} />
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 px-2 pb-1.5 sm:px-3">
        <Choice
          name="Compare"
          values={SCALINGS}
          words={SCALING_WORDS}
          chosen={props.scaling}
          onChoose={props.onScaling}
        />
        <Choice
          name="Width"
          values={DIFF_WIDTHS}
          words={WIDTH_WORDS}
          chosen={props.width}
          onChoose={props.onWidth}
        />
        <button
          type="button"
          className="control h-6"
          aria-pressed={props.isAnonymous}
          title="Paths are compared without the names of their threads: of processes and workers that are called otherwise"
          onClick={() => props.onAnonymous(!props.isAnonymous)}
        >
          ignore thread names
        </button>
        <button type="button" className="control h-6 sm:ml-auto" onClick={props.onRemove}>
          <span aria-hidden="true">×</span> Compare with nothing
        </button>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-0.5 border-line border-t px-2 py-1 sm:px-3">
        {props.legend}
        {ready !== null && <Remarks {...props} difference={ready} />}
      </div>
    </section>
  );
}

function SideCard({
  title,
  of,
  facts,
  name,
  nameOfHost,
  controls,
  nowMs,
  difference,
}: SidesBarProps & { title: string; of: SideFacts['of']; facts: SideFacts | null }): ReactElement {
  const isBase = of === 'base';
  const unit = difference?.state === 'ready' ? difference.unit : 'nanoseconds';
  const nameOf = (side: SideFacts): string => (isBase ? nameOfHost(side.name) || name : name);
  return (
    <section
      aria-label={`${title}: ${isBase ? 'the base' : 'what is shown'}`}
      className={`flex min-w-0 flex-col justify-center gap-y-1 rounded-chip border px-2 py-1 ${isBase ? 'border-line-strong border-dashed' : 'border-line'}`}
    >
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h3 className="font-semibold text-lead">{title}</h3>
        <span
          className={`rounded-chip px-1.5 font-semibold text-small ${isBase ? 'bg-sunken text-ink' : 'bg-accent-soft text-ink'}`}
          title={
            isBase
              ? 'What is compared with; chosen here'
              : 'What the page shows: chosen in the bar on top and in the time strip'
          }
        >
          {isBase ? 'base' : 'shown'}
        </span>
        {isBase && <span className="order-last w-full min-w-0 xl:order-none xl:w-auto">{controls}</span>}
        {facts !== null && (
          <span className="ml-auto whitespace-nowrap" title={formatExactValue(facts.value, unit)}>
            <strong className="text-lead">{formatValue(facts.value, unit)}</strong>
            {facts.standardError !== null && facts.standardError > 0 && (
              <span className="text-dull" title="One standard error of the sampling">
                {' '}
                ± {formatValue(facts.standardError, unit)}
              </span>
            )}
          </span>
        )}
      </div>
      <p className="text-dull text-small">
        {facts === null
          ? isBase
            ? 'Not there yet.'
            : name
          : [
              // Readers of some formats begin each title with the name of the file.
              facts.part.startsWith(nameOf(facts)) ? '' : nameOf(facts),
              facts.part,
              facts.windows === null && facts.processes === null ? '' : processWords(facts),
              threadWords(facts) ?? '',
              facts.latency === 'rest'
                ? 'the rest of the heatmap'
                : facts.latency === null
                  ? ''
                  : lengthWords(facts.latency),
            ]
              .filter((words) => words !== '')
              .join(' · ')}
        {facts !== null && (
          <>
            {' · '}
            <span title={facts.fromMs === null ? undefined : `from ${toUtc(facts.fromMs)}`}>
              {timeWords(facts, nowMs)}
            </span>
            {' · '}
            {facts.windows === 0 ? (
              <span className="text-warn">no window is held of it</span>
            ) : facts.stretch !== null && facts.coveredMs === 0 ? (
              <span className="text-warn">the profile has no such time</span>
            ) : (
              coveredWords(facts)
            )}
            {facts.lost !== null && ` · ${formatCount(facts.lost)} lost`}
          </>
        )}
      </p>
    </section>
  );
}

function Change({ difference }: { difference: ReadyDifference }): ReactElement {
  const { before, after, scale, unit } = difference;
  const from = before.value * scale;
  const change = after.value - from;
  const error =
    before.standardError === null || after.standardError === null
      ? 0
      : Math.hypot(before.standardError * scale, after.standardError);
  return (
    <p role="note" aria-label="Change of the total" className="text-center leading-tight md:max-w-32">
      <strong className="whitespace-nowrap text-lead" title={formatExactValue(change, unit)}>
        {formatChange(change, unit)}
      </strong>{' '}
      <span className="whitespace-nowrap text-dull text-small">
        {from > 0 ? signed(change / from) : 'none before'}
        {error > 0 && Math.abs(change) <= 2 * error && (
          <span
            title={`± ${formatValue(error, unit)} is one standard error of the change: sampling alone may give it`}
          >
            {' '}
            within error
          </span>
        )}
      </span>
    </p>
  );
}

/** What has to be known to read the numbers right. */
function Remarks({
  difference,
  width,
  scaling,
  onWidth,
  onScaling,
  isAnonymous,
  onAnonymous,
}: SidesBarProps & { difference: ReadyDifference }): ReactElement | null {
  const { before, after, tree, unit, scale, scalingWhy } = difference;
  const remarks: ReactNode[] = [];
  const { parts } = difference;
  if (parts !== null && parts.profiles.length > 1 && difference.ask.base.profile === null) {
    const ofBase = before.of === 'base' ? before : after;
    if (difference.ask.base.source.kind !== 'same')
      remarks.push(
        `${ofBase.name} has ${parts.profiles.length} profiles; “${ofBase.part}” is the base until another is chosen.`,
      );
  }
  if (scalingWhy !== null && difference.scaling !== scaling)
    remarks.push(
      `Compared ${SCALING_WORDS[difference.scaling].name}, not ${SCALING_WORDS[scaling].name}: ${scalingWhy}.`,
    );
  if (scale !== 1)
    remarks.push(
      `Before is scaled by ${toFactor(scale)} ${SCALING_WORDS[difference.scaling].name}: ${formatValue(before.value, unit)} count as ${formatValue(before.value * scale, unit)}.`,
    );
  if (difference.scaling === 'none' && isUnequallyLong(before, after))
    remarks.push(
      <>
        Both sides are of unequal length, {coveredWords(before)} and {coveredWords(after)}.{' '}
        <button type="button" className="underline" onClick={() => onScaling('time')}>
          Compare for equal time
        </button>
      </>,
    );
  const hidden = width === 'larger' ? 0 : withoutWidth(tree, width) * (width === 'after' ? scale : 1);
  if (hidden > 0)
    remarks.push(
      <>
        {formatValue(hidden, unit)}{' '}
        {width === 'after' ? 'of before are in paths that are gone' : 'of after are in paths that are new'}{' '}
        and have no width.{' '}
        <button type="button" className="underline" onClick={() => onWidth('larger')}>
          Draw them too
        </button>
      </>,
    );
  if (!isAnonymous && hasNoCommonThread(tree))
    remarks.push(
      <>
        No thread of one side is called as one of the other: each path is only on one side.{' '}
        <button type="button" className="underline" onClick={() => onAnonymous(true)}>
          Ignore thread names
        </button>
      </>,
    );
  if (remarks.length === 0) return null;
  return (
    <ul aria-label="Remarks" className="flex flex-wrap gap-x-4 text-dull text-small">
      {remarks.map((remark, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they come in one order
        <li key={index}>{remark}</li>
      ))}
    </ul>
  );
}

function Choice<Value extends string>({
  name,
  values,
  words,
  chosen,
  onChoose,
}: {
  name: string;
  values: readonly Value[];
  words: Readonly<Record<Value, { name: string; help: string }>>;
  chosen: Value;
  onChoose: (value: Value) => void;
}): ReactElement {
  return (
    <fieldset aria-label={name} className="flex items-center">
      <span className="mr-1.5 text-dull text-small">{name.toLowerCase()}</span>
      {values.map((value) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === chosen}
          title={words[value].help}
          className="control -ml-px h-6 rounded-none first-of-type:ml-0 first-of-type:rounded-l-chip last:rounded-r-chip aria-pressed:z-10 aria-pressed:font-semibold"
          onClick={() => onChoose(value)}
        >
          {words[value].name}
        </button>
      ))}
    </fieldset>
  );
}

function signed(share: number): string {
  return share > 0 ? `+${formatPercent(share)}` : formatPercent(share);
}

/** Three figures: `× 1.23`, `× 0.0457`. */
function toFactor(scale: number): string {
  return `× ${Number(scale.toPrecision(3))}`;
}
