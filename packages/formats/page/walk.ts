/**
 * Owns walking the frames of the graph by key: which frame is active, and which lies beside it on the screen. The graph has
 * the focus, and names the active frame to a screen reader.
 *
 *     ← → along the row   ↑ ↓ to the frame drawn above, below   Home to the root   Enter zooms
 */
import type { FlameNode } from 'd3-flame-graph';

interface PlacedNode<Data> extends FlameNode<Data> {
  children?: PlacedNode<Data>[];
  depth: number;
  /** Share of the width, of what is drawn at the present zoom. */
  x0: number;
  x1: number;
}

export interface Walk<Data> {
  /** After each drawing: marks the active frame, and goes to one that is drawn where it is not any more. */
  mark(fallback: FlameNode<Data> | undefined): void;
  go(node: FlameNode<Data>): void;
}

export function walkFrames<Data extends { node: number }>(
  chart: HTMLElement,
  on: {
    isRootOnTop(): boolean;
    /** What is said of a frame. */
    describe(node: FlameNode<Data>): string[];
    onActive(node: FlameNode<Data>): void;
    zoomTo(node: FlameNode<Data>): void;
  },
): Walk<Data> {
  let active: PlacedNode<Data> | undefined;

  chart.tabIndex = 0;
  chart.setAttribute('role', 'tree');
  chart.addEventListener('focus', () => {
    if (active !== undefined) {
      if (chart.matches(':focus-visible')) on.onActive(active);
      return;
    }
    const root = rootOf();
    if (root !== undefined) go(root);
  });
  chart.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (active !== undefined) on.zoomTo(active);
      return;
    }
    const at = active ?? rootOf();
    const next = at && nextOf(at, event.key);
    if (next === undefined) return;
    // An arrow at the edge does not scroll the page away either.
    event.preventDefault();
    if (next !== null) go(next);
  });

  /** Undefined for a key that does not walk, null at an edge. */
  function nextOf(at: PlacedNode<Data>, key: string): PlacedNode<Data> | null | undefined {
    const isInwards = key === (on.isRootOnTop() ? 'ArrowDown' : 'ArrowUp');
    if (isInwards) return widest((at.children ?? []).filter(isDrawn)) ?? null;
    switch (key) {
      case 'ArrowUp':
      case 'ArrowDown':
        return at.parent as PlacedNode<Data> | null;
      case 'ArrowLeft':
      case 'ArrowRight': {
        const row = drawn()
          .filter(({ depth }) => depth === at.depth)
          .sort((a, b) => a.x0 - b.x0);
        return row[row.indexOf(at) + (key === 'ArrowLeft' ? -1 : 1)] ?? null;
      }
      case 'Home':
        return rootOf() ?? null;
      default:
        return undefined;
    }
  }

  function go(node: FlameNode<Data>): void {
    active = node as PlacedNode<Data>;
    mark(undefined);
    on.onActive(active);
    const group = groupOf(active);
    if (group !== undefined) scrollTo(group);
  }

  function mark(fallback: FlameNode<Data> | undefined): void {
    if (active !== undefined && groupOf(active) === undefined)
      active = (fallback as PlacedNode<Data> | undefined) ?? rootOf();
    for (const group of groups()) {
      const node = nodeOf<Data>(group);
      if (node === undefined) continue;
      group.id = `frame-${node.data.node}`;
      group.setAttribute('role', 'treeitem');
      group.setAttribute('aria-level', String(node.depth + 1));
      group.setAttribute('aria-label', on.describe(node).join(', '));
      const isActive = node === active;
      group.toggleAttribute('data-active', isActive);
      // The last is drawn over its neighbours, so that its edge is whole.
      if (isActive && group.nextSibling !== null) group.parentNode?.append(group);
    }
    if (active !== undefined) chart.setAttribute('aria-activedescendant', `frame-${active.data.node}`);
  }

  function groups(): NodeListOf<SVGGElement> {
    return chart.querySelectorAll<SVGGElement>('g.frame');
  }

  function drawn(): PlacedNode<Data>[] {
    return Array.from(groups(), (group) => nodeOf<Data>(group)).filter(
      (node) => node !== undefined && isDrawn(node),
    ) as PlacedNode<Data>[];
  }

  function groupOf(node: PlacedNode<Data>): SVGGElement | undefined {
    return isDrawn(node) ? Array.from(groups()).find((group) => nodeOf(group) === node) : undefined;
  }

  /** Undefined in a graph of nothing. */
  function rootOf(): PlacedNode<Data> | undefined {
    return drawn().find(({ parent }) => parent === null);
  }

  return { mark, go };
}

function nodeOf<Data>(group: SVGGElement): PlacedNode<Data> | undefined {
  return (group as SVGGElement & { __data__?: PlacedNode<Data> }).__data__;
}

/** What a zoom leaves out has no width. */
function isDrawn<Data>({ x0, x1 }: PlacedNode<Data>): boolean {
  return x1 > x0;
}

function widest<Data>(nodes: PlacedNode<Data>[]): PlacedNode<Data> | undefined {
  return nodes.reduce<PlacedNode<Data> | undefined>(
    (most, node) => (most === undefined || node.x1 - node.x0 > most.x1 - most.x0 ? node : most),
    undefined,
  );
}

/** Where the bar that stays on top does not cover it. */
function scrollTo(group: SVGGElement): void {
  const { top, bottom } = group.getBoundingClientRect();
  const coveredPx = document.querySelector('.bar')?.getBoundingClientRect().bottom ?? 0;
  if (top < coveredPx) scrollBy(0, top - coveredPx - 8);
  else if (bottom > innerHeight) scrollBy(0, bottom - innerHeight + 8);
}
