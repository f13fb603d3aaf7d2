import { describe, expect, test } from 'vitest';
import { withNames } from './with-names.js';

describe('record --with', () => {
  test('names heatmaps, probes and vitals, several of them, each once', () => {
    expect(withNames('biolatency, dns')).toEqual(['block', 'dns']);
    expect(withNames('runqlat,wakelat,lengths')).toEqual(['lengths']);
    expect(withNames('vitals-cpu', ['tcp'])).toEqual(['tcp', 'vitals-cpu']);
    expect(withNames('vitals')).toHaveLength(6);
    expect(withNames('all')).toHaveLength(13);
  });

  test('suggests the nearest of what it does not know', () => {
    expect(() => withNames('biolatncy')).toThrow(/Did you mean biolatency\?/);
    expect(() => withNames('dns,')).toThrow(/Accepted: offcpu, .*, all; several with commas/);
  });
});
