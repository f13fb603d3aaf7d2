/** Owns the rows of one reading: finite, not below 0, under labels of bounded length. */
export interface VitalRow {
  metric: string;
  label: string;
  value: number;
}

/** Names of interfaces have 15 characters, of disks 31; units of systemd up to 255. */
const MAX_LABEL_CHARS = 128;

export class VitalRows {
  readonly rows: VitalRow[] = [];

  /** Where there is no value there is no row. */
  add(metric: string, label: string, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value) || value < 0) return;
    this.rows.push({
      metric,
      label: label.length > MAX_LABEL_CHARS ? label.slice(0, MAX_LABEL_CHARS) : label,
      value,
    });
  }
}

/** How one group is read. */
export interface VitalGroupReader {
  /**
   * @returns what it does not see, in words, or ''
   * @throws VitalsRefused where this host has nothing of it
   */
  read(nowNs: number, rows: VitalRows): string;
}

export class VitalsRefused extends Error {}
