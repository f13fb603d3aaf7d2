/**
 * Owns the numbering of the labels that trees point into: append-only, so a label that was posted once stays known by
 * its number. Several builders may share one table; their trees then have the same `labels` and can be compared by id.
 *
 *     const labels = new LabelTable();      labels.idOf('')  // 0, always
 */
export class LabelTable {
  readonly labels: string[] = [''];
  readonly #ids = new Map<string, number>([['', 0]]);

  idOf(label: string): number {
    const known = this.#ids.get(label);
    if (known !== undefined) return known;
    const id = this.labels.push(label) - 1;
    this.#ids.set(label, id);
    return id;
  }
}
