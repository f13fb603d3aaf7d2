'use client';
/** Owns a panel of a flame graph: one view of what is selected, searched and zoomed here, opened in full on the host's page. */
import { FlameGraph, formatNs, formatPercent } from '@stallscope/charts';
import { matchNodes } from '@stallscope/profile';
import Link from 'next/link';
import { type ReactElement, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import { findPlace, type Place, placeOf } from '../selection/place';
import { MAX_SEARCH_CHARS, readSearch } from '../selection/selection';
import { VIEW_WORDS } from '../words/view-help';
import { hostLink } from './host-link';
import type { BodyProps } from './panel-body';
import { PanelWords } from './panel-words';

export function FlameBody(props: BodyProps<'flame'>): ReactElement {
  const { content, hostId, time, selection } = props;
  const { tree, view, covered, cpuPeriodNs } = content;
  const theme = useTheme();
  const [search, setSearch] = useState('');
  const [zoom, setZoom] = useState<Place | null>(null);
  const [sel, setSel] = useState<Place | null>(null);
  const asked = useMemo(() => readSearch(search), [search]);
  const matches = useMemo(
    () => (asked.ok && asked.pattern !== null ? matchNodes(tree, new RegExp(asked.pattern)) : undefined),
    [tree, asked],
  );
  const zoomNode = useMemo(() => (zoom === null ? 0 : (findPlace(tree, zoom) ?? 0)), [tree, zoom]);
  const selectedNode = useMemo(() => (sel === null ? null : (findPlace(tree, sel) ?? null)), [tree, sel]);
  const total = tree.totalValue[0] ?? 0;
  const name = VIEW_WORDS[view].name;
  const href = hostLink({ hostId, ...time, selection }, { view, q: asked.ok ? search : '', zoom, sel });
  return (
    <div className="flex h-full min-w-0 flex-col">
      <div className="flex min-h-7 items-center gap-2 px-2 text-dull text-small">
        <span className="min-w-0 truncate">
          <strong className="text-ink">{formatNs(total)}</strong>{' '}
          {view === 'cpu' ? 'on CPU' : view === 'wall' ? 'lived' : 'waited'}
          {matches !== undefined && total > 0 && ` · ${formatPercent(matches.matchedValue / total)} matched`}
          {!asked.ok && <span className="text-bad"> · not a regular expression: {asked.reason}</span>}
        </span>
        <input
          type="search"
          className="control ml-auto h-6 w-36 min-w-16 font-mono"
          aria-label={`Search frames of ${name}`}
          aria-invalid={!asked.ok}
          placeholder="search frames"
          spellCheck={false}
          autoComplete="off"
          maxLength={MAX_SEARCH_CHARS}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            if (search === '') event.currentTarget.blur();
            else setSearch('');
          }}
        />
        <Link
          href={href}
          className="shrink-0 text-accent hover:underline"
          title="This view on the page of the host, with what is selected here"
        >
          open
        </Link>
      </div>
      <div className="min-h-0 flex-1">
        {total > 0 ? (
          <FlameGraph
            tree={tree}
            zoomNode={zoomNode}
            selectedNode={selectedNode}
            matched={matches?.matched}
            theme={theme}
            tone={view === 'cpu' ? 'cpu' : 'waits'}
            ariaLabel={`${name} flame graph`}
            onZoom={(node) => setZoom(node === 0 ? null : placeOf(tree, node))}
            onSelect={(node) => setSel(node === null || node === 0 ? null : placeOf(tree, node))}
          />
        ) : (
          <PanelWords>
            {covered.windows === 0 ? (
              <p>No window is held of this stretch.</p>
            ) : view === 'cpu' && cpuPeriodNs === 0 ? (
              <p>CPUs are not sampled on this host, or not yet.</p>
            ) : (
              <p>
                Nothing {view === 'cpu' ? 'ran' : 'waited'} that the selection keeps, in{' '}
                {formatNs(covered.coveredMs * 1e6)}.
              </p>
            )}
          </PanelWords>
        )}
      </div>
    </div>
  );
}
