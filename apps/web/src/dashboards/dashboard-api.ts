/**
 * Owns asking the hub for dashboards. Every failure is a `HubRefusal` whose words can be shown as they are; answers are
 * checked before they are believed.
 */
import {
  type Dashboard,
  type DashboardChange,
  type DashboardDraft,
  type DashboardList,
  readDashboard,
  readDashboardList,
  readKeepsNone,
} from '@stallscope/protocol';
import { askHub, HubRefusal, jsonOf } from '../controls/ask-hub';

/** As the hub answers where a dashboard is asked of it by itself. */
const KEEPS_NONE_STATUS = 503;

export async function listDashboards(): Promise<DashboardList> {
  const answer = await askJson('/api/dashboards');
  const keepsNone = readKeepsNone(answer);
  if (keepsNone !== undefined) throw new HubRefusal(KEEPS_NONE_STATUS, keepsNone);
  return readDashboardList(answer);
}

export async function findDashboard(id: string): Promise<Dashboard> {
  return readDashboard(await askJson(pathOf(id)));
}

export async function keepDashboard(draft: DashboardDraft): Promise<Dashboard> {
  return readDashboard(await askJson('/api/dashboards', jsonOf('POST', draft)));
}

export async function changeDashboard(id: string, change: DashboardChange): Promise<Dashboard> {
  return readDashboard(await askJson(pathOf(id), jsonOf('PUT', change)));
}

export async function deleteDashboard(id: string): Promise<void> {
  await askHub(pathOf(id), { method: 'DELETE' });
}

function pathOf(id: string): string {
  return `/api/dashboards/${encodeURIComponent(id)}`;
}

async function askJson(path: string, init: RequestInit = {}): Promise<unknown> {
  return (await askHub(path, init)).json();
}
