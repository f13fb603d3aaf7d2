/** Owns taking over the file that `stallscope open` serves. The key goes in a header, so that it is in no address or log. */
import { readErrorAnswer } from '@stallscope/protocol';

export async function fetchOpened(
  key: string,
  onBytes: (bytes: number) => void,
): Promise<{ file: Blob; name: string }> {
  let response: Response;
  try {
    response = await fetch('/api/opened', {
      cache: 'no-store',
      credentials: 'omit',
      headers: { authorization: `Key ${key}` },
    });
  } catch {
    throw new Error('The command that serves this file does not answer: run stallscope open again.');
  }
  if (!response.ok) {
    throw new Error(
      `${readErrorAnswer(await response.json(), response.status)}. Run stallscope open again, or drop the file here.`,
    );
  }
  const name = decodeURIComponent(response.headers.get('x-file-name') ?? 'profile');
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    parts.push(part.value);
    bytes += part.value.length;
    onBytes(bytes);
  }
  return { file: new Blob(parts), name };
}
