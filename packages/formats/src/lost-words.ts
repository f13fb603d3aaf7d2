/** Owns the sentences of what is lost that several formats share. */
import type { SampleProfile } from '@stallscope/profile';

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

export function describeTimes(profile: SampleProfile): string[] {
  return profile.sampleAtNs === null ? [] : ['When each sample was taken is left out.'];
}
