/**
 * Owns which panels there are to choose from: for each kind its arguments, what a panel is called, and the size it comes in.
 */
import { VIEW_TABS, VIEW_WORDS } from '../words/view-help';
import type { DashPanel, PanelKind } from './dash-panel';

export interface PanelChoice {
  kind: PanelKind;
  arg: string;
  /** Its heading. */
  title: string;
  /** What it shows, in a sentence. */
  help: string;
}

export const KIND_TITLES: Readonly<Record<PanelKind, string>> = {
  checklist: 'Checklist',
  vitals: 'Vitals',
  heatmap: 'Latency heatmaps',
  flame: 'Flame graphs',
  processes: 'Processes',
  events: 'Operations',
  note: 'Note',
};

/** Cells that a new panel takes. */
export const FIRST_SIZE: Readonly<Record<PanelKind, { w: number; h: number }>> = {
  checklist: { w: 12, h: 9 },
  vitals: { w: 4, h: 5 },
  heatmap: { w: 6, h: 7 },
  flame: { w: 12, h: 11 },
  processes: { w: 6, h: 8 },
  events: { w: 6, h: 8 },
  note: { w: 4, h: 4 },
};

const VITALS: readonly [name: string, title: string, help: string][] = [
  ['cpu', 'CPU', 'How the CPUs spent their time, by state.'],
  ['cpus', 'CPU by CPU', 'How busy each CPU was.'],
  ['load', 'Load', 'Load averages, and threads that run or wait for a CPU.'],
  ['switches', 'Context switches', 'Context switches and interrupts a second.'],
  ['pressure-cpu', 'CPU pressure', 'Share of time in which threads waited for a CPU.'],
  ['pressure-memory', 'Memory pressure', 'Share of time in which threads waited for memory.'],
  ['pressure-io', 'I/O pressure', 'Share of time in which threads waited for I/O.'],
  ['memory', 'Memory', 'What memory is used for.'],
  ['faults', 'Page faults', 'Page faults a second, minor and major.'],
  ['swap', 'Swap', 'Pages swapped in and out a second.'],
  ['disk-iops', 'Disk operations', 'Reads and writes a second, by disk.'],
  ['disk-throughput', 'Disk throughput', 'Bytes read and written a second, by disk.'],
  ['disk-latency', 'Disk latency', 'Mean time of an operation, by disk.'],
  ['disk-utilisation', 'Disk utilisation', 'Share of time in which a disk had work, by disk.'],
  ['network-throughput', 'Network throughput', 'Bytes received and sent a second, by interface.'],
  ['network-packets', 'Network packets', 'Packets received and sent a second, by interface.'],
  ['network-drops', 'Network drops', 'Packets dropped and in error a second, by interface.'],
  ['tcp-retransmits', 'TCP retransmits', 'Segments sent again a second.'],
  ['tcp-states', 'TCP states', 'Sockets by state.'],
  ['container-cpu', 'Container CPU', 'CPU time by container.'],
  ['container-throttling', 'Container throttling', 'Time in which a container was kept from its CPUs.'],
  ['container-memory', 'Container memory', 'Memory by container.'],
  ['container-headroom', 'Container headroom', 'What is left up to the memory limit, by container.'],
  ['container-io', 'Container I/O', 'Bytes read and written a second, by container.'],
];

const HEATMAPS: readonly [name: string, title: string, help: string][] = [
  ['offcpu', 'Blocked', 'How long threads were blocked.'],
  ['wakelat', 'Run queue after a wake', 'How long woken threads waited for a CPU.'],
  ['runqlat', 'Run queue', 'How long threads waited for a CPU, after a wake or a preemption.'],
  ['biolatency', 'Block I/O', 'How long disks took for requests.'],
  ['ext4dist', 'ext4', 'How long operations on ext4 files took.'],
  ['syscalls', 'System calls', 'How long system calls took.'],
  ['tcpconnect', 'TCP connect', 'How long TCP connections took to be made, or to fail.'],
  ['dns', 'DNS', 'How long lookups of names took.'],
  ['futex', 'Futex waits', 'How long threads were in futex waits.'],
];

/** All of them, in the order of the menu. */
export const PANEL_CHOICES: readonly PanelChoice[] = [
  {
    kind: 'checklist',
    arg: '',
    title: 'Checklist',
    help: 'Utilisation, saturation and errors of each resource, and threads waiting.',
  },
  ...VITALS.map(([arg, title, help]): PanelChoice => ({ kind: 'vitals', arg, title, help })),
  ...HEATMAPS.map(([arg, title, help]): PanelChoice => ({ kind: 'heatmap', arg, title, help })),
  ...VIEW_TABS.map(
    (view): PanelChoice => ({
      kind: 'flame',
      arg: view,
      title: `${VIEW_WORDS[view].name} flame graph`,
      help: VIEW_WORDS[view].help,
    }),
  ),
  {
    kind: 'processes',
    arg: '',
    title: 'Processes',
    help: 'Processes by the time that their threads waited.',
  },
  ...HEATMAPS.map(
    ([arg, title, help]): PanelChoice => ({ kind: 'events', arg, title: `${title}: operations`, help }),
  ),
  { kind: 'note', arg: '', title: 'Note', help: 'A text of your own.' },
];

export function argsOf(kind: PanelKind): readonly string[] {
  return PANEL_CHOICES.filter((choice) => choice.kind === kind).map(({ arg }) => arg);
}

export function titleOf({ kind, arg }: Pick<DashPanel, 'kind' | 'arg'>): string {
  return choiceOf(kind, arg)?.title ?? KIND_TITLES[kind];
}

export function helpOf({ kind, arg }: Pick<DashPanel, 'kind' | 'arg'>): string {
  return choiceOf(kind, arg)?.help ?? '';
}

function choiceOf(kind: PanelKind, arg: string): PanelChoice | undefined {
  return PANEL_CHOICES.find((choice) => choice.kind === kind && (kind === 'note' || choice.arg === arg));
}
