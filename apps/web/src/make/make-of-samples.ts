/** Owns making files of a profile from elsewhere: of the samples that a selection shows, filters and all. */
import { treeToSamples, writeProfile } from '@stallscope/formats';
import {
  redactorOfSamples,
  type SampleFilter,
  type SampleProfile,
  samplesReductionPreview,
  toSampleMatcher,
} from '@stallscope/profile';
import type { SampleViews } from '../still/sample-views';
import type { StillSelection } from '../still/still-messages';
import { isReshaped, RESHAPED_WORDS } from './is-reshaped';
import type { Made, MakeRequest } from './make-messages';
import { hostWords, newPreviewKey, toReducedKinds } from './reduction-preview';

export async function makeOfSamples(
  views: SampleViews,
  selection: StillSelection,
  request: Exclude<MakeRequest, { kind: 'difference' }>,
): Promise<Made> {
  const { profile, filter } = views.chosen(selection);
  switch (request.kind) {
    case 'kept':
      return { kind: 'failed', message: 'A file of another tool is kept as it is.', hint: '' };
    case 'export': {
      if (request.format === 'stallscope') {
        return {
          kind: 'failed',
          message: 'A stallscope file holds waits by thread and waker, which this profile has not.',
          hint: 'Choose pprof or Firefox Profiler: they keep all that is in it.',
        };
      }
      const { title } = request.note;
      if (!isReshaped(selection.shape)) {
        const options = { title, value: filter.value };
        return {
          kind: 'export',
          ...(await writeProfile(keepMatching(profile, filter), request.format, options)),
        };
      }
      const valueType = profile.valueTypes[filter.value]!;
      const drawn = treeToSamples(views.treeOf(selection), valueType, title);
      const { lost, ...written } = await writeProfile(drawn, request.format, { title });
      return { kind: 'export', ...written, lost: [RESHAPED_WORDS, ...lost] };
    }
    case 'reduction': {
      const { profiles } = views;
      const hosts = hostWords(request.about);
      const redactor = redactorOfSamples(profiles, hosts, request.reduce, newPreviewKey());
      const preview = samplesReductionPreview(profiles, redactor);
      return { kind: 'reduction', kinds: toReducedKinds(preview, redactor, request.about) };
    }
  }
}

/** The profile with the samples that the filter keeps; its tables stay as they are. */
function keepMatching(profile: SampleProfile, filter: SampleFilter): SampleProfile {
  const matches = toSampleMatcher(profile, filter);
  const kept = Array.from(profile.sampleStack.keys()).filter(matches);
  if (kept.length === profile.sampleStack.length) return profile;
  const pick = (column: readonly number[]): number[] => kept.map((index) => column[index]!);
  return {
    ...profile,
    sampleStack: pick(profile.sampleStack),
    sampleValues: profile.sampleValues.map(pick),
    sampleLabels: pick(profile.sampleLabels),
    sampleAtNs: profile.sampleAtNs === null ? null : pick(profile.sampleAtNs),
  };
}
