'use client';
/** Owns what the time strip of a host page is given: the windows held, the stretch shown, and the words beside them. */
import { formatNs, formatTimeRate, TimeStrip, type TimeStripWindow } from '@stallscope/charts';
import type { Kind } from '@stallscope/profile';
import { type ReactElement, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import type { ShownSpan, StripSeries } from '../live/live-messages';
import { KIND_WORDS } from '../words/view-help';
import { toClock, toUtc } from '../words/words';
import { BaseMark, PickingWords } from './base-mark';
import { type CoveredRange, coveredRange } from './covered-range';

export interface TimePanelProps {
  strip: StripSeries;
  shown: ShownSpan;
  kinds: readonly Kind[];
  /** Whose time, in words. */
  ofWhom: string;
  /** Nothing newer will come: the strip is as long as what there is. */
  isStill: boolean;
  /** The stretch that is compared with, of this same data; marked beside what is shown. */
  base?: { fromMs: number; toMs: number } | null;
  /** What the next drag chooses in place of what is shown; null: what is shown. */
  picking?: string | null;
  onCancelPicking?: () => void;
  onChoose: (fromMs: number, toMs: number) => void;
  onFollow: () => void;
}

/** Lengths of the strip, ms: the first that holds all windows, so that it rescales a few times, not each second. */
const LENGTHS_MS = [60_000, 120_000, 300_000, 600_000, 960_000, 1_920_000] as const;

export function TimePanel(props: TimePanelProps): ReactElement {
  const { strip, shown, kinds, isStill } = props;
  const theme = useTheme();
  const [pointed, setPointed] = useState<TimeStripWindow | null>(null);
  const windows = useMemo(() => toWindows(strip, kinds), [strip, kinds]);
  const span = useMemo(() => toSpan(strip, shown, isStill), [strip, shown, isStill]);
  const covered = useMemo(() => coveredRange(strip, shown), [strip, shown]);
  const selection = useMemo(
    () => ({
      fromMs: Math.max(span.fromMs, covered?.fromMs ?? shown.fromMs),
      toMs: Math.min(span.toMs, covered?.toMs ?? shown.toMs),
    }),
    [span, covered, shown],
  );
  const lost = pointed === null ? 0 : (strip.lost[strip.startMs.indexOf(pointed.startMs)] ?? 0);
  return (
    <section className="panel px-3 pt-1.5 pb-1" aria-label="Time strip">
      <div className="flex flex-wrap justify-between gap-x-4 text-dull text-small">
        {props.picking ? (
          <PickingWords what={props.picking} onCancel={props.onCancelPicking} />
        ) : (
          <span className="max-sm:hidden">
            {kinds.map((kind) => KIND_WORDS[kind].name).join(' + ')} time of {props.ofWhom}, each second ·
            drag to choose a stretch
          </span>
        )}
        {pointed === null ? (
          <Shown covered={covered} shown={shown} />
        ) : (
          <span className="max-sm:truncate">
            {toClock(pointed.startMs)}{' '}
            <strong className="text-ink">
              {formatTimeRate((pointed.blockedNs * 1000) / Math.max(1, pointed.endMs - pointed.startMs))}
            </strong>
            {lost > 0 && <span className="text-warn"> · {lost.toLocaleString('en-GB')} lost</span>}
          </span>
        )}
      </div>
      <div className="relative mt-1">
        {props.base && (
          <BaseMark
            base={props.base}
            span={span}
            words={`${toClock(props.base.fromMs)} – ${toClock(props.base.toMs)}`}
          />
        )}
        <TimeStrip
          windows={windows}
          span={span}
          selection={selection}
          theme={theme}
          ariaLabel={
            isStill
              ? `Waited time over ${formatNs((span.toMs - span.fromMs) * 1e6)}`
              : `Waited time over the last ${Math.round((span.toMs - span.fromMs) / 60_000)} min`
          }
          onSelect={(chosen) => {
            if (chosen === null) props.onFollow();
            else props.onChoose(Math.floor(chosen.fromMs), Math.ceil(chosen.toMs));
          }}
          onHover={setPointed}
        />
      </div>
    </section>
  );
}

function Shown({ covered, shown }: { covered: CoveredRange | null; shown: ShownSpan }): ReactElement {
  if (covered === null) {
    return (
      <span title={`${toUtc(shown.fromMs)} to ${toUtc(shown.toMs)}`}>
        no data {toClock(shown.fromMs)} – {toClock(shown.toMs)}
      </span>
    );
  }
  return (
    <span role="note" aria-label="Shown time" title={`${toUtc(covered.fromMs)} to ${toUtc(covered.toMs)}`}>
      shown {toClock(covered.fromMs)} – {toClock(covered.toMs)}
      {covered.missingMs > 0 && `, ${formatNs(covered.missingMs * 1e6)} of it missing`}
      {covered.isCutAtStart && (
        <span
          className="text-warn"
          title="The hub keeps windows up to a limit of time and of memory, and has none from before it heard of the host"
        >
          , nothing older is here
        </span>
      )}
    </span>
  );
}

function toWindows(strip: StripSeries, kinds: readonly Kind[]): TimeStripWindow[] {
  const columns = kinds.map((kind) => strip[`${kind}Ns`]);
  return Array.from(strip.startMs, (startMs, index) => ({
    startMs,
    endMs: strip.endMs[index]!,
    blockedNs: columns.reduce((sum, column) => sum + column[index]!, 0),
  }));
}

function toSpan(strip: StripSeries, shown: ShownSpan, isStill: boolean): { fromMs: number; toMs: number } {
  const oldestMs = strip.startMs[0] ?? shown.fromMs;
  if (isStill) return { fromMs: oldestMs, toMs: shown.newestMs ?? shown.toMs };
  const toMs = Math.max(shown.newestMs ?? shown.toMs, shown.toMs);
  const lengthMs = LENGTHS_MS.find((length) => toMs - oldestMs <= length) ?? toMs - oldestMs;
  return { fromMs: toMs - lengthMs, toMs };
}
