/** Owns making files of a difference: of both sides as they are drawn, with the page's filters, shapes and scaling. */
import { type DiffSide, treeToSamples, writeDiff } from '@stallscope/formats';
import type { Differences } from '../difference/differences';
import type { Shown, Side } from '../difference/side';
import { processWords, timeWords } from '../difference/side-words';
import type { Made, MakeRequest } from './make-messages';

export function makeOfDifference(
  differences: Differences | undefined,
  shown: Shown,
  pageName: string,
  { format, width }: Extract<MakeRequest, { kind: 'difference' }>,
): Made {
  const sides = differences?.sides(shown) ?? null;
  if (sides === null)
    return { kind: 'failed', message: 'Nothing is compared.', hint: 'Choose a base first.' };
  if ('message' in sides) return { kind: 'failed', message: sides.message, hint: sides.hint };
  const { before, after, scaling, scale } = sides;
  const written = writeDiff(toDiffSide(before, pageName), toDiffSide(after, pageName), format, {
    normalise: scaling === 'share',
    scale,
    width,
  });
  return { kind: 'export', ...written };
}

/** Named so that who opens the file later knows what it was, and of when. */
function toDiffSide({ tree, unit, facts }: Side, pageName: string): DiffSide {
  const words = [
    facts.name || pageName,
    ...(facts.processes === null ? [] : [processWords(facts)]),
    ...(facts.fromMs === null ? [] : [timeWords(facts, null)]),
  ];
  const title = words.join(', ');
  return { profile: treeToSamples(tree, { type: 'value', unit }, title), value: 0, title };
}
