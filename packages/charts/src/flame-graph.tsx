/**
 * Owns the flame graph on screen: what it is given, what it reports, and (through its neighbours) how it is drawn.
 *
 * Invariant: it keeps no state of the view. Zoom, selection and search come in as node ids of the given tree and go out
 * through callbacks; whoever owns the URL keeps them by path, so a live update that renumbers nodes moves nothing.
 */
import type { FlameTree } from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { Theme } from './palette.js';

/** Where the root row is: `top` (icicle) suits deep stacks on pages that scroll, `bottom` is the traditional flame. */
export type RootAt = 'top' | 'bottom';

/** A place on the page in CSS pixels of the viewport (clientX, clientY): what a tooltip is placed by. */
export interface PagePoint {
  xPx: number;
  yPx: number;
}

export interface FlameGraphProps {
  tree: FlameTree;
  /** Drawn full width; its ancestors full width above it. 0, the root, is no zoom. An id outside the tree is read as 0. */
  zoomNode: number;
  /** Outlined; null for none. */
  selectedNode: number | null;
  /** Search result by node: 1 where the node matches. Absent: no search is on. */
  matched?: Uint8Array | undefined;
  theme: Theme;
  /** Default `top`. */
  rootAt?: RootAt | undefined;
  /** What shares are shares of; default is the root's total. */
  totalNs?: number | undefined;
  /** Names the graph for a screen reader, such as `Off-CPU flame graph of web-1`. */
  ariaLabel: string;
  /** Words for the root row; default `all`. */
  rootLabel?: string | undefined;
  /** Height of the viewport that the graph scrolls in; absent, it fills its parent (which must have a height). */
  heightPx?: number | undefined;
  /** CSS colour behind the frames; default is the theme's own surface. */
  background?: string | undefined;
  /** The frame under the pointer or, as it moves by key, under the focus; null when it is left. Called again after a live update. */
  onHover?: ((node: number | null, point: PagePoint) => void) | undefined;
  /** Click, Enter or tap on a frame; null for a click beside all frames. */
  onSelect?: ((node: number | null) => void) | undefined;
  /** Zoom asked for: by click, second tap, Enter (the frame), Escape, Backspace (one level out), `0`, double click (0). */
  onZoom?: ((node: number) => void) | undefined;
}

export function FlameGraph(props: FlameGraphProps): ReactElement {
  return <div role="img" aria-label={props.ariaLabel} />;
}
