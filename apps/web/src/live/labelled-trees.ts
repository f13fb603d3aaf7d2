/** Owns the labels that a worker's views continue: each view sends only those that are new. */
import type { DiffTree, FlameTree } from '@stallscope/profile';
import type { DifferenceUpdate } from '../difference/difference-messages';
import type { Sandwich } from './beside-graph';
import type { ViewUpdate } from './live-messages';

export type LabelledView = Omit<
  ViewUpdate,
  'tree' | 'sandwich' | 'difference' | 'newLabels' | 'labelsFrom' | 'labelEpoch'
> & {
  tree: FlameTree | null;
  sandwich: Sandwich<FlameTree> | null;
  difference: LabelledDifference | null;
};

export type LabelledDifference = Exclude<DifferenceUpdate, { state: 'ready' }> | ReadyDifference;

export type ReadyDifference = Omit<Extract<DifferenceUpdate, { state: 'ready' }>, 'tree'> & {
  tree: DiffTree;
};

export class LabelledTrees {
  #labels: string[] = [];
  #epoch = -1;

  /** Every update has to be given, also those that are not shown: the next one continues it. */
  take(update: ViewUpdate): LabelledView {
    const { tree, sandwich, difference, newLabels, labelsFrom, labelEpoch, ...view } = update;
    if (labelEpoch !== this.#epoch) {
      this.#labels = [];
      this.#epoch = labelEpoch;
    }
    this.#labels.length = labelsFrom;
    for (const label of newLabels) this.#labels.push(label);
    const labels = this.#labels;
    const half = ({ tree: columns, ...rest }: NonNullable<typeof sandwich>['callers']) => ({
      tree: { ...columns, labels },
      ...rest,
    });
    return {
      ...view,
      tree: tree && { ...tree, labels },
      sandwich: sandwich && {
        function: sandwich.function,
        callers: half(sandwich.callers),
        callees: half(sandwich.callees),
      },
      difference:
        difference?.state === 'ready' ? { ...difference, tree: { ...difference.tree, labels } } : difference,
    };
  }
}
