/** Owns what the pages say of the governor: why τ is above what was asked for, and what that does to what is shown. */
export const GOVERNOR_WORDS: readonly string[] = [
  'So many waits end on this host that capturing their stacks would cost more than looking may: 10,000 captures a second for the probe, 2 % of a CPU for the agent.',
  'Waits shorter than τ are captured more seldom and weigh more each. Totals stay right and the ± beside them grows; exact counters and histograms are not touched.',
  'τ falls by itself when the load has passed.',
];
