/** Owns walking the stacks of a profile, and summing its samples by stack. */
import { NONE, type SampleProfile } from '@stallscope/profile';

/** Frame ids of a stack, root first; empty for NONE. */
export function framesRootFirst(profile: SampleProfile, stack: number): number[] {
  const frames: number[] = [];
  for (let at = stack; at !== NONE; at = profile.stackPrefix[at]!) frames.push(profile.stackFrame[at]!);
  return frames.reverse();
}

/** One value of all samples summed by stack; that of samples without a stack apart. */
export function sumByStack(
  profile: SampleProfile,
  value: number,
): { byStack: Float64Array; withoutStack: number } {
  const byStack = new Float64Array(profile.stackPrefix.length);
  const column = profile.sampleValues[value]!;
  let withoutStack = 0;
  for (const [sample, stack] of profile.sampleStack.entries()) {
    if (stack === NONE) withoutStack += column[sample]!;
    else byStack[stack]! += column[sample]!;
  }
  return { byStack, withoutStack };
}

/** Which of the value types a format of one value writes. @throws RangeError for one that is not there */
export function chosenValue(profile: SampleProfile, value: number | undefined): number {
  const chosen = value ?? profile.defaultValue;
  if (profile.valueTypes[chosen] === undefined) {
    throw new RangeError(`value ${chosen} of a profile with ${profile.valueTypes.length} kinds of value`);
  }
  return chosen;
}
