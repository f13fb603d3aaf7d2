/**
 * Owns the trees that are drawn, in a worker as in the product: each update is made and copied here, and its columns are
 * transferred. The same seed and size give the same tree, update for update.
 */
import { generatedTree } from '@stallscope/charts';

let tree;
let labelsSent = 0;
let update = 0;

self.onmessage = ({ data }) => {
  if (data.type === 'make') {
    tree = generatedTree(data.nodes, data.seed);
    post();
  } else if (data.type === 'run') {
    let left = data.updates;
    const timer = setInterval(() => {
      post();
      if (--left === 0) clearInterval(timer);
    }, data.everyMs);
  }
};

function post() {
  const { labels, nodeCount, ...columns } = withOtherValues(tree, ++update);
  const message = { nodeCount, columns, newLabels: labels.slice(labelsSent), update };
  labelsSent = labels.length;
  self.postMessage(
    message,
    Object.values(columns).map(({ buffer }) => buffer),
  );
}

/** Every own value moves by up to a quarter, as those of a busy host do from second to second. */
function withOtherValues(of, seed) {
  const copy = { ...of };
  for (const [name, column] of Object.entries(of))
    if (ArrayBuffer.isView(column)) copy[name] = column.slice();
  const { nodeCount, parent, selfValue, totalValue } = copy;
  totalValue.fill(0);
  for (let node = nodeCount - 1; node >= 0; node--) {
    const drawn = Math.imul(node + 1, 0x9e3779b1) ^ Math.imul(seed, 0x85ebca6b);
    selfValue[node] *= 0.75 + ((drawn >>> 8) & 0xffff) / 0x20000;
    totalValue[node] += selfValue[node];
    if (node > 0) totalValue[parent[node]] += totalValue[node];
  }
  return copy;
}
