import { NOISE_PRESETS } from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import {
  editedChoice,
  MAX_NOISE_CHOICES,
  ownChoice,
  readNoise,
  stockChoice,
  toChoices,
  toNoise,
  withChoice,
  writeNoise,
} from './noise-choice';

const [first, second, third] = NOISE_PRESETS;

describe('noise presets in a URL', () => {
  it('read what was written, whatever a pattern has in it', () => {
    const choices = [
      stockChoice(first!.id, true)!,
      editedChoice(second!, { on: 'frame', pattern: '^(?:a|b!),c~$', and: 'd:e' }, false),
      editedChoice(third!, { on: 'wait', pattern: 'a', unless: 'b|c' }, true),
      ownChoice('my pool, of 3: all!', { on: 'comm', pattern: '-' }, true),
      ownChoice('-off', { on: 'wait', pattern: '^futex' }, false),
    ];
    expect(readNoise(writeNoise(choices))).toEqual(choices);
  });

  it('are on only when they are named, and stay in the list when they are off', () => {
    expect(toNoise([])).toEqual([]);
    expect(toChoices([]).map(({ preset, isOn }) => [preset.id, isOn])).toEqual(
      NOISE_PRESETS.map(({ id }) => [id, false]),
    );
    const on = withChoice([], stockChoice(first!.id, true)!);
    expect(writeNoise(on)).toBe(first!.id);
    expect(toNoise(on)).toEqual([first]);
    const off = withChoice(on, stockChoice(first!.id, false)!);
    expect(off, 'a preset as it comes, off, says nothing').toEqual([]);
  });

  it('keep an edit that is off, and forget one that is reset', () => {
    const edited = withChoice([], editedChoice(first!, { on: 'wait', pattern: '^poll$' }, false));
    expect(writeNoise(edited)).toBe(`-${first!.id}:wait:^poll$`);
    expect(toNoise(edited)).toEqual([]);
    expect(toChoices(readNoise(writeNoise(edited)))[0]).toEqual(edited[0]);
    expect(withChoice(edited, stockChoice(first!.id, false)!)).toEqual([]);
  });

  it('leave out what nothing wrote, and what cannot be compiled', () => {
    for (const text of [
      '',
      'no-such',
      '*x',
      '*x:leaf:a',
      '*x:frame',
      '*x:frame:a:b:c:d',
      'x!',
      `*x:frame:${'a'.repeat(1501)}`,
    ])
      expect(readNoise(text), text).toEqual([]);
    expect(toNoise(readNoise('*x:frame:('))).toEqual([]);
    expect(toNoise(readNoise('*x:frame:a:('))).toEqual([]);
    expect(readNoise(Array.from({ length: 99 }, (_, n) => `*${n}:frame:a`).join())).toHaveLength(
      MAX_NOISE_CHOICES,
    );
    expect(readNoise('*x:frame:a,*x:frame:b'), 'a name is of one').toHaveLength(1);
  });
});
