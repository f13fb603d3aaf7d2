/** Owns one request to the hub: every failure is a `HubRefusal` whose words can be shown as they are. */
import { readErrorAnswer } from '@stallscope/protocol';

export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';

  /** @param status of HTTP; 0 when nothing answers */
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The words of a failure for the reader, whatever failed. */
export function toRefusalWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function jsonOf(method: 'PATCH' | 'POST' | 'PUT', value: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** @param shareToken what a share link opens with; a session where it is null. Throws HubRefusal. */
export async function askHub(
  path: string,
  init: RequestInit,
  shareToken: string | null = null,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      // A link is opened without an account: what it shows must not depend on one that happens to be there.
      credentials: shareToken === null ? 'same-origin' : 'omit',
      cache: 'no-store',
      headers: { ...init.headers, ...(shareToken !== null && { authorization: `Share ${shareToken}` }) },
    });
  } catch {
    throw new HubRefusal(0, 'The hub does not answer. Check that it runs, then try again.');
  }
  if (response.ok) return response;
  throw new HubRefusal(response.status, readErrorAnswer(await jsonOrNothing(response), response.status));
}

async function jsonOrNothing(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // A proxy's own page; the status is all there is to say.
    return undefined;
  }
}
