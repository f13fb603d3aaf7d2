'use client';
/** Owns one flame graph of the viewer with what belongs to the frame under the pointer: its menu and its keys. */
import {
  type FlameDiff,
  FlameGraph,
  type FlameOwners,
  type PagePoint,
  type RootAt,
  type Tone,
} from '@stallscope/charts';
import type { FlameTree, ValueUnit } from '@stallscope/profile';
import { type ReactElement, useMemo, useRef, useState } from 'react';
import { useTheme } from '../controls/theme';
import { findPlace, type Place, placeOf } from '../selection/place';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { type FrameAct, frameActs } from './frame-acts';
import { FrameMenu } from './frame-menu';
import { type Keys, useKeys } from './keys';

export interface FlameProps {
  tree: FlameTree;
  unit: ValueUnit;
  matched: Uint8Array | undefined;
  /** In the colours of what changed since a base. */
  diff?: FlameDiff | undefined;
  /** In the colours of whose time it is. */
  owners?: FlameOwners | undefined;
  zoom: Place | null;
  sel: Place | null;
  rootAt: RootAt;
  /** Default that of waits. */
  tone?: Tone;
  ariaLabel: string;
  selection: Selection;
  acts: SelectionActs;
  /** What the selection becomes for a place of this graph. */
  toSelect: (sel: Place | null) => Partial<Selection>;
  toZoom: (zoom: Place | null) => Partial<Selection>;
  /** Ways from the selected frame elsewhere, at the end of its menu. */
  more?: readonly FrameAct[];
  /** Id of what leads to the same as rows. */
  ariaDetails?: string;
}

/** Keys of a frame that act on the one under the pointer or, without one, on the selected one. */
const FRAME_KEYS = ['o', 'f', 'w', 't', 'x', 'c', 'C'] as const;

export function Flame(props: FlameProps): ReactElement {
  const { tree, selection, acts } = props;
  const theme = useTheme();
  /** Not a state: nothing is drawn of it, and it changes with every move of the pointer. */
  const hovered = useRef<{ tree: FlameTree; node: number } | null>(null);
  const [menu, setMenu] = useState<{ place: Place; at: PagePoint } | null>(null);
  const zoomNode = usePlace(tree, props.zoom);
  const selectedNode = usePlace(tree, props.sel);
  const menuNode = usePlace(tree, menu?.place ?? null);

  function actsOf(node: number): FrameAct[] {
    return frameActs(
      {
        tree,
        node,
        isTime: props.unit === 'nanoseconds',
        zoom: (to) => acts.go(props.toZoom(to === 0 ? null : placeOf(tree, to))),
      },
      selection,
      acts,
    );
  }

  const runKey = (key: string, node: number | undefined): boolean => {
    const act = node === undefined ? undefined : actsOf(node).find((known) => known.key === key);
    act?.run();
    return act !== undefined;
  };
  const pointedNode = (): number | undefined => {
    const pointed = hovered.current;
    if (pointed === null) return undefined;
    // The tree may have been replaced since.
    return pointed.tree === tree ? pointed.node : findPlace(tree, placeOf(pointed.tree, pointed.node));
  };
  const frameKeys = (node: () => number | undefined): Keys =>
    Object.fromEntries(FRAME_KEYS.map((key) => [key, () => runKey(key, node())]));
  // Of two graphs beside each other, the one that the reader is in comes before the one with the selected frame.
  useKeys(frameKeys(pointedNode), 'pointed');
  useKeys(
    frameKeys(() => selectedNode),
    'selected',
  );

  return (
    <div className="h-full min-w-0">
      <FlameGraph
        tree={tree}
        unit={props.unit}
        zoomNode={zoomNode ?? 0}
        selectedNode={selectedNode ?? null}
        matched={props.matched}
        diff={props.diff}
        owners={props.owners}
        names={selection.names}
        theme={theme}
        {...(props.tone && { tone: props.tone })}
        rootAt={props.rootAt}
        hasTooltip={menu === null}
        ariaLabel={props.ariaLabel}
        ariaDetails={props.ariaDetails}
        onHover={(node) => {
          hovered.current = node === null ? null : { tree, node };
        }}
        onSelect={(node) =>
          acts.amend(props.toSelect(node === null || node === 0 ? null : placeOf(tree, node)))
        }
        onZoom={(node) => acts.go(props.toZoom(node === 0 ? null : placeOf(tree, node)))}
        onMenu={(node, at) => {
          setMenu({ place: placeOf(tree, node), at });
        }}
      />
      {menu !== null && menuNode !== undefined && (
        <FrameMenu
          title={menuNode === 0 ? 'all' : tree.labels[tree.label[menuNode]!]!}
          at={menu.at}
          acts={actsOf(menuNode)}
          more={props.more ?? []}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}

/** The node of a place in this tree; undefined without a place, or where the tree has no such path. */
export function usePlace(tree: FlameTree | null, place: Place | null): number | undefined {
  return useMemo(() => (tree === null || place === null ? undefined : findPlace(tree, place)), [tree, place]);
}
