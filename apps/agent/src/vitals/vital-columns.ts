/** Owns the way of a reading of vitals into a window's columns: its rows, and how each group stands and what it cost. */
import {
  appendProbe,
  appendVital,
  PROBE_STATES,
  type ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';
import type { VitalsReading } from './vitals-reader.js';

export function appendVitals(
  window: Pick<ProfileWindow, 'vitals' | 'probes'>,
  tables: ProfileTables,
  { rows, groups }: VitalsReading,
): void {
  for (const { metric, label, value } of rows) {
    appendVital(window.vitals, {
      metric: tables.internString(metric),
      label: tables.internString(label),
      value,
    });
  }
  for (const { name, state, detail, cpuNs, readings } of groups) {
    appendProbe(window.probes, {
      name: tables.internString(name),
      state: PROBE_STATES.indexOf(state),
      detail: tables.internString(detail),
      isMeasured: 1,
      runNs: Math.round(cpuNs),
      runCount: readings,
    });
  }
}
