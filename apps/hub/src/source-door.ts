/**
 * Owns the hub's answer to where a function's code comes from: it asks the agent of the host, and hands on what that tells.
 *
 *     POST /api/source   {"host","name","module"} → 200 SourceAnswer      those with a session, from the hub's own pages
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProtocolError, readSourceQuestion } from '@stallscope/protocol';
import type { Access } from './access.js';
import { answerJson, answerMethods, answerRefusal } from './answers.js';
import type { Hub } from './hub.js';
import { MAX_SOURCE_QUESTION_BYTES } from './limits.js';
import { BodyError, readJsonBody } from './request-body.js';
import { noSource } from './source-questions.js';

export async function answerSource(
  hub: Hub,
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return answerMethods(response, 'POST');
  const allowed = access.checkLive(request);
  if (!allowed.ok) return answerRefusal(response, allowed);
  let question: ReturnType<typeof readSourceQuestion>;
  try {
    question = readSourceQuestion(await readJsonBody(request, MAX_SOURCE_QUESTION_BYTES));
  } catch (error) {
    if (error instanceof BodyError) return answerJson(response, error.status, { error: error.message });
    if (error instanceof ProtocolError) return answerJson(response, 400, { error: error.message });
    throw error;
  }
  const { host: id, name, module } = question;
  const link = hub.findHost(id)?.link;
  const answer =
    link?.kind === 'connected'
      ? await link.agent.askSource({ name, module })
      : noSource('the agent of this host is not connected; only a running one can look');
  if (!response.destroyed) answerJson(response, 200, answer);
}
