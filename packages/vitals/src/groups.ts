/** Owns which groups of vitals there are: what is read together, asked for together, and refused together. */
export const VITAL_GROUPS = [
  'vitals-cpu',
  'vitals-pressure',
  'vitals-memory',
  'vitals-disk',
  'vitals-network',
  'vitals-containers',
] as const;
export type VitalGroup = (typeof VITAL_GROUPS)[number];
