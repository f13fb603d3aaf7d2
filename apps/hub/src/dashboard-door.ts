/**
 * Owns the hub's answers about dashboards; what is said is in `dashboards.ts` of the protocol. Who may is as with snapshots:
 * those with a session, and changes only from the hub's own pages, or by the token.
 *
 * Invariant: an id is only ever used as a key; of names and texts the log knows nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Dashboard, readDashboardChange, readDashboardDraft } from '@stallscope/protocol';
import type { DashboardStore } from '@stallscope/store';
import type { Access } from './access.js';
import { answerEmpty, answerJson, answerMethods, answerRefusal } from './answers.js';
import { answerFault } from './api-fault.js';
import type { Hub } from './hub.js';
import { MAX_API_BODY_BYTES } from './limits.js';
import { readJsonBody } from './request-body.js';

export interface DashboardDoorOptions {
  hub: Hub;
  access: Access;
  /** Undefined when the hub keeps none. */
  store: DashboardStore | undefined;
}

export class DashboardDoor {
  readonly #hub: Hub;
  readonly #access: Access;
  readonly #store: DashboardStore | undefined;

  constructor({ hub, access, store }: DashboardDoorOptions) {
    this.#hub = hub;
    this.#access = access;
    this.#store = store;
  }

  /** False when the address is none of this door's. */
  async answer(target: URL, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [, , room, id, ...rest] = target.pathname.split('/');
    if (room !== 'dashboards' || id === '' || rest.length > 0) return false;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const verdict = isRead ? this.#access.checkRead(request) : this.#access.checkLive(request);
    if (!verdict.ok) {
      answerRefusal(response, verdict);
      return true;
    }
    if (this.#store === undefined) {
      // Not a failure of a page that only looks for a list.
      if (isRead && id === undefined) answerJson(response, 200, { keepsNone: KEEPS_NONE });
      else answerJson(response, 503, { error: KEEPS_NONE });
      return true;
    }
    try {
      if (id === undefined) await this.#all(this.#store, request, response);
      else await this.#one(this.#store, id, request, response);
    } catch (error) {
      answerFault(this.#hub, 'dashboard', error, response);
    }
    return true;
  }

  async #all(store: DashboardStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return answerJson(response, 200, {
          dashboards: await store.list(),
          maxDashboards: store.maxDashboards,
        });
      case 'POST': {
        const dashboard = await store.keep(
          readDashboardDraft(await readJsonBody(request, MAX_API_BODY_BYTES)),
        );
        this.#note('dashboard kept', dashboard, request);
        return answerJson(response, 201, { dashboard });
      }
      default:
        return answerMethods(response, 'GET, POST');
    }
  }

  async #one(
    store: DashboardStore,
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let dashboard: Dashboard | undefined;
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        dashboard = await store.find(id);
        break;
      case 'PUT':
        dashboard = await store.change(
          id,
          readDashboardChange(await readJsonBody(request, MAX_API_BODY_BYTES)),
        );
        if (dashboard !== undefined) this.#note('dashboard changed', dashboard, request);
        break;
      case 'DELETE':
        if (!(await store.delete(id))) break;
        this.#hub.log('dashboard deleted', { id, address: request.socket.remoteAddress ?? null });
        return answerEmpty(response, 204);
      default:
        return answerMethods(response, 'GET, PUT, DELETE');
    }
    if (dashboard === undefined) answerJson(response, 404, { error: NO_DASHBOARD });
    else answerJson(response, 200, { dashboard });
  }

  #note(what: string, { id, revision }: Dashboard, request: IncomingMessage): void {
    this.#hub.log(what, { id, revision, address: request.socket.remoteAddress ?? null });
  }
}

const KEEPS_NONE =
  'this hub keeps no dashboards, as it has no directory for them; start it with --data DIR, one that it may write to. A dashboard is in the address of its page all the same';
const NO_DASHBOARD = 'there is no such dashboard; it may have been deleted';
