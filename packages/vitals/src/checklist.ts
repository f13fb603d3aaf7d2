/**
 * Owns the checklist: the USE method (utilisation, saturation, errors of each resource) over the vitals and waits of a
 * span. Pure; one line a question, each with its reading, its threshold, and what explains it.
 *
 *     CPU   saturation   threads waited 0.42 s a second for a CPU: 0.21 a CPU    look from 0.10, bad from 1    → run-queue waits
 *
 * States: `ok`, `look` (worth a look), `bad` (explains a stall by itself), `unknown` (not measured; the reading says why).
 * Invariant: what was not read is never ok.
 */
import { formatCount, formatNs, formatPercent, formatRate } from '@stallscope/profile/value-text';
import type { VitalGroup } from './groups.js';
import type { VitalSummary } from './vital-summary.js';
import { formatVital } from './vital-text.js';

export const CHECK_RESOURCES = ['CPU', 'memory', 'disk', 'network', 'threads waiting'] as const;
export type CheckResource = (typeof CHECK_RESOURCES)[number];
export const CHECK_ASPECTS = ['utilisation', 'saturation', 'errors'] as const;
export type CheckAspect = (typeof CHECK_ASPECTS)[number];
/** In the order of how much they ask for. */
export const CHECK_STATES = ['bad', 'look', 'unknown', 'ok'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** What explains a line. */
export type CheckView =
  | { readonly kind: 'chart'; readonly chart: string }
  | { readonly kind: 'heatmap'; readonly heatmap: string }
  /** The off-CPU view of waits, of one kind, or of one state of blocks. */
  | { readonly kind: 'waits'; readonly waits: 'runq' | 'uninterruptible' }
  /** The list of waits that are still open. */
  | { readonly kind: 'open-waits' };

export interface CheckLine {
  /** Names the question; stable. */
  readonly id: string;
  readonly resource: CheckResource;
  readonly aspect: CheckAspect;
  /** What is asked, in a few words. */
  readonly question: string;
  /** In words and numbers; of an unknown line, why it is not known. */
  readonly reading: string;
  /** `look from 70 %, bad from 90 %`; '' where there is nothing to compare. */
  readonly threshold: string;
  /** Why the threshold is where it is, and what the number does not say. */
  readonly help: string;
  readonly state: CheckState;
  readonly view: CheckView;
}

/** How a group of vitals stands: as the window's `probes` say it. */
export interface GroupStanding {
  readonly state: 'on' | 'starting' | 'refused' | 'off';
  /** Why refused, or what it does not see. */
  readonly detail: string;
}

/** What the scheduler probe says of the span; made by `waitsOfWindows`. */
export interface CheckWaits {
  /** Wall clock that the windows cover, ns. */
  readonly spanNs: number;
  /** Time that threads waited for a CPU within the span: woken or preempted, ns. Exact counters. */
  readonly queuedNs: number;
  /** Time blocked in state D that ended in the span, ns; an estimate when sampled. */
  readonly uninterruptibleNs: number;
  /** Waits that are open at the end of the span. */
  readonly open: readonly OpenWait[];
}

export interface OpenWait {
  readonly comm: string;
  readonly tid: number;
  /** `S`, `D`, …; '' of a thread that waits for a CPU. */
  readonly state: string;
  /** So far, ns; a lower bound where it began before tracing. */
  readonly elapsedNs: number;
}

export interface ChecklistInput {
  readonly vitals: VitalSummary;
  readonly groups: ReadonlyMap<VitalGroup, GroupStanding>;
  /** Undefined while there is no window. */
  readonly waits: CheckWaits | undefined;
}

interface Limits {
  readonly look: number;
  readonly bad: number;
}

/** Beyond it the kernel itself reports a hung task (its hung_task_timeout_secs), ns. */
const HUNG_NS = 120e9;
/** A thread that sleeps uninterruptibly for so long is not waiting for one operation of a sound disk, ns. */
const LONG_WAIT_NS = 1e9;
const VERY_LONG_WAIT_NS = 10e9;
/** Names in a reading: the first say where to look, the chart has the others. */
const MAX_NAMED = 3;

type Ask = (input: ChecklistInput) => CheckLine;

export function checklistOf(input: ChecklistInput): CheckLine[] {
  return QUESTIONS.map((ask) => ask(input));
}

/** How many lines are in each state. */
export function countStates(lines: readonly CheckLine[]): Record<CheckState, number> {
  const counts: Record<CheckState, number> = { bad: 0, look: 0, unknown: 0, ok: 0 };
  for (const { state } of lines) counts[state]++;
  return counts;
}

interface Question {
  readonly id: string;
  readonly resource: CheckResource;
  readonly aspect: CheckAspect;
  readonly question: string;
  readonly limits: Limits;
  /** How limits are written. */
  readonly write: (limit: number) => string;
  readonly help: string;
  readonly view: CheckView;
  /** In place of the words made from limits. */
  readonly threshold?: string;
}

interface Measured {
  readonly value: number;
  readonly reading: string;
}

function lineOf(question: Question, measured: Measured | { why: string }): CheckLine {
  const { id, resource, aspect, help, view, limits, write } = question;
  const threshold = question.threshold ?? thresholdText(limits, write);
  const line = { id, resource, aspect, question: question.question, threshold, help, view };
  if ('why' in measured) return { ...line, reading: measured.why, state: 'unknown' };
  return { ...line, reading: measured.reading, state: stateOf(measured.value, limits) };
}

function stateOf(value: number, { look, bad }: Limits): CheckState {
  if (Number.isNaN(value)) return 'unknown';
  if (value >= bad) return 'bad';
  return value >= look ? 'look' : 'ok';
}

/** A limit that is as good as 0 means any at all. */
function thresholdText({ look, bad }: Limits, write: (limit: number) => string): string {
  const from = (limit: number): string => (limit <= ANY ? 'any' : `from ${write(limit)}`);
  if (look === bad) return `bad ${from(bad)}`;
  return `look ${from(look)}${Number.isFinite(bad) ? `, bad ${from(bad)}` : ''}`;
}

/** Smaller than a single event in the longest span. */
const ANY = 1e-9;

function ofVitals(
  question: Question,
  group: VitalGroup,
  metric: string,
  measure: (vitals: VitalSummary) => Measured | { why: string } | undefined,
): Ask {
  return ({ vitals, groups }) => {
    const measured = measure(vitals);
    if (measured !== undefined) return lineOf(question, measured);
    return lineOf(question, { why: whyNot(groups.get(group), metric) });
  };
}

function whyNot(standing: GroupStanding | undefined, metric: string): string {
  if (standing === undefined || standing.state === 'off')
    return 'not collected: nothing has asked this host for it';
  if (standing.state === 'refused') return `not measured: ${standing.detail || 'this host refuses it'}`;
  if (standing.state === 'starting') return 'starting: a rate needs two readings, a second apart';
  return `this host does not say (${metric})${standing.detail === '' ? '' : `: ${standing.detail}`}`;
}

function ofWaits(question: Question, measure: (waits: CheckWaits, input: ChecklistInput) => Measured): Ask {
  return (input) => {
    const { waits } = input;
    if (waits === undefined || waits.spanNs <= 0)
      return lineOf(question, { why: 'waiting for the first window' });
    return lineOf(question, measure(waits, input));
  };
}

const share = (limit: number): string => `${Math.round(limit * 100)} %`;
const rate = (limit: number): string => formatRate(limit);
const chart = (name: string): CheckView => ({ kind: 'chart', chart: name });

const QUESTIONS: readonly Ask[] = [
  ofVitals(
    {
      id: 'cpu-utilisation',
      resource: 'CPU',
      aspect: 'utilisation',
      question: 'Are the CPUs busy?',
      limits: { look: 0.7, bad: 0.9 },
      write: share,
      help: 'Above 70 % queues grow quickly with chance; a mean over the span hides bursts, which the run-queue waits show.',
      view: chart('cpu-states'),
    },
    'vitals-cpu',
    'cpu.state',
    (vitals) => {
      const idle = vitals.find('cpu.state', 'idle');
      if (idle === undefined) return undefined;
      const busy = Math.max(0, 1 - idle.mean - (vitals.find('cpu.state', 'iowait')?.mean ?? 0));
      const cpus = vitals.find('cpu.online')?.last;
      return {
        value: busy,
        reading: `${cpus === undefined ? 'the CPUs are' : cpus === 1 ? 'the CPU is' : `${cpus} CPUs are`} ${formatPercent(busy)} busy`,
      };
    },
  ),
  ofVitals(
    {
      id: 'cpu-busiest',
      resource: 'CPU',
      aspect: 'utilisation',
      question: 'Is one CPU full?',
      limits: { look: 0.9, bad: Number.POSITIVE_INFINITY },
      write: share,
      help: 'One full CPU beside idle ones is a single thread, a pinned one, or interrupts that are not spread.',
      view: chart('cpu-busy'),
    },
    'vitals-cpu',
    'cpu.busy',
    (vitals) => {
      const busiest = vitals.largest('cpu.busy');
      return (
        busiest && {
          value: busiest.mean,
          reading: `busiest: ${busiest.label} at ${formatPercent(busiest.mean)}`,
        }
      );
    },
  ),
  ofWaits(
    {
      id: 'cpu-run-queue',
      resource: 'CPU',
      aspect: 'saturation',
      question: 'Do threads queue for a CPU?',
      limits: { look: 0.1, bad: 1 },
      write: (limit) => `${limit} s a second a CPU`,
      help: 'Exact: time from wake or preemption to running. At 1 s a second a CPU, each CPU always has one more thread than it can run.',
      view: { kind: 'waits', waits: 'runq' },
    },
    (waits, { vitals }) => {
      const perSecond = waits.queuedNs / waits.spanNs;
      const cpus = vitals.find('cpu.online')?.last ?? 1;
      const text = `threads waited ${formatNs(perSecond * 1e9)} a second for a CPU`;
      return {
        value: perSecond / cpus,
        reading: cpus > 1 ? `${text}: ${formatNs((perSecond / cpus) * 1e9)} for each of ${cpus} CPUs` : text,
      };
    },
  ),
  ofVitals(
    {
      id: 'cpu-pressure',
      resource: 'CPU',
      aspect: 'saturation',
      question: 'How often did any thread wait for a CPU?',
      limits: { look: 0.25, bad: 0.75 },
      write: share,
      help: 'Pressure stall information: the share of time with at least one thread waiting, however many.',
      view: chart('pressure-cpu'),
    },
    'vitals-pressure',
    'pressure.some',
    (vitals) => pressureOf(vitals, 'cpu', 'some thread waited for a CPU'),
  ),
  ofVitals(
    {
      id: 'cpu-throttling',
      resource: 'CPU',
      aspect: 'saturation',
      question: 'Are containers held back by their quota?',
      limits: { look: 0.05, bad: 0.25 },
      write: (limit) => `${share(limit)} of periods`,
      help: 'A container that used up its quota waits for the next period, mostly of 100 ms, though CPUs may be idle.',
      view: chart('container-throttling'),
    },
    'vitals-containers',
    'container.throttled.periods',
    (vitals) => {
      const worst = vitals.largest('container.throttled.periods');
      if (worst !== undefined) {
        return {
          value: worst.mean,
          reading: `${worst.label} was throttled in ${formatPercent(worst.mean)} of its periods`,
        };
      }
      // Read, and none of them has a quota.
      if (vitals.all('container.cpu').length > 0)
        return { value: 0, reading: 'no container has a CPU quota' };
      return undefined;
    },
  ),
  ofVitals(
    {
      id: 'cpu-errors',
      resource: 'CPU',
      aspect: 'errors',
      question: 'Are the CPUs slowed by heat?',
      limits: { look: ANY, bad: 1 },
      write: rate,
      help: 'How often a CPU came to its thermal limit, where its driver counts that; machine checks are in the kernel log.',
      view: chart('cpu-throttles'),
    },
    'vitals-cpu',
    'cpu.thermal-throttles',
    (vitals) => {
      const throttles = vitals.find('cpu.thermal-throttles');
      if (throttles !== undefined) {
        const { mean } = throttles;
        return { value: mean, reading: mean > 0 ? `${formatRate(mean)} thermal throttles` : 'none was' };
      }
      if (vitals.find('cpu.online') === undefined) return undefined;
      return {
        why: 'this host counts no faults of its CPUs in a file; machine checks are in the kernel log',
      };
    },
  ),
  ofVitals(
    {
      id: 'memory-utilisation',
      resource: 'memory',
      aspect: 'utilisation',
      question: 'How much memory is taken?',
      limits: { look: 0.8, bad: 0.95 },
      write: share,
      help: 'What the kernel says can be had without swapping counts as free, page cache with it.',
      view: chart('memory-use'),
    },
    'vitals-memory',
    'memory.available',
    (vitals) => {
      const available = vitals.find('memory.available');
      const total = vitals.find('memory.total');
      if (available === undefined || total === undefined || total.last <= 0) return undefined;
      const used = Math.max(0, 1 - available.mean / total.mean);
      return {
        value: used,
        reading: `${formatPercent(used)} taken: ${formatVital(available.mean, 'bytes')} available of ${formatVital(total.mean, 'bytes')}`,
      };
    },
  ),
  ofVitals(
    {
      id: 'memory-headroom',
      resource: 'memory',
      aspect: 'utilisation',
      question: 'Is a container near its memory limit?',
      limits: { look: 0.85, bad: 0.95 },
      write: share,
      help: 'Of the limit, with inactive page cache counted as free; at the limit processes of the container are killed.',
      view: chart('container-memory-headroom'),
    },
    'vitals-containers',
    'container.memory.headroom',
    (vitals) => {
      let worst: { label: string; used: number; headroom: number } | undefined;
      for (const [label, headroom] of vitals.all('container.memory.headroom')) {
        const limit = vitals.find('container.memory.limit', label);
        if (limit === undefined || limit.last <= 0) continue;
        const used = Math.max(0, 1 - headroom.last / limit.last);
        if (worst === undefined || used > worst.used) worst = { label, used, headroom: headroom.last };
      }
      if (worst !== undefined) {
        return {
          value: worst.used,
          reading: `${worst.label} has taken ${formatPercent(worst.used)} of its limit, ${formatVital(worst.headroom, 'bytes')} are left`,
        };
      }
      if (vitals.all('container.memory').length > 0)
        return { value: 0, reading: 'no container has a memory limit' };
      return undefined;
    },
  ),
  ofVitals(
    {
      id: 'memory-pressure',
      resource: 'memory',
      aspect: 'saturation',
      question: 'Do threads stall for memory?',
      limits: { look: 0.01, bad: 0.1 },
      write: share,
      help: 'Pressure stall information: time lost to reclaim, refaults and swapping in. A sound host has none.',
      view: chart('pressure-memory'),
    },
    'vitals-pressure',
    'pressure.some',
    (vitals) => pressureOf(vitals, 'memory', 'some thread stalled for memory'),
  ),
  ofVitals(
    {
      id: 'memory-swapping',
      resource: 'memory',
      aspect: 'saturation',
      question: 'Does it swap?',
      limits: { look: ANY, bad: 1 << 20 },
      write: (limit) => formatVital(limit, 'bytes-per-second'),
      help: 'Swap that is taken does no harm; what is read back makes a thread wait for each page.',
      view: chart('swap-traffic'),
    },
    'vitals-memory',
    'swap.traffic',
    (vitals) => {
      const inwards = vitals.find('swap.traffic', 'in');
      if (inwards === undefined) return undefined;
      const out = vitals.find('swap.traffic', 'out')?.mean ?? 0;
      return {
        value: inwards.mean,
        reading: `${formatVital(inwards.mean, 'bytes-per-second')} swapped in, ${formatVital(out, 'bytes-per-second')} out`,
      };
    },
  ),
  ofVitals(
    {
      id: 'memory-reclaim',
      resource: 'memory',
      aspect: 'saturation',
      question: 'Must allocations reclaim first?',
      limits: { look: ANY, bad: 10 },
      write: rate,
      help: 'An allocation that finds no free page frees some itself, in the thread that asked.',
      view: chart('reclaim'),
    },
    'vitals-memory',
    'memory.stalls',
    (vitals) => {
      const stalls = vitals.find('memory.stalls');
      return (
        stalls && { value: stalls.mean, reading: `${formatRate(stalls.mean)} allocations had to reclaim` }
      );
    },
  ),
  ofVitals(
    {
      id: 'memory-errors',
      resource: 'memory',
      aspect: 'errors',
      question: 'Were processes killed for memory?',
      limits: { look: ANY, bad: ANY },
      write: rate,
      help: 'The kernel kills when the host, or a container by its limit, has no memory left.',
      view: chart('memory-available'),
    },
    'vitals-memory',
    'memory.oom-kills',
    (vitals) => {
      const kills = vitals.find('memory.oom-kills');
      if (kills === undefined) return undefined;
      return {
        value: kills.mean,
        reading: kills.mean > 0 ? `processes were killed, ${formatRate(kills.mean)}` : 'none was killed',
      };
    },
  ),
  ofVitals(
    {
      id: 'memory-ecc',
      resource: 'memory',
      aspect: 'errors',
      question: 'Does memory report bit errors?',
      limits: { look: 1, bad: Number.POSITIVE_INFINITY },
      write: (limit) => `${limit} corrected`,
      threshold: 'look from 1 corrected, bad from 1 uncorrected',
      help: 'Since boot, from the EDAC driver of the memory controller; virtual hosts have none.',
      view: chart('memory-ecc'),
    },
    'vitals-memory',
    'memory.ecc-errors',
    (vitals) => {
      const uncorrected = vitals.find('memory.ecc-errors', 'uncorrected');
      if (uncorrected !== undefined) {
        const corrected = vitals.find('memory.ecc-errors', 'corrected')?.last ?? 0;
        return {
          value: uncorrected.last > 0 ? Number.POSITIVE_INFINITY : corrected,
          reading: `${formatCount(corrected)} corrected, ${formatCount(uncorrected.last)} uncorrected since boot`,
        };
      }
      if (vitals.find('memory.total') === undefined) return undefined;
      return { why: 'this host has no driver that counts them (EDAC)' };
    },
  ),
  ofVitals(
    {
      id: 'disk-utilisation',
      resource: 'disk',
      aspect: 'utilisation',
      question: 'Is a disk busy?',
      limits: { look: 0.6, bad: 0.9 },
      write: share,
      help: 'Share of time with anything in flight. Disks that serve many operations at once may take more at 100 %; latency decides.',
      view: chart('disk-utilisation'),
    },
    'vitals-disk',
    'disk.utilisation',
    (vitals) => {
      const busiest = vitals.largest('disk.utilisation');
      return (
        busiest && {
          value: busiest.mean,
          reading: `busiest: ${busiest.label} at ${formatPercent(busiest.mean)}`,
        }
      );
    },
  ),
  ofVitals(
    {
      id: 'disk-queue',
      resource: 'disk',
      aspect: 'saturation',
      question: 'Do operations queue at a disk?',
      limits: { look: 2, bad: 16 },
      write: (limit) => `${limit} in flight`,
      help: 'Mean operations in flight. A single writer keeps one in flight; a disk of many queues bears more.',
      view: { kind: 'heatmap', heatmap: 'biolatency' },
    },
    'vitals-disk',
    'disk.queue',
    (vitals) => {
      const longest = vitals.largest('disk.queue');
      return (
        longest && {
          value: longest.mean,
          reading: `longest: ${longest.label} with ${formatVital(longest.mean, 'count')} in flight${latenciesOf(vitals, longest.label)}`,
        }
      );
    },
  ),
  ofVitals(
    {
      id: 'disk-pressure',
      resource: 'disk',
      aspect: 'saturation',
      question: 'Do threads stall for I/O?',
      limits: { look: 0.05, bad: 0.25 },
      write: share,
      help: 'Pressure stall information: the share of time with at least one thread waiting for I/O.',
      view: chart('pressure-io'),
    },
    'vitals-pressure',
    'pressure.some',
    (vitals) => pressureOf(vitals, 'io', 'some thread stalled for I/O'),
  ),
  ofVitals(
    {
      id: 'disk-errors',
      resource: 'disk',
      aspect: 'errors',
      question: 'Do disks or filesystems report errors?',
      limits: { look: 1, bad: Number.POSITIVE_INFINITY },
      write: (limit) => `${limit} on record`,
      threshold: 'look from 1 on record, bad when there are new ones',
      help: 'ext4 and SCSI disks keep a count in a file; virtual and NVMe disks do not: for those see the kernel log.',
      view: chart('disk-errors'),
    },
    'vitals-disk',
    'disk.errors.total',
    (vitals) => {
      const counted = vitals.all('disk.errors.total');
      if (counted.length === 0) return undefined;
      const found = counted.filter(([, { last }]) => last > 0);
      const total = found.reduce((sum, [, { last }]) => sum + last, 0);
      if (total === 0)
        return { value: 0, reading: `none on record (${namesOf(counted.map(([label]) => label))})` };
      const isNew = vitals.all('disk.errors').some(([, { mean }]) => mean > 0);
      return {
        value: isNew ? Number.POSITIVE_INFINITY : total,
        reading: `${isNew ? 'new ones; ' : ''}on record: ${namesOf(found.map(([label, { last }]) => `${label} ${formatCount(last)}`))}`,
      };
    },
  ),
  ofVitals(
    {
      id: 'net-utilisation',
      resource: 'network',
      aspect: 'utilisation',
      question: 'Is an interface full?',
      limits: { look: 0.6, bad: 0.9 },
      write: share,
      help: 'The busier direction, of the speed that the interface says it has; virtual ones say none.',
      view: chart('net-throughput'),
    },
    'vitals-network',
    'net.utilisation',
    (vitals) => {
      const busiest = vitals.largest('net.utilisation');
      if (busiest !== undefined)
        return {
          value: busiest.mean,
          reading: `busiest: ${busiest.label} at ${formatPercent(busiest.mean)} of its speed`,
        };
      const received = vitals.largest('net.receive.bytes');
      if (received === undefined) return undefined;
      return {
        why: `no interface says its speed; most is received by ${received.label}: ${formatVital(received.mean, 'bytes-per-second')}`,
      };
    },
  ),
  ofVitals(
    {
      id: 'net-drops',
      resource: 'network',
      aspect: 'saturation',
      question: 'Are packets dropped?',
      limits: { look: ANY, bad: 10 },
      write: rate,
      help: 'By interfaces, and by the receive backlog of a CPU that cannot keep up. Interfaces also count what nobody here speaks as dropped.',
      view: chart('net-drops'),
    },
    'vitals-network',
    'net.receive.drops',
    (vitals) => {
      const received = vitals.all('net.receive.drops');
      if (received.length === 0) return undefined;
      const backlog = vitals.find('net.backlog', 'dropped')?.mean ?? 0;
      const dropped = [
        ...received.map(([label, { mean }]) => [`${label} receiving`, mean] as const),
        ...vitals.all('net.send.drops').map(([label, { mean }]) => [`${label} sending`, mean] as const),
        ['backlog', backlog] as const,
      ].filter(([, mean]) => mean > 0);
      const total = dropped.reduce((sum, [, mean]) => sum + mean, 0);
      return {
        value: total,
        reading:
          total === 0
            ? 'none dropped'
            : `dropped: ${namesOf(dropped.map(([label, mean]) => `${label} ${formatRate(mean)}`))}`,
      };
    },
  ),
  ofVitals(
    {
      id: 'tcp-retransmits',
      resource: 'network',
      aspect: 'saturation',
      question: 'Does TCP send again?',
      limits: { look: 0.01, bad: 0.05 },
      write: (limit) => `${share(limit)} of segments`,
      help: 'Lost on the way or answered too late; from about 1 % on connections slow down.',
      view: chart('tcp-retransmits'),
    },
    'vitals-network',
    'tcp.retransmits',
    (vitals) => {
      const again = vitals.find('tcp.retransmits');
      const sent = vitals.find('tcp.segments', 'sent');
      if (again === undefined || sent === undefined) return undefined;
      // OutSegs does not count what is sent again.
      const all = sent.mean + again.mean;
      const part = all === 0 ? 0 : again.mean / all;
      return {
        value: part,
        reading:
          all === 0
            ? 'nothing was sent'
            : `${formatRate(again.mean)} sent again, ${formatPercent(part)} of ${formatRate(all)} segments`,
      };
    },
  ),
  ofVitals(
    {
      id: 'tcp-listen',
      resource: 'network',
      aspect: 'saturation',
      question: 'Do listeners turn connections away?',
      limits: { look: ANY, bad: 1 },
      write: rate,
      help: 'A listener whose queue is full drops what comes; who connects waits a second and tries again.',
      view: chart('tcp-trouble'),
    },
    'vitals-network',
    'tcp.trouble',
    (vitals) => {
      const drops = vitals.find('tcp.trouble', 'listen drops');
      return (
        drops && {
          value: drops.mean,
          reading: drops.mean > 0 ? `${formatRate(drops.mean)} dropped by listeners` : 'none turned away',
        }
      );
    },
  ),
  ofVitals(
    {
      id: 'net-errors',
      resource: 'network',
      aspect: 'errors',
      question: 'Do interfaces report errors?',
      limits: { look: ANY, bad: 1 },
      write: rate,
      help: 'Bad frames and failed sends, as the driver counts them.',
      view: chart('net-drops'),
    },
    'vitals-network',
    'net.receive.errors',
    (vitals) => {
      const received = vitals.all('net.receive.errors');
      if (received.length === 0) return undefined;
      const found = [
        ...received.map(([label, { mean }]) => [`${label} receiving`, mean] as const),
        ...vitals.all('net.send.errors').map(([label, { mean }]) => [`${label} sending`, mean] as const),
      ].filter(([, mean]) => mean > 0);
      const total = found.reduce((sum, [, mean]) => sum + mean, 0);
      return {
        value: total,
        reading:
          total === 0
            ? 'none reported'
            : `errors: ${namesOf(found.map(([label, mean]) => `${label} ${formatRate(mean)}`))}`,
      };
    },
  ),
  ofWaits(
    {
      id: 'threads-uninterruptible',
      resource: 'threads waiting',
      aspect: 'utilisation',
      question: 'How long did threads sleep uninterruptibly?',
      limits: { look: 0.5, bad: 4 },
      write: (limit) => `${formatNs(limit * 1e9)} a second`,
      help: 'State D: disks, network filesystems, locks of the kernel. Waits that ended in the span, so a long one shows at its end.',
      view: { kind: 'waits', waits: 'uninterruptible' },
    },
    (waits) => {
      const perSecond = waits.uninterruptibleNs / waits.spanNs;
      return {
        value: perSecond,
        reading: `blocked in state D ${formatNs(perSecond * 1e9)} a second, all threads together`,
      };
    },
  ),
  ofWaits(
    {
      id: 'threads-open',
      resource: 'threads waiting',
      aspect: 'saturation',
      question: 'Which waits are not over?',
      limits: { look: LONG_WAIT_NS, bad: VERY_LONG_WAIT_NS },
      write: formatNs,
      help: 'Threads in state D, or waiting for a CPU, at the end of the span, and for how long so far.',
      view: { kind: 'open-waits' },
    },
    (waits) => {
      const stuck = waits.open.filter(({ state }) => state === 'D' || state === '');
      if (stuck.length === 0) return { value: 0, reading: 'no thread is in state D or waits for a CPU' };
      const longest = stuck.reduce((a, b) => (b.elapsedNs > a.elapsedNs ? b : a));
      const are = stuck.length === 1 ? '1 thread is' : `${formatCount(stuck.length)} threads are`;
      return {
        value: longest.elapsedNs,
        reading: `${are} in state D or waiting for a CPU, longest ${longest.comm} ${longest.tid} for ${formatNs(longest.elapsedNs)}`,
      };
    },
  ),
  ofWaits(
    {
      id: 'threads-hung',
      resource: 'threads waiting',
      aspect: 'errors',
      question: 'Is a thread hung?',
      limits: { look: HUNG_NS, bad: HUNG_NS },
      write: formatNs,
      help: 'In state D for longer than the kernel itself bears before it reports a hung task.',
      view: { kind: 'open-waits' },
    },
    (waits) => {
      const hung = waits.open.filter(({ state, elapsedNs }) => state === 'D' && elapsedNs >= HUNG_NS);
      if (hung.length === 0) return { value: 0, reading: 'none' };
      return {
        value: Math.max(...hung.map(({ elapsedNs }) => elapsedNs)),
        reading: `hung: ${namesOf(hung.map(({ comm, tid, elapsedNs }) => `${comm} ${tid} for ${formatNs(elapsedNs)}`))}`,
      };
    },
  ),
];

function pressureOf(vitals: VitalSummary, resource: string, what: string): Measured | undefined {
  const some = vitals.find('pressure.some', resource);
  if (some === undefined) return undefined;
  const full = vitals.find('pressure.full', resource);
  const all = full === undefined ? '' : `, all threads ${formatPercent(full.mean)}`;
  return { value: some.mean, reading: `${what} ${formatPercent(some.mean)} of the time${all}` };
}

function latenciesOf(vitals: VitalSummary, disk: string): string {
  const parts: string[] = [];
  for (const [metric, name] of [
    ['disk.read.latency', 'mean read'],
    ['disk.write.latency', 'mean write'],
  ] as const) {
    const latency = vitals.find(metric, disk);
    if (latency !== undefined) parts.push(`${name} ${formatNs(latency.mean)}`);
  }
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}

function namesOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  const text = names.slice(0, MAX_NAMED).join(', ');
  return more > 0 ? `${text} and ${more} more` : text;
}
