/**
 * Owns the words for where a hub can be reached. One that listens on all addresses says so, lest it look private:
 *
 *     http://127.0.0.1:7070, and on every address of this host (bound to 0.0.0.0:7070): http://10.0.0.5:7070
 */
import type { NetworkInterfaceInfo } from 'node:os';

/** A host of containers has many; the first few are those of its own network cards. */
const MAX_NAMED_ADDRESSES = 4;

export function whereHubIs(
  { url, address, port }: { url: string; address: string; port: number },
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
): string {
  if (address !== '0.0.0.0' && address !== '::') return url;
  const isIpv6 = address === '::';
  const others = Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    // Link-local ones mean nothing without the name of an interface.
    .filter(
      ({ family, internal, address: own }) =>
        !internal && !/^fe[89ab]/i.test(own) && (isIpv6 || family === 'IPv4'),
    )
    .map(({ family, address: own }) => `http://${family === 'IPv6' ? `[${own}]` : own}:${port}`);
  const named = others.slice(0, MAX_NAMED_ADDRESSES).join(', ');
  const more = others.length > MAX_NAMED_ADDRESSES ? `, and ${others.length - MAX_NAMED_ADDRESSES} more` : '';
  const bound = `bound to ${isIpv6 ? '[::]' : address}:${port}`;
  return `${url}, and on every address of this host (${bound})${named === '' ? '' : `: ${named}${more}`}`;
}
