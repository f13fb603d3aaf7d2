/** Owns checking what came from outside against a schema; what is wrong is said with its place. */
import type { z } from 'zod';
import { ProtocolError } from './protocol-error.js';

/** Throws ProtocolError `bad-message`: `snapshot tags.3: Too big: expected string to have <=48 characters`. */
export function checkShape<Schema extends z.ZodType>(
  received: unknown,
  schema: Schema,
  subject: string,
): z.infer<Schema> {
  const result = schema.safeParse(received);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? '' : ` ${issue.path.join('.')}`;
  throw new ProtocolError('bad-message', `${subject}${where}: ${issue?.message ?? 'has the wrong shape'}`);
}
