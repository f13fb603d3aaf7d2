/**
 * Owns what a recording with --inlines says of them: for how much of the code there was debug information, and where not.
 *
 *     inlined functions: 212 of 640 addresses are in one · no debug information: libc.so.6, node
 */
import type { InlineSummary } from '@stallscope/agent';

export function inlineLine({
  addresses,
  inlined,
  unanswered,
  bareFiles,
  bareFileCount,
}: InlineSummary): string {
  const more = bareFileCount - bareFiles.length;
  return [
    `inlined functions: ${inlined} of ${addresses} addresses with debug information are in one`,
    bareFileCount > 0 &&
      `no debug information, so none shown: ${bareFiles.join(', ')}${more > 0 ? ` and ${more} more files` : ''}`,
    unanswered > 0 &&
      `${unanswered} addresses could not be looked up: their debug information is damaged, too large, or took too long`,
  ]
    .filter(Boolean)
    .join(' · ');
}
