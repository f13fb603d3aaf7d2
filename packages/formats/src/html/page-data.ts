/** Owns what the page of the single HTML file is given, as JSON; its columns are those of `FlameTree`. */
import type { ValueUnit } from '@stallscope/profile';
import type { Fill } from '../role-colours.js';

export interface PageData {
  unit: ValueUnit;
  labels: string[];
  /** Index into `labels`; node 0 is the root. */
  label: number[];
  /** Parent's number, smaller than the node's own; −1 for the root. */
  parent: number[];
  /** Index into `roles` and `roleWords`. */
  role: number[];
  /** What decides the colour, `--NAME`: the role, or of a step of a wall view what the thread was at. */
  roles: Fill[];
  roleWords: string[];
  /** Not 0 for a frame without a name. */
  unnamed: number[];
  /** Index into `labels`. */
  module: number[];
  /** Value of the node and all below it, those left out too. */
  value: number[];
  /** Of a difference: both values, in the unit, and the step of its colour (`--change-N`). */
  diff?: { before: number[]; after: number[]; step: number[] };
}
