'use client';
/** Owns a panel of operations: what was counted in the region or the stretch that is selected, the longest first. */
import { formatCount, formatNs } from '@stallscope/charts';
import { bucketFromNs, bucketToNs, heatmapOf, isHeatmapName } from '@stallscope/latency';
import type { ReactElement } from 'react';
import { toClock, toUtc } from '../words/words';
import type { BodyProps } from './panel-body';
import { PanelTable } from './panel-table';
import { NotCollected, PanelWords } from './panel-words';
import { usePanelsOf } from './use-panels';

/** Rows drawn; the host's page has more. */
const MAX_ROWS = 200;

export function EventsBody(props: BodyProps<'events'>): ReactElement {
  const { panel, hostId, content, selection } = props;
  const { table, covered } = content;
  const probe = isHeatmapName(panel.arg) ? heatmapOf(panel.arg).probe : '';
  const state = usePanelsOf(
    ({ standing }) => standing.get(hostId)?.find(({ name }) => name === probe)?.state ?? null,
  );
  if (!isHeatmapName(panel.arg)) return <PanelWords>There is no heatmap “{panel.arg}”.</PanelWords>;
  const kind = heatmapOf(panel.arg);
  if (table.total === 0) {
    if (state === null) return <NotCollected hostId={hostId} />;
    const isOfRegion = selection.region?.name === panel.arg && selection.region.hostId === hostId;
    return (
      <PanelWords>
        {isOfRegion
          ? 'No operation was in the region that is selected.'
          : `No operation in ${formatNs(covered.coveredMs * 1e6)}.`}
      </PanelWords>
    );
  }
  const rows = Array.from(table.tid.keys()).slice(0, MAX_ROWS);
  const hasTarget = kind.targetWord !== '';
  return (
    <PanelTable
      label={`${kind.title}: operations`}
      rows={rows}
      keyOf={(at) =>
        [table.startMs[at], table.tid[at], table.operation[at], table.target[at], table.bucket[at]].join()
      }
      columns={[
        {
          name: 'time',
          title: 'End of the window in which it ended',
          cell: (at) => toClock(table.endMs[at]!),
          cellTitle: (at) => `in the window up to ${toUtc(table.endMs[at]!)}`,
        },
        { name: 'process', cell: (at) => table.process[at] || table.name[at] || '?' },
        {
          name: 'thread',
          cell: (at) => (
            <>
              {table.name[at]} <span className="text-dull">{table.tid[at]}</span>
            </>
          ),
        },
        { name: kind.operationWord, cell: (at) => table.operation[at] },
        ...(hasTarget ? [{ name: kind.targetWord, cell: (at: number) => table.target[at] }] : []),
        {
          name: 'took',
          title: 'The bucket that it was counted in',
          isNumber: true,
          cell: (at) => `${formatNs(bucketFromNs(table.bucket[at]!))} – ${upTo(table.bucket[at]!)}`,
        },
        { name: 'times', isNumber: true, cell: (at) => formatCount(table.count[at]!) },
      ]}
    />
  );
}

function upTo(bucket: number): string {
  const ns = bucketToNs(bucket);
  return Number.isFinite(ns) ? formatNs(ns) : '∞';
}
