import { describe, expect, it } from 'vitest';
import { toDashboardOfHost, toHostOfDashboard } from './host-links';

const TIME = 'from=1700000000000&to=1700000010000&at=1700000020000';

describe('from the page of a host to its dashboard', () => {
  it.each([
    ['host=web-1', 'layout=overview&host=web-1&span=1m'],
    ['host=web-1&view=chain&span=5m&window=250', 'layout=overview&host=web-1&window=250&span=5m'],
    ['host=web-1&span=15m', 'layout=overview&host=web-1&span=15m'],
    ['host=web-1&p=4711', 'layout=overview&host=web-1&span=1m&p=4711%3Aweb-1'],
    ['host=web-1&p=none', 'layout=overview&host=web-1&span=1m'],
    ['', 'span=1m'],
  ])('%s', (host, dashboard) => {
    expect(toDashboardOfHost(new URLSearchParams(host))).toBe(`/dashboards/?${dashboard}`);
  });
});

describe('from a dashboard to the page of a host', () => {
  it.each([
    ['layout=disk&host=web-1&panels=1%3Anote%3Aa%3A0%2C0%2C4%2C4', 'web-1', 'host=web-1'],
    ['span=2m&window=5000', 'web-1', 'host=web-1&window=5000&span=5m'],
    ['span=10m', 'web-1', 'host=web-1&span=15m'],
    ['p=4711:web-1', 'web-1', 'host=web-1&p=4711'],
    ['p=4711:web-1', 'web-2', 'host=web-2'],
    [
      `${TIME}&region=offcpu:64-80:web-2`,
      'web-1',
      'host=web-1&at=1700000020000&from=1700000000000&to=1700000010000',
    ],
  ])('%s of %s', (dashboard, hostId, host) => {
    expect(toHostOfDashboard(hostId, new URLSearchParams(dashboard))).toBe(`/host/?${host}`);
  });
});

it('there and back again nothing of the selection is lost', () => {
  const dashboard = `layout=overview&host=web-1&${TIME}&window=500&span=5m&p=4711%3Aweb-1`;
  for (const region of [
    'biolatency:64-80:web-1:write:vda',
    'offcpu:0-160:web-1',
    'syscalls:1-2:web-1:fsync',
  ]) {
    const query = new URLSearchParams(`${dashboard}&region=${region}`);
    const host = toHostOfDashboard('web-1', query);
    const back = new URL(toDashboardOfHost(new URL(host, 'http://hub').searchParams), 'http://hub');
    expect(Object.fromEntries(back.searchParams)).toEqual(Object.fromEntries(query));
  }
});
