/** Owns where a line of the checklist leads: a chart or a heatmap in a dashboard of its own, waits on the page of the host. */
import { heatmapOf, isHeatmapName } from '@stallscope/latency';
import { type CheckView, findVitalChart } from '@stallscope/vitals';
import type { DashPanel } from '../dashboards/dash-panel';
import type { DashSelection } from '../dashboards/dash-selection';
import { writePanels } from '../dashboards/panel-code';
import type { DashTime } from '../dashboards/use-dashboard';
import { hostLink } from './host-link';

export interface Explained {
  hostId: string;
  time: DashTime;
  selection: DashSelection;
}

export function explainingLink(view: CheckView, of: Explained): { href: string; words: string } {
  switch (view.kind) {
    case 'chart':
      return {
        href: dashboardWith(of, ['vitals', view.chart]),
        words: findVitalChart(view.chart)?.title ?? view.chart,
      };
    case 'heatmap':
      return {
        href: dashboardWith(of, ['heatmap', view.heatmap]),
        words: isHeatmapName(view.heatmap) ? heatmapOf(view.heatmap).title : view.heatmap,
      };
    case 'waits':
      return {
        href: hostLink(
          { ...of, ...of.time },
          view.waits === 'runq'
            ? { view: 'off-cpu', kinds: ['runq', 'preempted'] }
            : { view: 'off-cpu', states: ['D'] },
        ),
        words: view.waits === 'runq' ? 'Run-queue waits' : 'Waits in state D',
      };
    case 'open-waits':
      return { href: hostLink({ ...of, ...of.time }, { view: 'off-cpu' }), words: 'Waiting now' };
  }
}

/** The picture, and beneath it whose waits they were and where. */
function dashboardWith(
  { hostId, time, selection }: Explained,
  [kind, arg]: ['vitals' | 'heatmap', string],
): string {
  const panels: DashPanel[] = [
    { id: '1', kind, arg, host: null, x: 0, y: 0, w: 12, h: 7 },
    { id: '2', kind: 'processes', arg: '', host: null, x: 0, y: 7, w: 12, h: 7 },
    { id: '3', kind: 'flame', arg: 'off-cpu', host: null, x: 0, y: 14, w: 12, h: 11 },
  ];
  const address = new URLSearchParams({
    host: hostId,
    layout: 'own',
    panels: writePanels(panels),
    span: time.span,
  });
  if (time.pausedAtMs !== null) address.set('at', String(Math.round(time.pausedAtMs)));
  if (selection.stretch !== null) {
    address.set('from', String(selection.stretch.fromMs));
    address.set('to', String(selection.stretch.toMs));
  }
  return `/dashboards/?${address}`;
}
