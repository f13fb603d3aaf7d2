import { seededRandom } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { randomProfile } from '../fixtures/random-profile.js';
import { waitsOf } from '../fixtures/waits.js';
import { xmlFault } from '../fixtures/well-formed.js';
import { writeSvg } from './write-svg.js';

const write = (...args: Parameters<typeof writeSvg>) => new TextDecoder().decode(writeSvg(...args).bytes);

test('the look at XML finds faults', () => {
  expect(xmlFault('<a b="1"><c/>x &amp; y</a>')).toBeUndefined();
  for (const broken of [
    '<a>',
    '<a></b>',
    '<a>&x</a>',
    '<a b=1/>',
    '<a b="1" b="2"/>',
    '<a/><a/>',
    '<a>\u0001</a>',
  ]) {
    expect(xmlFault(broken), broken).toBeDefined();
  }
});

describe('an SVG', () => {
  test('says by itself what it shows: title, totals, sampling, losses, time, host', () => {
    const { profile, facts } = waitsOf({}, { losses: { 'stack-error': 3 } });
    const svg = write(profile, { facts });
    expect(svg).toContain('a &lt;/title&gt; &amp; &quot;b&quot;');
    expect(svg).toContain('5.04 ms waited · off-CPU: where threads waited (blocked, runq, preempted)');
    expect(svg).toContain('sampled 100.0 % ± 0.0 of exact · 3 lost (stack-error 3)');
    expect(svg).toContain('2023-11-14 22:13:20 UTC · 1.00 s · web-1');
    expect(svg).toContain('<title>io_schedule\nkernel frame of ext4 · 3.00 ms · 59.5 %</title>');
    expect(svg).toContain('>thread name</text>');
    expect(xmlFault(svg)).toBeUndefined();
  });
  test('refers to nothing outside, and has no script', () => {
    const svg = write(waitsOf({ view: 'chain' }).profile);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
      /https?:|<script|href|url\(|@import/,
    );
  });
  test('is well-formed whatever the names hold', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const profile = randomProfile(seededRandom(seed), {
        hasModules: true,
        hasKernel: true,
        hasEmptyStacks: true,
      });
      for (const frame of profile.frames.slice(0, 3)) frame.name += '\u0000\u0008\ufffe\ud800<&"\'';
      expect(xmlFault(write(profile)), `seed ${seed}`).toBeUndefined();
    }
  });
  test('of nothing says so', () => {
    const { profile } = waitsOf({ comm: 'nobody' });
    const svg = write(profile);
    expect(svg).toContain('There is nothing in it.');
    expect(xmlFault(svg)).toBeUndefined();
  });
});
