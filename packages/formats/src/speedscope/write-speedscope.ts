/**
 * Owns writing speedscope's own file format (version 0.0.1 of its schema): frames once, then one `sampled` profile a kind
 * of value, each sample its frames root first.
 *
 *     {"$schema":…,"exporter":"stallscope view=off-cpu","shared":{"frames":[{"name":"main"},…]},
 *      "profiles":[{"type":"sampled","name":"web-1 · off_cpu","unit":"nanoseconds","samples":[[0,1]],"weights":[15]}]}
 */
import type { SampleFrame, SampleProfile, ValueUnit } from '@stallscope/profile';
import { describeKinds, describeLabels, describeTimes } from '../lost-words.js';
import { toMappingName } from '../mapping-names.js';
import { framesRootFirst } from '../sample-paths.js';
import { TextBytes } from '../text-bytes.js';
import type { WriteOptions, WrittenProfile } from '../write.js';

export const SPEEDSCOPE_SCHEMA = 'https://www.speedscope.app/file-format-schema.json';
/** Between the title and the kind of value in a profile's name. */
export const TITLE_JOIN = ' · ';
export const EXPORTER = 'stallscope';

export function writeSpeedscope(profile: SampleProfile, options: WriteOptions = {}): WrittenProfile {
  const title = options.title ?? profile.title;
  const view = options.facts?.view;
  const text = new TextBytes('a speedscope file');
  const head = {
    $schema: SPEEDSCOPE_SCHEMA,
    name: title,
    exporter: view === undefined ? EXPORTER : `${EXPORTER} view=${view}`,
    activeProfileIndex: profile.defaultValue,
  };
  text.add(`${JSON.stringify(head).slice(0, -1)},"shared":{"frames":[`);
  for (const [id, frame] of profile.frames.entries()) {
    text.add(`${id === 0 ? '' : ','}${JSON.stringify(toFrame(frame))}`);
  }
  text.add(']},"profiles":[');
  for (const [value, { type, unit }] of profile.valueTypes.entries()) {
    const weights = profile.sampleValues[value]!;
    const facts = {
      type: 'sampled',
      name: `${title}${TITLE_JOIN}${type}`,
      unit: UNITS[unit],
      startValue: 0,
      endValue: weights.reduce((sum, weight) => sum + weight, 0),
    };
    text.add(`${value === 0 ? '' : ','}${JSON.stringify(facts).slice(0, -1)},"samples":[`);
    for (const [sample, stack] of profile.sampleStack.entries()) {
      text.add(`${sample === 0 ? '' : ','}[${framesRootFirst(profile, stack).join()}]`);
    }
    text.add(`],"weights":[${weights.join()}]}`);
  }
  text.add(']}\n');
  return {
    bytes: text.finish(),
    mediaType: 'application/json',
    extension: '.speedscope.json',
    lost: lostOf(profile, view !== undefined),
  };
}

const UNITS: Readonly<Record<ValueUnit, string>> = {
  nanoseconds: 'nanoseconds',
  count: 'none',
  bytes: 'bytes',
};

function toFrame(frame: SampleFrame): { name: string; file?: string; line?: number } {
  // Where the source is not known, the module says where a frame is from.
  const file = frame.file === '' ? toMappingName(frame) : frame.file;
  return { name: frame.name, ...(file !== '' && { file }), ...(frame.line > 0 && { line: frame.line }) };
}

function lostOf(profile: SampleProfile, hasView: boolean): string[] {
  const lost = [...describeLabels(profile), ...describeTimes(profile), ...describeKinds(profile)];
  if (profile.frames.some(({ module, role }) => module !== '' && role === 'user')) {
    lost.push('Modules are written as files where the file is not known, and left out where it is.');
  }
  if (profile.frames.some(({ unnamed }) => unnamed !== 0)) lost.push('Why a frame has no name is left out.');
  if (!hasView && profile.frames.some(({ role }) => role !== 'user' && role !== 'kernel')) {
    lost.push('Which frames are names of threads, wakers or marks is left out.');
  }
  return lost;
}
