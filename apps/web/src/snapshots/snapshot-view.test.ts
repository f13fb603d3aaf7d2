import { describe, expect, it } from 'vitest';
import { hasView, toSnapshotUrl, toSnapshotView } from './snapshot-view';

describe('the view of a snapshot', () => {
  it('keeps how it is looked at, not whose host and when', () => {
    expect(toSnapshotView('?host=web-1&view=chain&p=812&span=1m&at=5&q=a%26b&window=250')).toBe(
      'view=chain&p=812&q=a%26b',
    );
    expect(toSnapshotView('')).toBe('');
  });

  it('leaves out places in the graph rather than be too long to keep', () => {
    const long = encodeURIComponent('cx~'.repeat(1500));
    expect(toSnapshotView(`?view=chain&zoom=${long}`)).toBe('view=chain');
    expect(toSnapshotView(`?view=chain&zoom=cx&sel=${long}`)).toBe('view=chain&zoom=cx');
  });

  it('opens as it was kept, under its own id only', () => {
    expect(toSnapshotUrl({ id: 'abc', view: 'view=chain&q=a%26b&id=other&host=x' })).toBe(
      '/snapshot/?id=abc&view=chain&q=a%26b',
    );
  });

  it('takes the kept view only where the address says none', () => {
    expect(hasView('?id=abc')).toBe(false);
    expect(hasView('?id=abc&view=chain')).toBe(true);
  });
});
