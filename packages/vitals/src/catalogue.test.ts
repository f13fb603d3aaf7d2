import { describe, expect, it } from 'vitest';
import { findVitalChart, groupOfChart, metricsOfChart, seriesTitle, VITAL_CHARTS } from './charts.js';
import { VITAL_GROUPS } from './groups.js';
import { VITAL_METRICS, VITAL_UNITS } from './metrics.js';
import { formatVital } from './vital-text.js';

describe('the catalogue of vitals', () => {
  it('names each metric and chart once, in words that stand in a URL as they are', () => {
    const names = [...VITAL_METRICS.map(({ name }) => name), ...VITAL_CHARTS.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(?:[.-][a-z]+)*$/);
  });

  it('draws every metric but those that only a checklist reads', () => {
    const drawn = new Set(VITAL_CHARTS.flatMap(({ metrics }) => metrics));
    expect(VITAL_METRICS.map(({ name }) => name).filter((name) => !drawn.has(name))).toEqual([
      'memory.stalls',
      'memory.oom-kills',
      'disk.errors',
    ]);
  });

  it.each(VITAL_CHARTS.map((chart) => [chart.name, chart] as const))(
    '%s is of metrics there are, of one unit and one group',
    (_, chart) => {
      for (const name of chart.metrics) expect(VITAL_METRICS.map((metric) => metric.name)).toContain(name);
      expect(new Set(metricsOfChart(chart).map(({ unit }) => unit))).toEqual(new Set([chart.unit]));
      expect(new Set(metricsOfChart(chart).map(({ group }) => group))).toEqual(
        new Set([groupOfChart(chart)]),
      );
      expect(chart.help).toMatch(/^[A-Z].*\.$/);
      expect(findVitalChart(chart.name)).toBe(chart);
    },
  );

  it('has charts of every group', () => {
    expect(new Set(VITAL_CHARTS.map(groupOfChart))).toEqual(new Set(VITAL_GROUPS));
  });

  it('calls series by what tells them apart', () => {
    const title = (chart: string, metric: string, label: string): string =>
      seriesTitle(findVitalChart(chart)!, metric, label);
    expect(title('cpu-states', 'cpu.state', 'user')).toBe('user');
    expect(title('pressure-io', 'pressure.full', 'io')).toBe('all threads stalled');
    expect(title('disk-iops', 'disk.reads', 'vda')).toBe('vda reads');
    expect(title('run-queue', 'cpu.runnable', '')).toBe('running or waiting to run');
  });

  it('writes values in each unit', () => {
    expect(VITAL_UNITS.map((unit) => formatVital(0.25, unit))).toEqual([
      '25.0 %',
      '0.25 CPUs',
      '0.25',
      '0.3/s',
      '0 B',
      '0 B/s',
      '0 ns',
    ]);
    expect(formatVital(0.001, 'count')).toBe('< 0.01');
    expect(formatVital(12, 'count')).toBe('12');
    expect(formatVital(1234.5, 'count')).toBe('1.2 k');
  });
});
