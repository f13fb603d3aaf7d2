/**
 * Owns which panels there are to choose from: for each kind its arguments, what a panel is called, and the size it comes in.
 */
import { HEATMAPS } from '@stallscope/latency';
import { VITAL_CHARTS } from '@stallscope/vitals';
import { VIEW_TABS, VIEW_WORDS } from '../words/view-help';
import type { DashPanel, PanelKind } from './dash-panel';

export interface PanelChoice {
  kind: PanelKind;
  arg: string;
  /** Its heading. */
  title: string;
  /** What it shows, in a sentence. */
  help: string;
  /** Under what it stands in the choice of panels. */
  group: string;
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
  vitals: { w: 4, h: 6 },
  heatmap: { w: 6, h: 7 },
  flame: { w: 12, h: 11 },
  processes: { w: 6, h: 8 },
  events: { w: 6, h: 8 },
  note: { w: 4, h: 4 },
};

/** All of them, in the order of the menu. */
export const PANEL_CHOICES: readonly PanelChoice[] = [
  {
    kind: 'checklist',
    arg: '',
    group: 'Summaries and notes',
    title: 'Checklist',
    help: 'Utilisation, saturation and errors of each resource, and threads waiting.',
  },
  {
    kind: 'processes',
    arg: '',
    group: 'Summaries and notes',
    title: 'Processes',
    help: 'Processes by the time that their threads waited.',
  },
  { kind: 'note', arg: '', group: 'Summaries and notes', title: 'Note', help: 'A text of your own.' },
  ...HEATMAPS.map(
    ({ name, title, help }): PanelChoice => ({
      kind: 'heatmap',
      arg: name,
      group: 'Latency heatmaps',
      title,
      help,
    }),
  ),
  ...HEATMAPS.map(
    ({ name, title }): PanelChoice => ({
      kind: 'events',
      arg: name,
      group: 'Operations behind a heatmap',
      title: `${title}: operations`,
      help: `What the heatmap “${title}” counts as rows: time, thread, operation, latency, count.`,
    }),
  ),
  ...VIEW_TABS.map(
    (view): PanelChoice => ({
      kind: 'flame',
      arg: view,
      group: 'Flame graphs',
      title: `${VIEW_WORDS[view].name} flame graph`,
      help: VIEW_WORDS[view].help,
    }),
  ),
  ...VITAL_CHARTS.map(
    ({ name, topic, title, help }): PanelChoice => ({
      kind: 'vitals',
      arg: name,
      group: `Vitals: ${topic === 'cpu' ? 'CPU' : topic}`,
      title,
      help,
    }),
  ),
];

/** Headings of the choice, in its order. */
export const PANEL_GROUPS: readonly string[] = [...new Set(PANEL_CHOICES.map(({ group }) => group))];

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
