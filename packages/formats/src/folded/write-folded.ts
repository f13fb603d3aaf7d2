/**
 * Owns writing folded stacks: one line a path in code unit order, summed, then an integer: microseconds for time,
 * else the count or the bytes. Kernel, JIT and inlined frames are marked `_[k]`, `_[j]` and `_[i]` where that is asked for, and
 * in paths that have no separators of their own.
 */
import type { Role, SampleProfile, ValueUnit } from '@stallscope/profile';
import { describeKinds, describeLabels, describeOtherValues } from '../lost-words.js';
import { chosenValue, framesRootFirst, sumByStack } from '../sample-paths.js';
import { TextBytes } from '../text-bytes.js';
import type { WriteOptions, WrittenProfile } from '../write.js';
import { MARKED_KINDS, markOf } from './folded-marks.js';

export function writeFolded(profile: SampleProfile, options: WriteOptions = {}): WrittenProfile {
  const value = chosenValue(profile, options.value);
  const { unit } = profile.valueTypes[value]!;
  const sums = foldedSums(profile, value, options.annotated);
  const text = new TextBytes('folded stacks');
  const perNumber = UNIT_PER_NUMBER[unit];
  let dropped = 0;
  for (const path of [...sums.keys()].sort()) {
    const sum = sums.get(path)!;
    const number = Math.round(sum / perNumber);
    if (number > 0) text.add(`${path} ${number}\n`);
    else if (sum > 0) dropped++;
  }
  return {
    bytes: text.finish(),
    mediaType: 'text/plain; charset=utf-8',
    extension: '.folded',
    lost: lostOf(profile, value, dropped, options.annotated === true),
  };
}

/** What one number of a line stands for: a thousand ns, as bcc's tools have it. */
export const UNIT_PER_NUMBER: Readonly<Record<ValueUnit, number>> = { nanoseconds: 1000, count: 1, bytes: 1 };

/** Sums by path as it is written; paths that become equal by the escapes are one. */
export function foldedSums(profile: SampleProfile, value: number, isAnnotated = false): Map<string, number> {
  const { byStack, withoutStack } = sumByStack(profile, value);
  const sums = new Map<string, number>();
  for (let stack = 0; stack < byStack.length; stack++) {
    if (byStack[stack] === 0) continue;
    const path = toFoldedPath(profile, stack, isAnnotated);
    sums.set(path, (sums.get(path) ?? 0) + byStack[stack]!);
  }
  if (withoutStack > 0) sums.set(NO_STACK, (sums.get(NO_STACK) ?? 0) + withoutStack);
  return sums;
}

const NO_STACK = '[no stack]';

function toFoldedPath(profile: SampleProfile, stack: number, isAnnotated: boolean): string {
  const frames = framesRootFirst(profile, stack).map((frame) => profile.frames[frame]!);
  const hasOwnMarks = frames.some(({ role }) => STRUCTURE.has(role));
  return frames
    .map((frame) => escapeLabel(isAnnotated || !hasOwnMarks ? frame.name + markOf(frame) : frame.name))
    .join(';');
}

/** Roles that only paths of waits have, whose kernel frames stand after a `-`. */
const STRUCTURE: ReadonlySet<Role> = new Set<Role>(['comm', 'waker-comm', 'separator']);

/** As `toFolded` of the rows has it. */
function escapeLabel(label: string): string {
  return label.replaceAll(';', ':').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

function lostOf(profile: SampleProfile, value: number, dropped: number, isAnnotated: boolean): string[] {
  const lost = [...describeOtherValues(profile, value), ...describeLabels(profile)];
  const { unit } = profile.valueTypes[value]!;
  lost.push(
    unit === 'nanoseconds'
      ? 'Time is rounded to microseconds, and the file does not say its unit.'
      : 'The file does not say what the numbers count; fractions are rounded.',
  );
  if (dropped > 0) lost.push(`${dropped} stacks that round to 0 are left out.`);
  if (profile.frames.some(({ module, file }) => module !== '' || file !== '')) {
    lost.push('Modules, files and lines of frames are left out.');
  }
  const isMarked = isAnnotated || !profile.frames.some(({ role }) => STRUCTURE.has(role));
  lost.push(...describeKinds(profile, isMarked ? MARKED_KINDS : []));
  if (profile.frames.some(({ unnamed }) => unnamed !== 0)) {
    lost.push('Why a frame has no name is left out.');
  }
  if (profile.frames.some(({ name }) => /[;\n\r]/.test(name))) {
    lost.push('In names `;` is written as `:`, and ends of lines as `\\n` and `\\r`.');
  }
  return lost;
}
