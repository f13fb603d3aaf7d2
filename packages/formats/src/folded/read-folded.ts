/**
 * Owns reading folded stacks, one a line: names root first, `;` between them, then a number.
 *
 *     app;main;read 12
 *
 * Fractions are read; empty lines and lines that begin with `#` are passed over. What the number counts the format does
 * not say: samples, unless the reader was told (`foldedUnit`).
 */
import { NONE, type Role, type SampleProfile, type ValueType } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import type { FoldedUnit } from '../format-names.js';
import type { ReadContext } from '../read.js';
import { rolesOfPath } from '../roles-of-path.js';
import { readLines } from '../text-lines.js';
import { splitMark } from './folded-marks.js';

/** @throws FormatError */
export function readFoldedProfile(bytes: Uint8Array, context: ReadContext): SampleProfile[] {
  const { budget, name, foldedUnit } = context;
  const { type, factor } = UNITS[foldedUnit];
  const builder = new BoundedProfileBuilder(name, [type], budget, '');
  const noLabels = builder.labels({}, '');
  // A map a role: one key of both would be a new string, and its hash, for each frame of each line.
  const framesOf = new Map<Role, Map<string, number>>();
  const frameOf = (label: string, role: Role, place: string): number => {
    let frames = framesOf.get(role);
    if (frames === undefined) {
      frames = new Map();
      framesOf.set(role, frames);
    }
    const known = frames.get(label);
    if (known !== undefined) return known;
    const frame = builder.frame(
      { ...splitMark(label, role), module: '', file: '', line: 0, role, unnamed: 0 },
      place,
    );
    frames.set(label, frame);
    return frame;
  };
  let isDifference = true;
  let lastPath: readonly string[] = [];
  let lastRoles: readonly Role[] = [];
  /** Of the line before, by its frames. */
  const lastStacks: number[] = [];
  readLines(bytes, 'folded', (line, number) => {
    const place = `line ${number}`;
    budget.tick(place);
    if (line.trim() === '' || line.startsWith('#')) return;
    const text = line.trimEnd();
    // The number follows the last space: names have spaces too.
    const space = text.lastIndexOf(' ');
    const value = text.slice(space + 1);
    if (space < 0 || !/^\d+(?:\.\d+)?$/.test(value)) {
      budget.refuse(
        place,
        `no number after the last space in ${JSON.stringify(cutShort(text))}`,
        'Expected: frame;frame;frame number',
      );
    }
    isDifference &&= / \d+$/.test(text.slice(Math.max(0, space - NUMBER_CHARACTERS), space));
    const path = text.slice(0, space).split(';');
    budget.depth(path.length, place);
    const roles = rolesOfPath(path);
    // Lines are mostly sorted: what a line begins with as the one before has its stacks already.
    let at = 0;
    while (at < path.length && path[at] === lastPath[at] && roles[at] === lastRoles[at]) at++;
    lastStacks.length = at;
    let stack = at === 0 ? NONE : lastStacks[at - 1]!;
    for (; at < path.length; at++) {
      stack = builder.stack(stack, frameOf(path[at]!, roles[at]!, place), place);
      lastStacks.push(stack);
    }
    lastPath = path;
    lastRoles = roles;
    builder.sample(stack, [Number(value) * factor], noLabels, place);
  });
  if (builder.profile.sampleStack.length === 0) return [];
  if (isDifference) context.notes.push(DIFFERENCE_WORDS);
  return [builder.profile];
}

const UNITS: Readonly<Record<FoldedUnit, { type: ValueType; factor: number }>> = {
  count: { type: { type: 'samples', unit: 'count' }, factor: 1 },
  us: { type: { type: 'time', unit: 'nanoseconds' }, factor: 1000 },
  ns: { type: { type: 'time', unit: 'nanoseconds' }, factor: 1 },
  bytes: { type: { type: 'bytes', unit: 'bytes' }, factor: 1 },
};

/** A space and a number that a value can be. */
const NUMBER_CHARACTERS = 18;

/** What `diff --format folded` and difffolded.pl write; names may end in a number too, so that it is read all the same. */
const DIFFERENCE_WORDS =
  'Each line ends in two numbers, as those of a difference do (before, after): the last one is read, and the one before it is part of a name.';

/** Characters of a faulty line that an error shows; folded lines can be tens of kilobytes long. */
const SHOWN_CHARACTERS = 80;

function cutShort(line: string): string {
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}…`;
}
