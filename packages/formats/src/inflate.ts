/**
 * Owns gzip in both directions by the platform's own streams, which browsers and Node have alike.
 * Inflating stops at its bound: a bomb costs what is allowed, not what it says.
 */
import { FormatError } from './format-error.js';

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @throws FormatError for what is no gzip, is cut off, or inflates to more than `maxBytes` */
export async function inflate(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > maxBytes) {
        throw new FormatError(
          'unknown',
          '',
          `inflates to more than ${maxBytes} bytes`,
          'It is larger than anything that is read here, or made to be.',
        );
      }
      chunks.push(value);
    }
  } catch (error) {
    // The stream may have failed already; what matters is that it stops.
    await reader.cancel().catch(() => undefined);
    if (error instanceof FormatError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new FormatError(
      'unknown',
      `byte ${length} of the inflated data`,
      `broken or cut gzip data (${cause})`,
    );
  }
  return joined(chunks, length);
}

export async function gzip(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
