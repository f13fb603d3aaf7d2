/**
 * Owns turning a flame graph as it is drawn (reshaped, focused, filtered) into samples, so that it can be written as it
 * is seen. One sample a node with a value of its own.
 */
import {
  type FlameTree,
  type FrameKindCode,
  NONE,
  ROLES,
  type SampleProfile,
  SampleProfileBuilder,
  type UnnamedCode,
  type ValueType,
} from '@stallscope/profile';

export function treeToSamples(tree: FlameTree, valueType: ValueType, title: string): SampleProfile {
  const builder = new SampleProfileBuilder(title, [valueType]);
  const noLabels = builder.labels({});
  const stackOf = new Int32Array(tree.nodeCount).fill(NONE);
  for (let node = 1; node < tree.nodeCount; node++) {
    const frame = builder.frame({
      name: tree.labels[tree.label[node]!]!,
      module: tree.labels[tree.module[node]!]!,
      file: '',
      line: 0,
      role: ROLES[tree.role[node]!]!,
      unnamed: tree.unnamed[node] as UnnamedCode,
      kind: tree.frameKind[node] as FrameKindCode,
    });
    stackOf[node] = builder.stack(stackOf[tree.parent[node]!]!, frame);
    if (tree.selfValue[node]! > 0) builder.sample(stackOf[node]!, [tree.selfValue[node]!], noLabels);
  }
  return builder.profile;
}
