/** Owns which status and which words an error of a door is: those that are made for a reader are told, others are logged. */
import type { ServerResponse } from 'node:http';
import { ProtocolError } from '@stallscope/protocol';
import { StoreError, type StoreErrorCode } from '@stallscope/store';
import { answerJson } from './answers.js';
import type { Hub } from './hub.js';
import { BodyError } from './request-body.js';

const STATUS: Readonly<Record<StoreErrorCode, number>> = {
  directory: 500,
  'in-use': 503,
  corrupt: 500,
  'disk-full': 507,
  full: 507,
  'too-large': 413,
  busy: 503,
  changed: 409,
  'name-taken': 409,
  unknown: 404,
  damaged: 500,
  'too-many-shares': 409,
  io: 500,
  closed: 503,
};

/** Seconds until a refused peer should come again. */
const RETRY_SECONDS = 2;

export function answerFault(hub: Hub, subject: string, error: unknown, response: ServerResponse): void {
  const known = toKnown(error);
  if (known === undefined) hub.fault(subject, error);
  else if (known.status >= 500) hub.log(`${subject} failed`, { reason: known.words });
  if (response.headersSent || response.destroyed) return;
  if (known?.status === 503) response.setHeader('Retry-After', RETRY_SECONDS);
  answerJson(response, known?.status ?? 500, {
    error: known?.words ?? 'the hub failed to answer this; its log says more',
  });
}

function toKnown(error: unknown): { status: number; words: string } | undefined {
  if (error instanceof BodyError) return { status: error.status, words: error.message };
  if (error instanceof ProtocolError) {
    return { status: error.code === 'oversized' ? 413 : 400, words: error.message };
  }
  if (error instanceof StoreError) {
    const words = error.hint === '' ? error.message : `${error.message}. ${error.hint}`;
    return { status: STATUS[error.code], words };
  }
  return undefined;
}
