'use client';
/**
 * Owns the time strip of a profile from elsewhere, told from the profile's beginning: what was sampled when, and the
 * stretch that rules all below.
 */
import { formatNs, formatValue, TimeStrip, type TimeStripWindow } from '@stallscope/charts';
import type { ValueUnit } from '@stallscope/profile';
import { type ReactElement, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import { BaseMark, PickingWords } from '../host/base-mark';
import type { StripSeries } from '../live/live-messages';
import { sinceWords } from '../words/since-words';

export interface SampleTimePanelProps {
  strip: StripSeries;
  /** Unix ms that times are told from. */
  sinceMs: number;
  /** What is summed: `samples`, `cpu`. */
  valueName: string;
  unit: ValueUnit;
  /** The stretch that was chosen. */
  chosen: { fromMs: number; toMs: number } | null;
  /** What is compared with, where it is a stretch of this profile. */
  base: { fromMs: number; toMs: number } | null;
  /** What the next drag chooses in place of what is shown; null: what is shown. */
  picking: string | null;
  onCancelPicking: () => void;
  onChoose: (stretch: { fromMs: number; toMs: number } | null) => void;
}

export function SampleTimePanel(props: SampleTimePanelProps): ReactElement {
  const { strip, sinceMs, unit, chosen } = props;
  const theme = useTheme();
  const [pointed, setPointed] = useState<TimeStripWindow | null>(null);
  const windows = useMemo(
    () =>
      Array.from(strip.startMs, (startMs, bin) => ({
        startMs,
        endMs: strip.endMs[bin]!,
        blockedNs: strip.blockedNs[bin]!,
      })),
    [strip],
  );
  const span = useMemo(
    () => ({ fromMs: windows[0]?.startMs ?? 0, toMs: windows.at(-1)?.endMs ?? 0 }),
    [windows],
  );
  const stretch = chosen ?? span;
  return (
    <section className="panel px-3 pt-1.5 pb-1" aria-label="Time strip">
      <div className="flex flex-wrap justify-between gap-x-4 text-dull text-small">
        {props.picking !== null ? (
          <PickingWords what={props.picking} onCancel={props.onCancelPicking} />
        ) : (
          <span className="max-sm:hidden">
            {props.valueName} over time, from the beginning of the profile · drag to choose a stretch
          </span>
        )}
        {pointed === null ? (
          <span role="note" aria-label="Shown time">
            shown {sinceWords(stretch.fromMs, sinceMs)} – {sinceWords(stretch.toMs, sinceMs)}
          </span>
        ) : (
          <span className="max-sm:truncate">
            {sinceWords(pointed.startMs, sinceMs)} – {sinceWords(pointed.endMs, sinceMs)}{' '}
            <strong className="text-ink">{formatValue(pointed.blockedNs, unit).trim()}</strong>
          </span>
        )}
      </div>
      <div className="relative mt-1">
        {props.base && (
          <BaseMark
            base={props.base}
            span={span}
            words={`${sinceWords(props.base.fromMs, sinceMs)} – ${sinceWords(props.base.toMs, sinceMs)}`}
          />
        )}
        <TimeStrip
          windows={windows}
          span={span}
          selection={stretch}
          theme={theme}
          sinceMs={sinceMs}
          unit={unit}
          ariaLabel={`${props.valueName} over ${formatNs((span.toMs - span.fromMs) * 1e6)}`}
          onSelect={props.onChoose}
          onHover={setPointed}
        />
      </div>
    </section>
  );
}
