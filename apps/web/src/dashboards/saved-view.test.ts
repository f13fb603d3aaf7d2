import { MAX_DASHBOARD_VIEW_CHARS } from '@stallscope/protocol';
import { expect, it } from 'vitest';
import { type DashPanel, MAX_PANELS } from './dash-panel';
import { argsOf } from './panel-choices';
import { fitsInAddress, readPanels, writePanels } from './panel-code';
import { READY_LAYOUTS } from './ready-layouts';
import { readSavedView, writeSavedView } from './saved-view';

it('what is kept of a dashboard is read as it was written', () => {
  const { panels } = READY_LAYOUTS.disk;
  const text = writeSavedView(panels, { host: 'web-1', span: '15m', window: 250 });
  expect(readSavedView(text)).toEqual({
    view: { panels: writePanels(panels), host: 'web-1', span: '15m', window: 250 },
    problems: [],
  });
});

it('what is not kept is left to whoever opens it', () => {
  expect(readSavedView(writeSavedView([], { host: null, span: null, window: null })).view).toEqual({
    panels: '',
    host: null,
    span: null,
    window: null,
  });
});

it('what somebody else has kept there is told, and the rest is shown', () => {
  const { view, problems } = readSavedView('panels=1:weather:x:0,0,2,2~2:note:a:0,0,4,4&span=7m&host=');
  expect(view).toMatchObject({ host: null, span: null });
  expect(problems).toEqual([expect.stringContaining('“span=7m” in the address cannot be read')]);
  expect(readPanels(view.panels)).toMatchObject({ panels: [{ arg: 'a' }], problems: [expect.any(String)] });
});

it('the largest dashboard that has an address can be kept', () => {
  const longest = argsOf('vitals').reduce((a, b) => (b.length > a.length ? b : a));
  const panels = Array.from({ length: MAX_PANELS }, (_, n): DashPanel => {
    return {
      id: `${n + 1}`,
      kind: 'vitals',
      arg: longest,
      host: `host-${'x'.repeat(27)}`,
      x: 0,
      y: n * 40,
      w: 12,
      h: 40,
    };
  });
  expect(fitsInAddress(panels)).toBe(true);
  const full: DashPanel[] = [...panels.slice(1), { ...panels[0]!, kind: 'note', arg: '' }];
  while (fitsInAddress([...full.slice(0, -1), { ...full.at(-1)!, arg: `${full.at(-1)!.arg}:` }])) {
    full[full.length - 1] = { ...full.at(-1)!, arg: `${full.at(-1)!.arg}:` };
  }
  const text = writeSavedView(full, { host: 'ä'.repeat(128), span: '15m', window: 5000 });
  expect(text.length).toBeLessThanOrEqual(MAX_DASHBOARD_VIEW_CHARS);
});
