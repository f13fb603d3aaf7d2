import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { whereHubIs } from './hub-address.js';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, netmask: '', mac: '', internal, cidr: null };
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' };
}

const INTERFACES = {
  lo: [info('127.0.0.1', true), info('::1', true)],
  eth0: [info('10.0.0.5'), info('fd00::5'), info('fe80::1')],
};

test('one address is its URL', () => {
  expect(whereHubIs({ url: 'http://127.0.0.1:1', address: '127.0.0.1', port: 1 }, INTERFACES)).toBe(
    'http://127.0.0.1:1',
  );
});

test('all addresses are said to be all, with those that others can use', () => {
  expect(whereHubIs({ url: 'http://127.0.0.1:1', address: '0.0.0.0', port: 1 }, INTERFACES)).toBe(
    'http://127.0.0.1:1, and on every address of this host (bound to 0.0.0.0:1): http://10.0.0.5:1',
  );
  expect(whereHubIs({ url: 'http://[::1]:1', address: '::', port: 1 }, INTERFACES)).toBe(
    'http://[::1]:1, and on every address of this host (bound to [::]:1): http://10.0.0.5:1, http://[fd00::5]:1',
  );
});

test('no more than four are named', () => {
  const many = { eth0: [1, 2, 3, 4, 5, 6].map((n) => info(`10.0.0.${n}`)) };
  expect(whereHubIs({ url: 'u', address: '0.0.0.0', port: 1 }, many)).toMatch(
    /http:\/\/10\.0\.0\.4:1, and 2 more$/,
  );
  expect(whereHubIs({ url: 'u', address: '0.0.0.0', port: 1 }, {})).toMatch(/\(bound to 0\.0\.0\.0:1\)$/);
});
