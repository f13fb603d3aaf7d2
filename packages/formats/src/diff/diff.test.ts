import type { SampleProfile } from '@stallscope/profile';
import { checkSeeds } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { randomProfile } from '../fixtures/random-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { xmlFault } from '../fixtures/well-formed.js';
import { readFoldedProfile } from '../folded/read-folded.js';
import type { DiffFormat } from '../format-names.js';
import type { PageData } from '../html/page-data.js';
import { writeDiff } from './write-diff.js';

const read = (text: string): SampleProfile =>
  readFoldedProfile(new TextEncoder().encode(text), contextFor('folded'))[0]!;
const BEFORE = 'main;read 40\nmain;gone 10\n';
const AFTER = 'main;read 10\nmain;write 90\n';

function diff(before: SampleProfile, after: SampleProfile, format: DiffFormat, normalise = false) {
  const side = (profile: SampleProfile, title: string) => ({ profile, value: 0, title });
  const written = writeDiff(side(before, 'monday'), side(after, 'friday'), format, {
    normalise,
    width: 'larger',
  });
  return new TextDecoder().decode(written.bytes);
}

describe('folded', () => {
  test('has before and after, as difffolded.pl', () => {
    expect(diff(read(BEFORE), read(AFTER), 'folded')).toBe(
      'main;gone 10 0\nmain;read 40 10\nmain;write 0 90\n',
    );
  });
  test('normalised, before is scaled to the total of after', () => {
    expect(diff(read(BEFORE), read(AFTER), 'folded', true)).toBe(
      'main;gone 20 0\nmain;read 80 10\nmain;write 0 90\n',
    );
  });
  test('scaled otherwise, before is multiplied by what was said, in every format', () => {
    const side = (text: string) => ({ profile: read(text), value: 0, title: 'x' });
    const write = (format: DiffFormat) =>
      new TextDecoder().decode(
        writeDiff(side(BEFORE), side(AFTER), format, { normalise: false, scale: 3, width: 'after' }).bytes,
      );
    expect(write('folded')).toBe('main;gone 30 0\nmain;read 120 10\nmain;write 0 90\n');
    expect(JSON.parse(write('json'))).toMatchObject({ scale: 3, normalised: false });
    expect(write('table')).toContain('before is scaled by 3.00');
    expect(write('svg')).toContain('120 → 10');
  });
  test('of a profile with itself has every stack twice with one number, and of any two adds up', () => {
    checkSeeds(40, (random) => {
      const options = { without: /[;\n]/g };
      const [a, b] = [randomProfile(random, options), randomProfile(random, options)];
      for (const line of diff(a, a, 'folded').trimEnd().split('\n')) {
        const [, before, after] = / (\d+) (\d+)$/.exec(line)!;
        expect(before).toBe(after);
      }
      const lines = diff(a, b, 'folded').trimEnd().split('\n');
      const sum = (at: number) =>
        lines.reduce((all, line) => all + Number(/ (\d+) (\d+)$/.exec(line)![at]), 0);
      expect([sum(1), sum(2)]).toEqual([total(a), total(b)]);
    });
  });
});

describe('json', () => {
  test('has what grew first, and every stack with both', () => {
    const json = JSON.parse(diff(read(BEFORE), read(AFTER), 'json'));
    expect(json).toMatchObject({
      format: 'stallscope-diff',
      version: 1,
      unit: 'count',
      normalised: false,
      scale: 1,
      before: { title: 'monday', total: 50 },
      after: { title: 'friday', total: 100 },
    });
    expect(
      json.functions.map(({ name, change }: { name: string; change: number }) => [name, change]),
    ).toEqual([
      ['write', 90],
      ['main', 50],
      ['gone', -10],
      ['read', -30],
    ]);
    expect(json.functions[0]).toEqual({
      name: 'write',
      role: 'user',
      module: null,
      selfBefore: 0,
      selfAfter: 90,
      totalBefore: 0,
      totalAfter: 90,
      change: 90,
      share: 0.9,
    });
    expect(json.stacks).toContainEqual({ frames: ['main', 'gone'], before: 10, after: 0 });
  });
});

test('table: both totals, what grew and what shrank, aligned', () => {
  expect(diff(read(BEFORE), read(AFTER), 'table')).toBe(
    [
      'before 50 (monday) → after 100 (friday): +50',
      '',
      'grew most',
      'CHANGE   SHARE  BEFORE  AFTER  SELF BEFORE  SELF AFTER  FUNCTION',
      '   +90  90.0 %       0     90            0          90  write',
      '   +50  50.0 %      50    100            0           0  main',
      '',
      'shrank most',
      'CHANGE    SHARE  BEFORE  AFTER  SELF BEFORE  SELF AFTER  FUNCTION',
      '   −30  −30.0 %      40     10           40          10  read',
      '   −10  −10.0 %      10      0           10           0  gone',
      '',
    ].join('\n'),
  );
});

test('table: a name cannot move the terminal’s cursor', () => {
  expect(diff(read('a 1'), read('\u001b[2Jevil 5'), 'table')).not.toContain('\u001b');
});

describe('pictures', () => {
  test('have what vanished too, coloured by change, and say what red and blue mean', () => {
    const svg = diff(read(BEFORE), read(AFTER), 'svg');
    expect(xmlFault(svg)).toBeUndefined();
    expect(svg).toContain(
      '<title>gone\nuser frame\n10 → 0\n−10 · −10.0 % of the larger total</title><rect class="change-1"',
    );
    expect(svg).toContain('<rect class="change-8"');
    expect(svg).toContain('Red grew, blue shrank');
    const html = diff(read(BEFORE), read(AFTER), 'html');
    const data: PageData = JSON.parse(/id="data">(.*?)<\/script>/s.exec(html)![1]!);
    const row = (name: string) => data.label.findIndex((label) => data.labels[label] === name);
    expect([data.diff!.before[row('gone')], data.diff!.after[row('gone')]]).toEqual([10, 0]);
    expect(data.diff!.step[row('write')]).toBe(8);
    expect(data.value[0]).toBe(40 + 10 + 90);
  });
});

test('two units are not compared', () => {
  const time = { ...read(AFTER), valueTypes: [{ type: 'off_cpu', unit: 'nanoseconds' as const }] };
  expect(() => diff(read(BEFORE), time, 'folded')).toThrow('monday counts count, friday nanoseconds');
});

function total(profile: SampleProfile): number {
  return profile.sampleValues[0]!.reduce((sum, value) => sum + value, 0);
}
