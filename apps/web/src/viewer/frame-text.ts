/** Owns what of a frame is taken elsewhere as text: its name, its stack, a pattern that is it alone. */
import { type FlameTree, type FunctionKey, pathOf, ROLES } from '@stallscope/profile';

export function keyOfNode(tree: FlameTree, node: number): FunctionKey {
  return { label: tree.labels[tree.label[node]!]!, role: ROLES[tree.role[node]!]! };
}

/** One step a line, root first, as the details list it. */
export function stackText(tree: FlameTree, node: number): string {
  return pathOf(tree, node)
    .map(({ label }) => label)
    .join('\n');
}

/**
 * One line as flamegraph.pl reads it. Time is in whole microseconds, as in every folded output; counts and bytes as they
 * are.
 */
export function foldedText(tree: FlameTree, node: number, isTime: boolean): string {
  const value = tree.totalValue[node]!;
  // `;` ends a frame in this format.
  const steps = pathOf(tree, node).map(({ label }) => label.replaceAll(';', ':'));
  return `${steps.join(';')} ${Math.round(isTime ? value / 1000 : value)}`;
}

/** Matches this label and no other. */
export function exactPattern(label: string): string {
  return `^${label.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`;
}

/** A pattern that matches what either does. */
export function eitherPattern(pattern: string, more: string): string {
  return pattern === '' ? more : `${pattern}|${more}`;
}
