/** Owns the dashboards that are ready made: each answers one question, from what is seen first to what explains it. */
import { settle } from './dash-grid';
import type { DashPanel, PanelKind } from './dash-panel';

export const LAYOUTS = ['overview', 'waits', 'disk', 'network', 'container'] as const;
export type LayoutName = (typeof LAYOUTS)[number];

export interface ReadyLayout {
  name: LayoutName;
  title: string;
  /** The question that it answers. */
  help: string;
  panels: readonly DashPanel[];
}

type Row = readonly [kind: PanelKind, arg: string, w: number][];

/** Rows of panels from the left, each row as high as it says. */
function inRows(...rows: readonly (readonly [h: number, row: Row])[]): DashPanel[] {
  const panels: DashPanel[] = [];
  let y = 0;
  for (const [h, row] of rows) {
    let x = 0;
    for (const [kind, arg, w] of row) {
      panels.push({ id: String(panels.length + 1), kind, arg, host: null, x, y, w, h });
      x += w;
    }
    y += h;
  }
  return settle(panels);
}

export const READY_LAYOUTS: Readonly<Record<LayoutName, ReadyLayout>> = {
  overview: {
    name: 'overview',
    title: 'Overview',
    help: 'Is anything wrong with this host, and with which resource? The checklist first, then what it reads.',
    panels: inRows(
      [9, [['checklist', '', 12]]],
      [
        7,
        [
          ['vitals', 'cpu-states', 4],
          ['vitals', 'load', 4],
          ['vitals', 'memory-use', 4],
        ],
      ],
      [
        6,
        [
          ['vitals', 'pressure-cpu', 4],
          ['vitals', 'pressure-memory', 4],
          ['vitals', 'pressure-io', 4],
        ],
      ],
      [
        6,
        [
          ['vitals', 'disk-throughput', 4],
          ['vitals', 'net-throughput', 4],
          ['vitals', 'context-switches', 4],
        ],
      ],
      [
        8,
        [
          ['heatmap', 'offcpu', 6],
          ['processes', '', 6],
        ],
      ],
    ),
  },
  waits: {
    name: 'waits',
    title: 'Waits',
    help: 'How long do threads wait, and where? Brush a part of a heatmap: what is below is of that part alone.',
    panels: inRows(
      [
        7,
        [
          ['heatmap', 'offcpu', 6],
          ['heatmap', 'runqlat', 6],
        ],
      ],
      [11, [['flame', 'off-cpu', 12]]],
      [
        8,
        [
          ['processes', '', 6],
          ['events', 'offcpu', 6],
        ],
      ],
      [
        7,
        [
          ['heatmap', 'futex', 6],
          ['vitals', 'pressure-cpu', 6],
        ],
      ],
    ),
  },
  disk: {
    name: 'disk',
    title: 'Disk',
    help: 'Are disks slow or busy, and who waits for them?',
    panels: inRows(
      [
        6,
        [
          ['vitals', 'disk-throughput', 6],
          ['vitals', 'disk-iops', 6],
        ],
      ],
      [
        6,
        [
          ['vitals', 'disk-latency', 6],
          ['vitals', 'disk-utilisation', 6],
        ],
      ],
      [
        7,
        [
          ['heatmap', 'biolatency', 6],
          ['heatmap', 'ext4dist', 6],
        ],
      ],
      [
        8,
        [
          ['events', 'biolatency', 6],
          ['processes', '', 6],
        ],
      ],
      [11, [['flame', 'off-cpu', 12]]],
      [
        6,
        [
          ['vitals', 'pressure-io', 6],
          ['vitals', 'memory-use', 6],
        ],
      ],
    ),
  },
  network: {
    name: 'network',
    title: 'Network',
    help: 'Does the network keep up: connections, names, drops and retransmits?',
    panels: inRows(
      [
        6,
        [
          ['vitals', 'net-throughput', 4],
          ['vitals', 'net-packets', 4],
          ['vitals', 'net-drops', 4],
        ],
      ],
      [
        7,
        [
          ['heatmap', 'tcpconnect', 6],
          ['heatmap', 'dns', 6],
        ],
      ],
      [
        6,
        [
          ['vitals', 'tcp-retransmits', 6],
          ['vitals', 'tcp-states', 6],
        ],
      ],
      [
        8,
        [
          ['events', 'tcpconnect', 6],
          ['processes', '', 6],
        ],
      ],
      [11, [['flame', 'off-cpu', 12]]],
    ),
  },
  container: {
    name: 'container',
    title: 'Container',
    help: 'Which container is at its limits: CPU and throttling, memory and headroom, I/O?',
    panels: inRows(
      [
        6,
        [
          ['vitals', 'container-cpu', 6],
          ['vitals', 'container-throttling', 6],
        ],
      ],
      [
        6,
        [
          ['vitals', 'container-memory', 6],
          ['vitals', 'container-memory-headroom', 6],
        ],
      ],
      [
        6,
        [
          ['vitals', 'container-io', 6],
          ['vitals', 'pressure-memory', 6],
        ],
      ],
      [
        7,
        [
          ['heatmap', 'runqlat', 6],
          ['processes', '', 6],
        ],
      ],
    ),
  },
};
