'use client';
/** Owns the part of the foot line that counts frames without a name: how much, why, and what the reader can do about each. */
import { formatPercent } from '@stallscope/charts';
import {
  groupHints,
  type HintGroup,
  sharesByReason,
  UNNAMED_WORDS,
  type Unnamed,
  type UnnamedFile,
} from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { ViewTotals } from '../live/live-messages';
import { FootPopover } from './foot-popover';
import { HintEntry } from './hint-entry';

/** Above it a graph is more guess than names. */
const MUCH = 0.2;

export function UnnamedFramesPart({
  totals: { unnamed, hints },
}: {
  totals: Pick<ViewTotals, 'unnamed' | 'hints'>;
}): ReactElement {
  const reasons = sharesByReason(unnamed.shareByReason);
  const words = `${formatPercent(unnamed.share)} of frames unnamed`;
  const groups = groupHints(hints);
  const isShown = (group: HintGroup): boolean => reasons.some(({ reason }) => reason === group.reason);
  const others = groups.filter((group) => !isShown(group));
  return (
    <FootPopover
      words={words}
      label={`${words}, why`}
      isWarning={unnamed.share >= MUCH}
      title="Frames without a name"
    >
      <h3 className="font-semibold">
        {reasons.length === 0 ? 'Every frame drawn has a name' : 'Frames without a name'}
      </h3>
      <p className="text-dull text-small">Shares of the width drawn in frames: of the time in them.</p>
      {reasons.length > 0 && (
        <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-2">
          {reasons.map(({ reason, share }) => {
            const own = groups.filter((group) => group.reason === reason);
            const { short, why, remedy } = UNNAMED_WORDS[reason];
            return (
              <div key={reason} className="contents">
                <dt className="text-right font-semibold">{formatPercent(share)}</dt>
                <dd className="min-w-0">
                  <span className="font-semibold">{short}</span>
                  <Files files={unnamed.filesByReason[reason] ?? []} />
                  <span className="block text-dull text-small">{why}</span>
                  {(own.length === 0 || !isOfProcesses(reason)) && (
                    <span className="block text-small">→ {remedy}</span>
                  )}
                  {own.length > 0 && <Hints groups={own} title={`What would name them: ${short}`} />}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
      {others.length > 0 && (
        <>
          <h3 className="mt-3 font-semibold">Processes that could tell more</h3>
          <Hints groups={others} title="Processes that could tell more" />
        </>
      )}
    </FootPopover>
  );
}

/** Its hints say all that can be done about it; of the others there are frames that no hint is of. */
function isOfProcesses(reason: Unnamed): boolean {
  return reason === 'no-perf-map';
}

function Hints({ groups, title }: { groups: readonly HintGroup[]; title: string }): ReactElement {
  return (
    <ul aria-label={title} className="mt-1 flex flex-col gap-1.5">
      {groups.map((group) => (
        <li key={group.hint}>
          <HintEntry group={group} />
        </li>
      ))}
    </ul>
  );
}

/** Whose symbols would help most. */
function Files({ files }: { files: readonly UnnamedFile[] }): ReactElement | null {
  if (files.length === 0) return null;
  return (
    <span className="block break-all text-small">
      most in{' '}
      {files.map(({ module, share }, index) => (
        <span key={module}>
          {index > 0 && ', '}
          <span className="font-mono" title={module}>
            {module.slice(module.lastIndexOf('/') + 1)}
          </span>{' '}
          {formatPercent(share)}
        </span>
      ))}
    </span>
  );
}
