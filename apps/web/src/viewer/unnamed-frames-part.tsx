'use client';
/** Owns the part of the foot line that counts frames without a name: how much, why, and what the reader can do about each. */
import { formatPercent } from '@stallscope/charts';
import { HINT_WORDS, sharesByReason, UNNAMED_WORDS } from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { ViewTotals } from '../live/live-messages';
import { FootPopover } from './foot-popover';

/** Above it a graph is more guess than names. */
const MUCH = 0.2;

export function UnnamedFramesPart({
  totals: { unnamedShare, unnamedByReason, hints },
}: {
  totals: ViewTotals;
}): ReactElement {
  const reasons = sharesByReason(unnamedByReason);
  const words = `${formatPercent(unnamedShare)} of frames unnamed`;
  return (
    <FootPopover
      words={words}
      label={`${words}, why`}
      isWarning={unnamedShare >= MUCH}
      title="Frames without a name"
    >
      <h3 className="font-semibold">
        {reasons.length === 0 ? 'Every frame drawn has a name' : 'Frames without a name'}
      </h3>
      <p className="text-dull text-small">Shares of the width drawn in frames: of the time in them.</p>
      {reasons.length > 0 && (
        <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1.5">
          {reasons.map(({ reason, share }) => (
            <div key={reason} className="contents">
              <dt className="text-right font-semibold">{formatPercent(share)}</dt>
              <dd>
                {UNNAMED_WORDS[reason].short}
                <span className="block text-dull text-small">{UNNAMED_WORDS[reason].why}</span>
                <span className="block text-small">→ {UNNAMED_WORDS[reason].remedy}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {hints.length > 0 && (
        <>
          <h3 className="mt-3 font-semibold">Processes that could tell more</h3>
          <ul aria-label="Processes that could tell more" className="mt-1 flex flex-col gap-1.5">
            {hints.map(({ tgid, name, hint }) => (
              <li key={tgid}>
                <span className="font-mono">{name || '(no name)'}</span>{' '}
                <span className="text-dull">{tgid}</span>
                <span className="block text-dull text-small">{HINT_WORDS[hint].what}</span>
                <span className="block text-small">→ {HINT_WORDS[hint].remedy}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </FootPopover>
  );
}
