/** Owns the labels that a worker's views continue: each view sends only those that are new. */
import type { FlameTree } from '@stallscope/profile';
import type { ViewUpdate } from './live-messages';

export type LabelledView = Omit<ViewUpdate, 'tree' | 'newLabels' | 'labelsFrom' | 'labelEpoch'> & {
  tree: FlameTree | null;
};

export class LabelledTrees {
  #labels: string[] = [];
  #epoch = -1;

  /** Every update has to be given, also those that are not shown: the next one continues it. */
  take({ tree, newLabels, labelsFrom, labelEpoch, ...view }: ViewUpdate): LabelledView {
    if (labelEpoch !== this.#epoch) {
      this.#labels = [];
      this.#epoch = labelEpoch;
    }
    this.#labels.length = labelsFrom;
    for (const label of newLabels) this.#labels.push(label);
    return { ...view, tree: tree && { ...tree, labels: this.#labels } };
  }
}
