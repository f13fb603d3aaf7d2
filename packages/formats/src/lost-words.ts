/** Owns the sentences of what is lost that several formats share. */
import { FRAME_KINDS, type FrameKind, type SampleFrame, type SampleProfile } from '@stallscope/profile';

export function describeOtherValues(profile: SampleProfile, value: number): string[] {
  const others = profile.valueTypes.filter((_, type) => type !== value).map(({ type }) => type);
  return others.length === 0
    ? []
    : [`Only ${profile.valueTypes[value]!.type} is written, not ${others.join(', ')}.`];
}

export function describeLabels(profile: SampleProfile): string[] {
  const keys = new Set(profile.labelSets.flatMap((labels) => Object.keys(labels)));
  return keys.size === 0 ? [] : [`Labels of samples are left out: ${[...keys].join(', ')}.`];
}

/** @param carried kinds that the format marks */
export function describeKinds(profile: SampleProfile, carried: readonly FrameKind[] = []): string[] {
  const isLost = ({ kind = 0 }: SampleFrame): boolean => kind > 0 && !carried.includes(FRAME_KINDS[kind]);
  return profile.frames.some(isLost)
    ? [
        carried.length === 0
          ? 'How the code of frames came to be (JIT, interpreted, inlined, stubs) is left out.'
          : 'Which frames are interpreted, and which are stubs, is left out.',
      ]
    : [];
}

export function describeTimes(profile: SampleProfile): string[] {
  return profile.sampleAtNs === null ? [] : ['When each sample was taken is left out.'];
}
