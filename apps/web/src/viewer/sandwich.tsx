'use client';
/**
 * Owns the sandwich of one function: its callers above, growing upwards from it, its callees below, wherever it is called.
 * Both halves are of the same time, so widths can be compared.
 */
import { formatPercent, formatValue } from '@stallscope/charts';
import type { SandwichSide } from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import type { ColouredOwners } from '../who/use-owner-colours';
import { Flame } from './flame';
import type { FrameAct } from './frame-acts';
import type { GraphView } from './graph-view';

export interface SandwichProps {
  view: GraphView;
  selection: Selection;
  acts: SelectionActs;
  title: string;
  more: readonly FrameAct[];
  colours: ColouredOwners | undefined;
}

const HALF_WORDS: Readonly<Record<SandwichSide, string>> = {
  callers: 'callers: who got there',
  callees: 'callees: where it went from there',
};

export function SandwichView(props: SandwichProps): ReactElement {
  const { view, selection } = props;
  const { fn } = selection;
  const { sandwich, tree, unit } = view;
  if (fn === null) {
    return (
      <p className="flex h-full items-center justify-center px-6 text-center text-lead">
        Choose a function in the list, or in the graph with a right click or the key w.
      </p>
    );
  }
  if (sandwich === null || sandwich.function.label !== fn.label || sandwich.function.role !== fn.role) {
    return <p className="px-3 py-2 text-dull">Finding the paths through {fn.label}…</p>;
  }
  const value = sandwich.callees.tree.totalValue[0]!;
  const all = tree?.totalValue[0] ?? 0;
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col">
      <p className="flex flex-wrap items-baseline gap-x-3 px-3 py-1">
        <strong className="break-all font-mono">{fn.label}</strong>
        <span>
          {formatValue(value, unit)}
          {all > 0 && <span className="text-dull"> {formatPercent(value / all)} of the graph</span>}
        </span>
      </p>
      {value === 0 ? (
        <p role="status" className="px-3 py-2 text-lead">
          No path goes through it in this span. It is kept, and shows what comes.
        </p>
      ) : (
        (['callers', 'callees'] as const).map((side) => (
          <Half key={side} side={side} {...props} half={sandwich[side]} />
        ))
      )}
    </div>
  );
}

function Half({
  side,
  half,
  view,
  selection,
  acts,
  title,
  more,
  colours,
}: SandwichProps & {
  side: SandwichSide;
  half: NonNullable<GraphView['sandwich']>[SandwichSide];
}): ReactElement {
  const isChosen = selection.half === side;
  return (
    <section className="flex min-h-0 flex-1 flex-col border-line border-t" aria-label={HALF_WORDS[side]}>
      <h3 className="px-3 text-dull text-small">{HALF_WORDS[side]}</h3>
      <div className="min-h-0 flex-1">
        <Flame
          tree={half.tree}
          unit={view.unit}
          matched={half.matched ?? undefined}
          owners={half.owners === null ? undefined : colours?.toFlame(half.owners)}
          zoom={isChosen ? selection.zoom : null}
          sel={isChosen ? selection.sel : null}
          rootAt={side === 'callers' ? 'bottom' : 'top'}
          ariaLabel={`${side} of ${selection.fn?.label ?? ''}, flame graph of ${title}`}
          selection={selection}
          acts={acts}
          // A zoom of the other half is not this one's to take away by a click into nothing.
          toSelect={(sel) =>
            sel === null && !isChosen ? {} : { sel, half: side, ...(isChosen ? {} : { zoom: null }) }
          }
          toZoom={(zoom) => ({ zoom, half: side })}
          more={more}
        />
      </div>
    </section>
  );
}
