/**
 * Owns what hub and browser say of dashboards over HTTP: the shapes and their bounds.
 *
 *     GET    /api/dashboards        200 DashboardList
 *     POST   /api/dashboards        DashboardDraft → 201 {dashboard}; 409 where the name is another's
 *     GET    /api/dashboards/ID     200 {dashboard}
 *     PUT    /api/dashboards/ID     DashboardChange → 200 {dashboard}; 409 where somebody else has kept one meanwhile
 *     DELETE /api/dashboards/ID     204
 *
 * Anything else is answered with {error}: a sentence that says what, where and what to do.
 * What a dashboard shows is the query string of its page, so that what the hub keeps and what a bookmark keeps are read alike.
 */
import { z } from 'zod';
import { checkShape } from './check-shape.js';
import { clockMs, identifier, line, wholeNumber } from './kept-texts.js';
import { MAX_DASHBOARD_VIEW_CHARS, MAX_SNAPSHOT_TITLE_CHARS } from './limits.js';

const draftShape = {
  /** Not that of another. */
  name: line(MAX_SNAPSHOT_TITLE_CHARS).refine(
    (name) => name.trim() === name && name !== '',
    'is empty or padded',
  ),
  /** Whoever kept it last, as they call themselves; '' for none. */
  author: line(MAX_SNAPSHOT_TITLE_CHARS),
  /** The page's query string, without the moment that is looked at: `host=web-1&panels=…&span=5m`. */
  view: line(MAX_DASHBOARD_VIEW_CHARS),
};

const draftSchema = z.strictObject(draftShape);
export type DashboardDraft = z.infer<typeof draftSchema>;

const changeSchema = z.strictObject({
  ...draftShape,
  /** That the change is of: with another by now it is refused. */
  revision: wholeNumber,
});
export type DashboardChange = z.infer<typeof changeSchema>;

const dashboardSchema = z.strictObject({
  ...draftShape,
  id: identifier,
  /** 1 when it is new, one more with each change. */
  revision: wholeNumber,
  createdAtMs: clockMs,
  changedAtMs: clockMs,
});
export type Dashboard = z.infer<typeof dashboardSchema>;

const listSchema = z.strictObject({
  /** By name. */
  dashboards: z.array(dashboardSchema),
  maxDashboards: wholeNumber,
});
export type DashboardList = z.infer<typeof listSchema>;

const oneSchema = z.strictObject({ dashboard: dashboardSchema });

// For each answer and body a reader; all throw ProtocolError `bad-message` with the place.

export function readDashboardDraft(received: unknown): DashboardDraft {
  return checkShape(received, draftSchema, 'dashboard');
}

export function readDashboardChange(received: unknown): DashboardChange {
  return checkShape(received, changeSchema, 'change of a dashboard');
}

export function readDashboard(received: unknown): Dashboard {
  return checkShape(received, oneSchema, 'answer').dashboard;
}

export function readDashboardList(received: unknown): DashboardList {
  return checkShape(received, listSchema, 'list of dashboards');
}
