/**
 * Owns what is said of a panel's collection: what it costs, and why a host cannot show it. Both are of what the panel needs;
 * what the scheduler probe sees anyway costs nothing more.
 */
import { formatNs } from '@stallscope/charts';
import type { Capability, Collectible } from '@stallscope/protocol';
import type { ProbeStanding } from '../live/probe-standing';

export interface PanelCost {
  words: string;
  title: string;
}

/** null where the panel needs nothing, or nothing is known yet. */
export function toPanelCost(
  needs: readonly Collectible[],
  standing: readonly ProbeStanding[] | undefined,
): PanelCost | null {
  if (needs.length === 0) {
    return {
      words: 'no extra cost',
      title: 'Made from what the scheduler probe sees, which collects all the same.',
    };
  }
  const collected = needs.flatMap((need) => standing?.find(({ name }) => name === need) ?? []);
  const on = collected.filter(({ state }) => state !== 'refused');
  if (on.length === 0) return null;
  const known = on.flatMap(({ cost }) => cost ?? []);
  const notes = on.map(toNote);
  const title = ['To collect, for all panels that need it together:', ...notes].join('\n');
  if (known.length === 0) {
    // Counted by the programs that see each switch anyway: what is theirs and what is its own cannot be told apart.
    const around =
      on.every(({ name }) => name === 'lengths') && standing?.find(({ name }) => name === 'sched');
    if (!around) return { words: 'cost not measured', title };
    return { words: 'in the scheduler probe', title: `${title}\n${toNote(around)}` };
  }
  const sum = known.reduce((total, { nsPerSecond }) => total + nsPerSecond, 0);
  return { words: `${toShare(sum)} of a CPU`, title };
}

function toNote({ name, cost, detail }: ProbeStanding): string {
  const of =
    cost === null
      ? 'not measured by itself'
      : `${formatNs(cost.nsPerSecond)} a second in ${formatRuns(cost.runsPerSecond)} runs`;
  return `${name}: ${of}${detail === '' ? '' : `. ${detail}`}`;
}

/**
 * A sentence; null where it can be shown, or partly.
 * @param isRecording what was not recorded is never collected
 */
export function toRefusal(
  needs: readonly Collectible[],
  capabilities: readonly Capability[] | undefined,
  standing: readonly ProbeStanding[] | undefined,
  isRecording = false,
): string | null {
  const reasons = needs.map((need) => {
    const missing = capabilities?.find(({ name, status }) => name === need && status === 'missing');
    if (missing !== undefined) return missing.detail || `${need} cannot be collected there`;
    const said = standing?.find(({ name }) => name === need);
    if (said?.state === 'refused') return said.detail || `${need} could not be collected there`;
    return isRecording && standing !== undefined && said === undefined
      ? 'this is a recording, and it has none of this'
      : null;
  });
  if (reasons.length === 0 || reasons.includes(null)) return null;
  return [...new Set(reasons)].join('; ');
}

/** `0.012 %`, to two figures. */
function toShare(nsPerSecond: number): string {
  const percent = nsPerSecond / 1e7;
  if (percent < 0.001) return '< 0.001 %';
  return `${Number(percent.toPrecision(2))} %`;
}

function formatRuns(perSecond: number): string {
  return perSecond >= 10
    ? Math.round(perSecond).toLocaleString('en-GB')
    : String(Number(perSecond.toPrecision(2)));
}
