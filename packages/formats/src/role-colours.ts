/**
 * Owns the colours of frames in files that are read by themselves: those of the product's own graphs, in their middle
 * hue, light and dark. A browser test holds them to the palette that the charts make.
 */
import type { Role } from '@stallscope/profile';

export interface FileColours {
  surface: string;
  ink: string;
  /** Quiet text: subtitles and frames without a name. */
  dullInk: string;
  line: string;
  /** Search matches. */
  matched: string;
  fills: Readonly<Record<Role, string>>;
  /** Bars of kernel frames and lines of wakers: kind is never told by colour alone. */
  kernelMark: string;
  wakerMark: string;
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
    },
    kernelMark: '#0c4683',
    wakerMark: '#007078',
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
    },
    kernelMark: '#8ea5ea',
    wakerMark: '#82cdda',
  },
};

/** What a role is called in legends and titles. */
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
};
