'use client';
/** Owns the table of operations behind a heatmap or its region: when, which thread, what, how long, how often; the longest first. */
import { heatmapOf } from '@stallscope/latency';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactElement, useRef } from 'react';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { toClock, toUtc } from '../words/words';
import { COUNTED_WORDS, countWords, lengthWords, operationName } from './heat-words';
import type { OperationTable } from './operation-sum';

export interface OperationTableProps {
  operations: OperationTable;
  selection: Selection & { heat: NonNullable<Selection['heat']> };
  acts: SelectionActs;
}

const ROW_PX = 26;

export function OperationTableView({ operations, selection, acts }: OperationTableProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const { heat: name } = selection;
  const { operationWord, targetWord } = heatmapOf(name);
  const hasTarget = targetWord !== '' && operations.target.some((target) => target !== '');
  const columns = {
    gridTemplateColumns: `4.25rem minmax(8rem, 1fr) minmax(4rem, 8rem) ${hasTarget ? '4rem' : ''} 8.75rem 4.25rem`,
  };
  const rows = useVirtualizer({
    count: operations.tid.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const listed = operations.tid.length;
  const [, many] = COUNTED_WORDS[name];
  return (
    <section className="panel below-fold flex min-w-0 flex-col" aria-label="Operations">
      <h2 className="min-w-0 px-3 pt-2 pb-1 font-semibold">
        Operations{' '}
        <span className="font-normal text-dull">
          {operations.countedWindows > 0 && `${countWords(name, operations.counted.count)}, exact`}
          {listed === 0
            ? ''
            : listed < operations.total
              ? `; the longest ${listed.toLocaleString('en-GB')} of ${operations.total.toLocaleString('en-GB')} rows`
              : ', the longest first'}
        </span>
      </h2>
      {listed === 0 ? (
        <p className="px-3 pb-3 text-dull">
          {operations.countedWindows === 0
            ? `No window of this span counted ${heatmapOf(name).title}.`
            : `None in this span and of these lengths.`}
        </p>
      ) : (
        <div ref={scroller} className="h-72 overflow-auto contain-strict">
          {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtual list, which a table element cannot do */}
          <div role="table" aria-label="Operations" aria-rowcount={listed + 1} style={{ minWidth: '35rem' }}>
            {/* biome-ignore lint/a11y/useSemanticElements: as above */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: it does nothing */}
            <div
              role="row"
              aria-rowindex={1}
              className="sticky top-0 z-10 grid gap-x-2 border-line border-b bg-surface px-3 text-dull text-small"
              style={columns}
            >
              {['ended', 'thread', operationWord, ...(hasTarget ? [targetWord] : []), 'latency', many].map(
                (word, index) => (
                  // biome-ignore lint/a11y/useSemanticElements: as above
                  // biome-ignore lint/a11y/useFocusableInteractive: it does nothing
                  <div
                    key={word}
                    role="columnheader"
                    className={`py-0.5 ${index >= (hasTarget ? 4 : 3) ? 'text-right' : ''}`}
                  >
                    {word}
                  </div>
                ),
              )}
            </div>
            <div className="relative" style={{ height: rows.getTotalSize() }}>
              {rows.getVirtualItems().map(({ index, start }) => {
                const tid = operations.tid[index]!;
                const operation = operations.operation[index]!;
                const target = operations.target[index]!;
                const bucket = operations.bucket[index]!;
                const process = operations.process[index]!;
                const thread = operations.name[index]! || process || '(no name)';
                return (
                  // biome-ignore lint/a11y/useSemanticElements: as above
                  // biome-ignore lint/a11y/useFocusableInteractive: its buttons are
                  <div
                    key={index}
                    role="row"
                    aria-rowindex={index + 2}
                    className={`absolute inset-x-0 grid items-center gap-x-2 px-3 hover:bg-sunken ${tid === selection.t ? 'bg-accent-soft' : ''}`}
                    style={{ top: start, height: ROW_PX, ...columns }}
                  >
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div
                      role="cell"
                      title={`In the window ${toUtc(operations.startMs[index]!)} to ${toUtc(operations.endMs[index]!)}`}
                    >
                      {toClock(operations.endMs[index]!)}
                    </div>
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div role="cell" className="min-w-0">
                      <button
                        type="button"
                        className="flex max-w-full items-baseline gap-1 text-left hover:underline"
                        title={`This thread alone: ${thread} ${tid}${process === '' ? '' : ` of ${process}`}`}
                        onClick={() => acts.toThread(operations.tgid[index]!, tid)}
                      >
                        <span className="min-w-0 truncate">{thread}</span>
                        <span className="shrink-0 text-dull text-small">{tid}</span>
                        {process !== '' && process !== thread && (
                          <span className="min-w-0 flex-1 truncate text-dull text-small">{process}</span>
                        )}
                      </button>
                    </div>
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div role="cell" className="min-w-0">
                      <button
                        type="button"
                        className="block max-w-full truncate text-left hover:underline"
                        title={`Only ${operationName(operation)}`}
                        onClick={() => acts.go({ op: operation })}
                      >
                        {operationName(operation)}
                      </button>
                    </div>
                    {hasTarget && (
                      // biome-ignore lint/a11y/useSemanticElements: as above
                      <div role="cell" className="min-w-0">
                        <button
                          type="button"
                          className="block max-w-full truncate text-left hover:underline"
                          title={`Only ${target}`}
                          onClick={() => acts.go({ on: target })}
                        >
                          {target}
                        </button>
                      </div>
                    )}
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div role="cell" className="whitespace-nowrap text-right">
                      {lengthWords({ fromBucket: bucket, toBucket: bucket + 1 })}
                    </div>
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div role="cell" className="text-right">
                      {operations.count[index]!.toLocaleString('en-GB')}
                    </div>
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
    </section>
  );
}
