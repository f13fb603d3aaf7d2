import { NOISE_PRESETS, PLAIN_SHAPE } from '@stallscope/profile';
import { createLoader, createSerializer } from 'nuqs/server';
import { describe, expect, it } from 'vitest';
import { readSearch, SELECTION_PARSERS, toLiveSelection, toQuery, toShape, toSpan } from './selection';

const read = createLoader(SELECTION_PARSERS);
const write = createSerializer(SELECTION_PARSERS);

describe('selection', () => {
  it('reads what it wrote', () => {
    const query =
      '?host=web-1&view=chain&p=4711&t=4712&kinds=blocked,runq&states=S,D&q=futex&span=5m&at=1700000000000&zoom=cnginx~umain&sel=cnginx&root=bottom&window=250';
    const selection = read(query);
    expect(read(write(selection))).toEqual(selection);
    expect(toLiveSelection(selection)).toEqual({
      hostId: 'web-1',
      query: { view: 'chain', kinds: ['blocked', 'runq'], states: ['S', 'D'], tgids: [4711], tids: [4712] },
      span: { kind: 'last', lengthMs: 300_000 },
      pausedAtMs: 1_700_000_000_000,
      search: 'futex',
      shape: PLAIN_SHAPE,
      wants: {
        functions: null,
        sandwich: null,
        details: { place: selection.sel, of: 'graph' },
        zoom: selection.zoom,
        owners: null,
        whoColumns: [],
        noise: NOISE_PRESETS,
      },
    });
  });

  it('reads how paths are reshaped and what is beside the graph', () => {
    const query =
      '?host=a&show=sandwich&flow=bottom-up&merge=module&rec=1&hide=%5Eke&focus=umain&only=k__x64_sys_read&fn=Upthread_mutex_unlock&half=callers&sort=runq&noise=event-loops&colour=user&cols=unit,user,x';
    const selection = read(query);
    expect(read(write(selection))).toEqual(selection);
    const { shape, wants } = toLiveSelection(selection);
    expect(shape).toEqual({
      direction: 'bottom-up',
      mergeBy: 'module',
      collapseRecursion: true,
      hideFrames: '^ke',
      focus: { label: 'main', role: 'user' },
      only: { label: '__x64_sys_read', role: 'kernel' },
      sandwich: null,
      noise: NOISE_PRESETS.filter(({ id }) => id === 'event-loops'),
    });
    expect(wants).toMatchObject({
      owners: 'user',
      whoColumns: ['user', 'unit'],
      functions: 'runq',
      sandwich: { label: 'pthread_mutex_unlock', role: 'waker-user' },
      details: { place: null, of: 'callers' },
    });
  });

  it('asks for nobody where a difference has colours of its own', () => {
    expect(toLiveSelection(read('?show=diff&colour=runtime')).wants.owners).toBeNull();
    expect(toLiveSelection(read('?colour=runtime')).wants.owners).toBe('runtime');
    expect(toLiveSelection(read('?colour=nothing')).wants.owners).toBeNull();
  });

  it('hides no frame by a pattern that cannot be compiled', () => {
    expect(toLiveSelection(read('?hide=%5B')).shape.hideFrames).toBeNull();
  });

  it('leaves out of the URL what is not chosen', () => {
    expect(write(read('?host=a'))).toBe('?host=a');
  });

  it('reads nonsense as the default, never as an error', () => {
    const selection = read(
      '?view=disk&slices=9-3&p=-1&t=9999999999&kinds=x&states=&span=2h&from=9&to=3&at=soon&zoom=%00&window=750&lat=9-3&heat=x&show=x&flow=up&rec=2&focus=r&only=&half=both&noise=none',
    );
    expect(toQuery(selection)).toEqual({ view: 'off-cpu', kinds: ['blocked'] });
    expect(toSpan(selection)).toEqual({ kind: 'last', lengthMs: 30_000 });
    expect([selection.p, selection.t, selection.at, selection.zoom, selection.window]).toEqual(
      Array(5).fill(null),
    );
    expect(toShape(selection)).toEqual(PLAIN_SHAPE);
  });

  it('takes both ends of a fixed span or none', () => {
    expect(toSpan(read('?from=1000&to=5000'))).toEqual({ kind: 'fixed', fromMs: 1000, toMs: 5000 });
    expect(toSpan(read('?from=1000'))).toEqual({ kind: 'last', lengthMs: 30_000 });
  });

  it('says why a search is no regular expression', () => {
    expect(readSearch('')).toEqual({ ok: true, pattern: null });
    expect(readSearch('^futex')).toEqual({ ok: true, pattern: '^futex' });
    expect(readSearch('(')).toEqual({ ok: false, reason: 'Unterminated group' });
    expect(toLiveSelection(read('?q=%5B')).search).toBeNull();
  });
});
