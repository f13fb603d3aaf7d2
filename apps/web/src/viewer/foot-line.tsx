'use client';
/** Owns the line under the graph that says how far it can be trusted. It is never hidden: a graph without it is a bug, so it stays at the foot of the window while the graph reaches below. */
import { formatExactNs, formatNs, formatPercent } from '@stallscope/charts';
import { cpuSampleWords, LOSSES, type View } from '@stallscope/profile';
import { Fragment, memo, type ReactElement } from 'react';
import type { NoiseTime } from '../live/beside-graph';
import type { RegionTotals, ViewTotals } from '../live/live-messages';
import { type NoiseChoice, toChoices } from '../selection/noise-choice';
import { GOVERNOR_WORDS } from '../words/governor-words';
import { LOSS_WORDS } from '../words/view-help';
import { CollectingPart } from './collecting-part';
import { FootPopover } from './foot-popover';
import { hiddenParts, hiddenValue } from './hidden-noise';
import { UnnamedFramesPart } from './unnamed-frames-part';

/** Share of a total that is no difference. */
const ROUNDING = 1e-9;

export interface FootLineProps {
  view: View;
  totals: ViewTotals;
  /** What the totals are of. */
  coveredMs: number;
  /** What the agent's own cost is of: the whole span. */
  spanMs: number;
  /** Total of the graph, ns: less than what was sampled where a shape leaves paths out. */
  drawnNs: number;
  noise: readonly NoiseTime[];
  choices: readonly NoiseChoice[];
}

export function FootLine({
  view,
  totals,
  coveredMs,
  spanMs,
  drawnNs,
  noise,
  choices,
}: FootLineProps): ReactElement {
  const hiddenNs = hiddenValue(noise);
  // Sums of many numbers in another order differ in their last digits.
  const elsewhereNs = totals.sampledNs - drawnNs - hiddenNs;
  const isWhole = elsewhereNs <= totals.sampledNs * ROUNDING;
  return (
    <p
      aria-label="Totals"
      role="note"
      className="sticky bottom-0 z-10 rounded-b-panel border-line border-t bg-surface px-3 py-1.5 max-sm:py-1 max-sm:text-small"
    >
      <span className="dotted-items gap-y-0.5">
        <span title={`${formatExactNs(totals.sampledNs)}, over all windows shown`}>
          <strong>
            {view === 'wall'
              ? `${totals.life.threads.toLocaleString('en-GB')} ${totals.life.threads === 1 ? 'thread' : 'threads'} · ${formatNs(totals.life.livedNs)}`
              : formatNs(totals.sampledNs)}
          </strong>{' '}
          {view === 'wall'
            ? `of life, ${formatNs(totals.sampledNs)} shown,`
            : view === 'cpu'
              ? 'on CPU'
              : 'waited'}{' '}
          in {formatNs(coveredMs * 1e6)}
        </span>
        {hiddenNs > 0 && (
          <span
            role="note"
            aria-label="Hidden idle waits"
            className="font-semibold text-warn"
            title="Left out of the graph; the totals of this line are with it"
          >
            hides {formatNs(hiddenNs)} of idle waits{' '}
            <span className="font-normal">({hiddenParts(noise, toChoices(choices), 'nanoseconds')})</span>
          </span>
        )}
        {!isWhole && (
          <span title="Paths that do not go through the function asked for are not drawn">
            <strong>{formatNs(drawnNs)}</strong> of it drawn
          </span>
        )}
        {view === 'wall' ? (
          <WallSampled totals={totals} />
        ) : view === 'cpu' ? (
          <CpuSampled totals={totals} />
        ) : totals.region?.isOfWaits ? (
          <RegionSampled region={totals.region} />
        ) : (
          <Sampled totals={totals} />
        )}
        <span>
          <Losses losses={totals.losses} coalescedWindows={totals.coalescedWindows} />
        </span>
        <span>
          <UnnamedFramesPart totals={totals} />
        </span>
        {view !== 'cpu' && (
          <span>
            <Threshold totals={totals} />
          </span>
        )}
        {spanMs > 0 && (
          <span className="at-end text-dull">
            <CollectingPart totals={totals} spanMs={spanMs} />
          </span>
        )}
      </span>
    </p>
  );
}

/** A sample of a CPU stands for one period; ± is one standard error of their number. */
function CpuSampled({ totals }: { totals: ViewTotals }): ReactElement {
  const { sampledNs, exactNs, captures, cpuPeriodNs } = totals;
  const isSampled = cpuPeriodNs > 0 || captures > 0;
  return (
    <>
      <span title="Each stands for one period of the sampling clock; ± is one standard error of their number">
        {isSampled ? cpuSampleWords(totals) : 'CPUs not sampled'}
      </span>
      {exactNs === null ? (
        <span title="The exact counters are of whole windows">no exact total of a part of a window</span>
      ) : (
        <span
          title={`The scheduler counts what each thread ran exactly: ${formatExactNs(exactNs)}. It costs no sample, and is the control of them`}
        >
          exact {formatNs(exactNs)}
          {exactNs > 0 && isSampled && ` (sampled ${((100 * sampledNs) / exactNs).toFixed(1)} % of it)`}
        </span>
      )}
    </>
  );
}

/** Exact counters of time do not know lengths; the histograms count every wait of them. */
function RegionSampled({ region }: { region: RegionTotals }): ReactElement {
  const { count, sampledCount } = region;
  return (
    <span title="Each wait of these lengths was counted; the stacks stand for this many of them. Their time is that of the stacks: exact counters of time do not tell lengths apart">
      {count.toLocaleString('en-GB')} waits of these lengths, exact; stacks stand for{' '}
      {count === 0 ? Math.round(sampledCount) : formatPercent(sampledCount / count)}
    </span>
  );
}

/** The kinds of a thread are exact; how each is shared by stacks is sampled. */
function WallSampled({ totals }: { totals: ViewTotals }): ReactElement {
  return (
    <span title="Time of each kind is counted exactly, thread by thread; the stacks in it are sampled: waits by their length, CPUs by their clock">
      kinds exact, stacks sampled{totals.cpuPeriodNs === 0 ? '; CPUs were not sampled' : ''}
    </span>
  );
}

function Sampled({ totals }: { totals: ViewTotals }): ReactElement {
  const { sampledNs, exactNs, standardErrorNs } = totals;
  if (exactNs === null) {
    return (
      <span title="The exact counters of a thread do not tell task states apart">
        sampled, no exact total by state
      </span>
    );
  }
  if (exactNs === 0) return <span>exact total 0 s</span>;
  return (
    <span
      title={`Exact counters, which cost no stack, say ${formatExactNs(exactNs)}; ± is one standard error of the sampling`}
    >
      sampled {((100 * sampledNs) / exactNs).toFixed(1)} % ± {((100 * standardErrorNs) / exactNs).toFixed(1)}{' '}
      of exact
    </span>
  );
}

function Threshold({ totals }: { totals: ViewTotals }): ReactElement {
  const { tauNs, tauNowNs, governed, governedNow } = totals;
  if (!governed || tauNs === null || tauNowNs === null) {
    return (
      <span title="Blocks of this length or longer are always captured; shorter ones by chance, and weighted">
        {tauNowNs === null ? 'τ –' : tauNowNs === 0 ? 'τ 0, exact' : `τ ${formatNs(tauNowNs)}`}
      </span>
    );
  }
  const words = governedNow
    ? `τ raised to ${formatNs(tauNowNs)}`
    : `τ ${tauNowNs === 0 ? '0' : formatNs(tauNowNs)} again, was ${formatNs(tauNs)}`;
  return (
    <FootPopover words={words} label={`${words}, why`} isWarning={governedNow} title="Sampling threshold">
      <h3 className="font-semibold">
        {governedNow
          ? 'The governor holds the sampling threshold up'
          : 'The governor held it up in this span'}
      </h3>
      {GOVERNOR_WORDS.map((paragraph) => (
        <p key={paragraph} className="mt-1">
          {paragraph}
        </p>
      ))}
    </FootPopover>
  );
}

type LossesProps = Pick<ViewTotals, 'losses' | 'coalescedWindows'>;

/** Each view brings counters of its own, which seldom differ. */
function isSameLoss(a: LossesProps, b: LossesProps): boolean {
  return (
    a.coalescedWindows === b.coalescedWindows && LOSSES.every((loss) => a.losses[loss] === b.losses[loss])
  );
}

const Losses = memo(function Losses({ losses, coalescedWindows }: LossesProps): ReactElement {
  const counted = LOSSES.filter((loss) => (losses[loss] ?? 0) > 0);
  const lost = counted.reduce((sum, loss) => sum + losses[loss]!, 0);
  const words = `${lost.toLocaleString('en-GB')} lost`;
  return (
    <FootPopover words={words} label={`${words}, details`} isWarning={lost > 0} title="Losses">
      <h3 className="font-semibold">{lost === 0 ? 'Nothing was lost in this span' : 'Lost in this span'}</h3>
      {lost === 0 && (
        <p className="text-dull">{LOSSES.length} places that can lose something are counted; all say 0.</p>
      )}
      {lost > 0 && (
        <dl className="mt-1 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1.5">
          {counted.map((loss) => (
            <Fragment key={loss}>
              <dt className="text-right font-semibold">{losses[loss]!.toLocaleString('en-GB')}</dt>
              <dd>
                <span className="font-mono">{loss}</span>
                <span className="block text-dull text-small">{LOSS_WORDS[loss]}</span>
              </dd>
            </Fragment>
          ))}
        </dl>
      )}
      {coalescedWindows > 0 && (
        <p className="mt-2 text-dull">
          {coalescedWindows.toLocaleString('en-GB')} windows came merged, as this browser was slow: coarser in
          time, nothing of them lost.
        </p>
      )}
    </FootPopover>
  );
}, isSameLoss);
