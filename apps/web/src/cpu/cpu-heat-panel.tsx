'use client';
/** Owns the panel of the view of CPUs over its graph: when samples fell, to 20 ms, and the stretch of them that the graph is of. */
import { SliceHeatmap, toCells } from '@stallscope/charts';
import { SLICE_MS, type SliceHeat, type SliceSpan } from '@stallscope/profile';
import { type ReactElement, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { plural, toClockMs } from '../words/words';

export interface CpuHeatPanelProps {
  heat: SliceHeat;
  selection: Selection;
  acts: SelectionActs;
  ofWhom: string;
}

type Pointed = { from: number; to: number; samples: number; isMeasured: boolean };

export function CpuHeatPanel({ heat, selection, acts, ofWhom }: CpuHeatPanelProps): ReactElement {
  const theme = useTheme();
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const { slices } = selection;
  const most = useMemo(() => toCells(heat).most, [heat]);
  return (
    <section className="panel px-3 pt-1.5 pb-1" aria-label="CPU samples over time">
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 text-dull text-small">
        <span>
          CPU samples of {ofWhom}: a column a second, from its start upwards
          {most > 0 && `; darkest: ${plural(most, 'sample')} in 20 ms`}
          <span className="max-sm:hidden"> · drag to see what ran in any stretch</span>
        </span>
        {pointed !== null ? (
          <span>
            {toClockMs(pointed.from * SLICE_MS)} – {toClockMs(pointed.to * SLICE_MS)}{' '}
            <strong className="text-ink">
              {pointed.isMeasured ? plural(pointed.samples, 'sample') : 'not measured'}
            </strong>
          </span>
        ) : slices !== null ? (
          <span>
            graph of {toClockMs(slices.from * SLICE_MS)} – {toClockMs(slices.to * SLICE_MS)}
            {isOutside(heat, slices) && ', outside of what is drawn here'}{' '}
            <button type="button" className="underline" onClick={() => acts.go({ slices: null })}>
              Show all
            </button>
          </span>
        ) : null}
      </div>
      <div className="mt-1">
        <SliceHeatmap
          heat={heat}
          selection={slices}
          theme={theme}
          ariaLabel="CPU samples by second and time within it"
          onSelect={(chosen) => acts.go({ slices: chosen })}
          onHover={setPointed}
        />
      </div>
    </section>
  );
}

/** A live page goes on, and leaves what was chosen behind. */
function isOutside({ firstSlice, counts }: SliceHeat, { from, to }: SliceSpan): boolean {
  return to <= firstSlice || from >= firstSlice + counts.length;
}
