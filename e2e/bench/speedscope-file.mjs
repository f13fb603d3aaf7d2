/** Owns a tree as a file that speedscope opens: its evented profile, each node one open and one close. Pure. */

/** @param {import('@stallscope/profile').FlameTree} tree @returns {Generator<string>} JSON in pieces */
export function* toSpeedscopeFile(tree) {
  const { labels, nodeCount, label, firstChild, nextSibling, parent, totalValue } = tree;
  yield `{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":${JSON.stringify(labels.map((name) => ({ name: name === '' ? 'all' : name })))}},`;
  yield `"profiles":[{"type":"evented","name":"${nodeCount} nodes","unit":"nanoseconds","startValue":0,"endValue":${Math.ceil(totalValue[0])},"events":[`;
  const start = new Float64Array(nodeCount);
  let node = 0;
  let piece = event('O', label[0], 0).slice(1);
  for (;;) {
    let next = firstChild[node];
    if (next !== -1) start[next] = start[node];
    else {
      // Up to the nearest node that has a sibling after it.
      for (;;) {
        const end = start[node] + totalValue[node];
        piece += event('C', label[node], end);
        if (node === 0) break;
        next = nextSibling[node];
        if (next !== -1) {
          start[next] = end;
          break;
        }
        node = parent[node];
      }
      if (node === 0) break;
    }
    node = next;
    piece += event('O', label[node], start[node]);
    if (piece.length > PIECE_CHARS) {
      yield piece;
      piece = '';
    }
  }
  yield `${piece}]}]}`;
}

const PIECE_CHARS = 2 ** 20;

function event(type, frame, at) {
  // Whole numbers, as sums of floats may run backwards by a rounding.
  return `,{"type":"${type}","frame":${frame},"at":${Math.round(at)}}`;
}
