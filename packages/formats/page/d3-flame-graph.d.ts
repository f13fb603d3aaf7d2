/** The part of d3-flame-graph 5 and of d3 that the page uses; neither ships types. */
declare module 'd3-flame-graph' {
  import type { Selection } from 'd3';

  /** A node of d3's hierarchy over what was given to the chart. */
  export interface FlameNode<Data> {
    data: Data;
    parent: FlameNode<Data> | null;
    /** Set by a search. */
    highlight?: boolean;
  }

  export interface FlameChart<Data> {
    (selection: Selection): void;
    width(px: number): FlameChart<Data>;
    cellHeight(px: number): FlameChart<Data>;
    inverted(isRootOnTop: boolean): FlameChart<Data>;
    minFrameSize(px: number): FlameChart<Data>;
    transitionDuration(ms: number): FlameChart<Data>;
    setLabelHandler(label: (node: FlameNode<Data>) => string): FlameChart<Data>;
    setColorMapper(fill: (node: FlameNode<Data>) => string): FlameChart<Data>;
    setSearchMatch(matches: (node: FlameNode<Data>, term: string) => boolean): FlameChart<Data>;
    setSearchHandler(
      found: (results: FlameNode<Data>[], sum: number, total: number) => void,
    ): FlameChart<Data>;
    onClick(clicked: (node: FlameNode<Data>) => void): FlameChart<Data>;
    onHover(hovered: (node: FlameNode<Data>) => void): FlameChart<Data>;
    search(term: string): void;
    clear(): void;
    update(): void;
    zoomTo(node: FlameNode<Data>): void;
    resetZoom(): void;
  }
  export default function flamegraph<Data>(): FlameChart<Data>;
}

declare module '*.css' {}

declare module 'd3' {
  export interface Selection {
    datum(data: unknown): Selection;
    call(chart: (selection: Selection) => void): Selection;
  }
  export function select(element: Element): Selection;
}
