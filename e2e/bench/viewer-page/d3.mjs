/**
 * Owns the page on which d3-flame-graph is measured: the same trees, made and sent by the same worker, as the objects
 * that it draws. Nodes narrower than half a pixel are left out of the document, as we leave them out of the canvas.
 */
import { select } from 'd3';
import flamegraph from 'd3-flame-graph';

/** As its users see it where nothing is measured but its motion. */
const D3_DEFAULT_TRANSITION_MS = 750;

const query = new URLSearchParams(location.search);
const worker = new Worker(new URL('./tree-worker.mjs', import.meta.url), { type: 'module' });
const labels = [];
const holder = select('main');
let chart;

worker.onmessage = (event) => {
  performance.mark(`update ${event.timeStamp}`);
  const { nodeCount, columns, newLabels, update } = event.data;
  for (const label of newLabels) labels.push(label);
  const root = toObjects(nodeCount, columns);
  // The objects are not its own work: a page that uses it would be sent them.
  performance.mark('objects made');
  if (chart === undefined) {
    chart = flamegraph()
      .width(document.querySelector('main').clientWidth)
      .minFrameSize(0.5)
      .transitionDuration(query.has('animate') ? D3_DEFAULT_TRANSITION_MS : 0)
      .inverted(true)
      .sort(false);
    holder.datum(root).call(chart);
  } else {
    chart.update(root);
  }
  requestAnimationFrame(() => setTimeout(() => performance.mark(`painted ${update}`)));
};

function toObjects(nodeCount, { parent, label, totalValue }) {
  const objects = new Array(nodeCount);
  for (let node = 0; node < nodeCount; node++) {
    objects[node] = { name: labels[label[node]], value: totalValue[node], children: [] };
    if (node > 0) objects[parent[node]].children.push(objects[node]);
  }
  return objects[0];
}

window.bench = {
  run: (updates, everyMs) => worker.postMessage({ type: 'run', updates, everyMs }),
};
worker.postMessage({ type: 'make', nodes: Number(query.get('nodes')), seed: Number(query.get('seed')) });
