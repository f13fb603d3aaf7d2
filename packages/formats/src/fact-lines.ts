/**
 * Owns what a picture in a file says of itself, as the product says it beside its graphs: what the numbers are, how they
 * were sampled, what was lost, when it was. A picture without these lines would be numbers without a meaning.
 *
 *     41.2 s waited · off-CPU: where threads waited (blocked)
 *     sampled 99.6 % ± 0.8 of exact · 0 lost
 *     2026-01-02 10:00:00 UTC · 30.0 s · web-1
 */
import {
  cpuSampleWords,
  formatCount,
  formatNs,
  formatValue,
  LOSSES,
  type SampleProfile,
  type Totals,
  type View,
} from '@stallscope/profile';
import type { RowFacts } from './write.js';

/** @param total sum of the value that is drawn */
export function factLines(profile: SampleProfile, value: number, total: number, facts?: RowFacts): string[] {
  const { type, unit } = profile.valueTypes[value]!;
  const amount = formatValue(total, unit).trim();
  const when = [
    profile.startMs === null
      ? ''
      : `${new Date(profile.startMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    profile.durationNs === null || profile.durationNs <= 0 ? '' : formatNs(profile.durationNs),
    facts?.hostName ?? '',
  ].filter((part) => part !== '');
  const lines =
    facts === undefined
      ? [
          `${amount} ${unit === 'count' ? type : `of ${type}`} · ${formatCount(profile.sampleStack.length)} samples`,
        ]
      : [
          facts.view === 'wall'
            ? `${amount} ${unit === 'count' ? 'waits and samples' : 'of life'} · ${VIEW_WORDS.wall}`
            : facts.view === 'cpu'
              ? `${amount} ${unit === 'count' ? 'samples' : 'on CPU'} · ${VIEW_WORDS.cpu}`
              : `${amount} ${unit === 'count' ? 'waits' : 'waited'} · ${VIEW_WORDS[facts.view]} (${facts.kinds.join(', ')})`,
          `${facts.view === 'cpu' ? `${cpuSampleWords(facts.totals)} · ` : ''}${sampledShare(facts.totals)} · ${lostWords(facts)}${facts.governed && facts.view !== 'cpu' ? ` · τ raised to ${formatNs(facts.tauNs)} to bound the cost` : ''}`,
        ];
  return when.length === 0 ? lines : [...lines, when.join(' · ')];
}

const VIEW_WORDS: Readonly<Record<View, string>> = {
  'off-cpu': 'off-CPU: where threads waited',
  wakeup: 'wakeup: who ended the waits',
  'off-wake': 'off-wake: where threads waited, and who woke them',
  chain: 'chain: where threads waited, who woke them, who woke the wakers',
  cpu: 'CPU: what threads ran',
  wall: 'wall: what each thread was at, and where',
};

function sampledShare({ exactNs, ratio, ratioError }: Totals): string {
  if (exactNs === undefined) return 'no exact count of this selection';
  if (ratio === undefined) return 'no exact count to compare with';
  return `sampled ${(ratio * 100).toFixed(1)} % ± ${((ratioError ?? 0) * 100).toFixed(1)} of exact`;
}

function lostWords({ losses }: RowFacts): string {
  const named = LOSSES.filter((loss) => (losses[loss] ?? 0) > 0);
  const sum = named.reduce((all, loss) => all + losses[loss]!, 0);
  return `${formatCount(sum)} lost${named.length === 0 ? '' : ` (${named.map((loss) => `${loss} ${formatCount(losses[loss]!)}`).join(', ')})`}`;
}
