/**
 * Owns the colours of frames in files that are read by themselves: those of the product's own graphs, in their middle
 * hue, light and dark. A browser test holds them to the palette that the charts make.
 */
import { LIFE_STEPS, ROLES, ROW_KINDS, type Role, type RowKind } from '@stallscope/profile';

/** What decides the colour of a box: its role, and of the steps of a wall view what the thread was at. */
export type Fill = Exclude<Role, 'kind'> | `kind-${RowKind}`;

/** In the order of legends. */
export const FILLS: readonly Fill[] = ROLES.flatMap((role): readonly Fill[] =>
  role === 'kind' ? ROW_KINDS.map((kind) => `kind-${kind}` as const) : [role],
);

export function fillOf(role: Role, label: string): Fill {
  if (role !== 'kind') return role;
  const kind = ROW_KINDS.find((known) => LIFE_STEPS[known] === label);
  // A file of others may call a step as it likes.
  return kind === undefined ? 'group' : `kind-${kind}`;
}

export interface FileColours {
  surface: string;
  ink: string;
  /** Quiet text: subtitles and frames without a name. */
  dullInk: string;
  line: string;
  /** Search matches. */
  matched: string;
  fills: Readonly<Record<Fill, string>>;
  /** Bars of kernel frames and lines of wakers: kind is never told by colour alone. */
  kernelMark: string;
  wakerMark: string;
  /** Of a difference: what shrank most first, no change in the middle, what grew most last. */
  changes: readonly string[];
}

/** Lower bounds of the steps of change, as shares of the larger of both totals; less than the first is no change. */
export const CHANGE_BOUNDS: readonly number[] = [0.001, 0.01, 0.05, 0.2];

/** Index into `changes`. */
export function changeStep(change: number, largerTotal: number): number {
  const share = largerTotal > 0 ? Math.abs(change) / largerTotal : 0;
  const step = CHANGE_BOUNDS.filter((bound) => share >= bound).length;
  return CHANGE_BOUNDS.length + (change < 0 ? -step : step);
}

/** What a step begins at: `−20 %` … `< 0.1 %` … `+20 %`. */
export function changeStepWords(index: number): string {
  const step = index - CHANGE_BOUNDS.length;
  if (step === 0) return `< ${percent(CHANGE_BOUNDS[0]!)}`;
  return `${step < 0 ? '−' : '+'}${percent(CHANGE_BOUNDS[Math.abs(step) - 1]!)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

export const FILE_COLOURS: Readonly<Record<'light' | 'dark', FileColours>> = {
  light: {
    surface: '#ffffff',
    ink: '#10151c',
    dullInk: '#363e49',
    line: '#d5d9df',
    matched: '#ff8ce0',
    fills: {
      root: '#e1e6eb',
      comm: '#e1d9cd',
      user: '#abd0fb',
      kernel: '#86aaf1',
      separator: '#c2c4c5',
      'waker-kernel': '#78dce4',
      'waker-user': '#85e4c2',
      'waker-comm': '#94d78d',
      marker: '#dadde0',
      group: '#ddcce5',
      'kind-blocked': '#81c6ff',
      'kind-runq': '#fcd06f',
      'kind-preempted': '#e2b0ee',
      'kind-on-cpu': '#ff9f85',
    },
    kernelMark: '#0c4683',
    wakerMark: '#007078',
    changes: [
      '#6faaf5',
      '#90bdf2',
      '#afcded',
      '#c5daee',
      '#dadde0',
      '#f4d6c9',
      '#ffc3ae',
      '#ffa991',
      '#ff8a75',
    ],
  },
  dark: {
    surface: '#0f1318',
    ink: '#f1f4f7',
    dullInk: '#c6cdd6',
    line: '#2b323b',
    matched: '#9b3780',
    fills: {
      root: '#353a42',
      comm: '#534d43',
      user: '#356a99',
      kernel: '#2a4984',
      separator: '#585a5d',
      'waker-kernel': '#156b77',
      'waker-user': '#256f5c',
      'waker-comm': '#2b652f',
      marker: '#424549',
      group: '#5a4a63',
      'kind-blocked': '#0063a9',
      'kind-runq': '#82621a',
      'kind-preempted': '#734280',
      'kind-on-cpu': '#963b28',
    },
    kernelMark: '#8ea5ea',
    wakerMark: '#82cdda',
    changes: [
      '#2e69ab',
      '#345c8d',
      '#395273',
      '#3c4859',
      '#45474a',
      '#5c3f37',
      '#723f34',
      '#8b3f33',
      '#a74036',
    ],
  },
};

/** What a fill is called in legends. */
export function fillWords(fill: Fill): string {
  const kind = ROW_KINDS.find((known) => fill === `kind-${known}`);
  return kind === undefined ? roleWordsOf(fill) : LIFE_STEPS[kind];
}

/** What the role of a box with this fill is called beside its label. */
export function roleWordsOf(fill: Fill): string {
  return FILE_ROLE_WORDS[ROLES.find((role) => role === fill) ?? 'kind'];
}

/** What a role is called in titles. */
export const FILE_ROLE_WORDS: Readonly<Record<Role, string>> = {
  root: 'all',
  comm: 'thread name',
  user: 'user frame',
  kernel: 'kernel frame',
  separator: 'separator',
  'waker-kernel': 'waker’s kernel frame',
  'waker-user': 'waker’s user frame',
  'waker-comm': 'waker’s thread name',
  marker: 'marker',
  group: 'group',
  kind: 'what the thread was at',
};
