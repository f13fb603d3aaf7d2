/**
 * Owns the page on which our flame graph is measured: worker, transfer, store, React, layout and canvas as in the product,
 * and nothing beside the graph.
 *
 *     ours.html?nodes=100000&seed=1      window.bench.run(updates, everyMs) starts the updates
 */
import { FlameGraph } from '@stallscope/charts';
import { createElement, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';

const query = new URLSearchParams(location.search);
const worker = new Worker(new URL('./tree-worker.mjs', import.meta.url), { type: 'module' });
const labels = [];
const listeners = new Set();
let tree = null;

worker.onmessage = (event) => {
  performance.mark(`update ${event.timeStamp}`);
  const { nodeCount, columns, newLabels, update } = event.data;
  for (const label of newLabels) labels.push(label);
  tree = { ...columns, nodeCount, labels };
  for (const listener of listeners) listener();
  // After this frame's own work: what is on the canvas now is on the screen next.
  requestAnimationFrame(() => setTimeout(() => performance.mark(`painted ${update}`)));
};

function Page() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => tree,
  );
  const [zoomNode, setZoomNode] = useState(0);
  const [selectedNode, setSelectedNode] = useState(null);
  return shown === null
    ? null
    : createElement(FlameGraph, {
        tree: shown,
        zoomNode,
        selectedNode,
        theme: 'light',
        ariaLabel: 'Measured graph',
        heightPx: 760,
        onZoom: setZoomNode,
        onSelect: setSelectedNode,
      });
}

window.bench = {
  run: (updates, everyMs) => worker.postMessage({ type: 'run', updates, everyMs }),
};
createRoot(document.querySelector('main')).render(createElement(Page));
worker.postMessage({ type: 'make', nodes: Number(query.get('nodes')), seed: Number(query.get('seed')) });
