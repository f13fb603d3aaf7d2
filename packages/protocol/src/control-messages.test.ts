import { describe, expect, it } from 'vitest';
import {
  type Hello,
  type HostFacts,
  type HubToBrowser,
  readAgentToHub,
  readBrowserToHub,
  readHubToAgent,
  readHubToBrowser,
  toText,
} from './control-messages.js';
import { MAX_CONTROL_BYTES } from './limits.js';
import { PROTOCOL_VERSION } from './protocol.js';
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.js';

const host: HostFacts = {
  id: 'b5c1',
  name: 'db-1',
  kernel: '6.1.0',
  arch: 'x86_64',
  cpus: 8,
  memoryBytes: 2 ** 35,
  bootId: 'boot',
  os: 'Debian GNU/Linux 12',
  capabilities: [{ name: 'tp_btf', status: 'ok', detail: '' }],
};
const hello: Hello = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  agent: { version: '0.1.0', run: 'run-1' },
  host,
  windowMs: 1000,
};

function refusal(run: () => unknown): { code: ProtocolErrorCode; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('was accepted');
}

describe('control messages', () => {
  it('round trip', () => {
    expect(readAgentToHub(toText(hello))).toEqual(hello);
    const recording = { title: 'A lock convoy', recordedAtMs: 1.7e12 };
    expect(readAgentToHub(toText({ ...hello, recording }))).toEqual({ ...hello, recording });
    expect(readHubToAgent('{"type":"set-window","windowMs":250}')).toEqual({
      type: 'set-window',
      windowMs: 250,
    });
    expect(readBrowserToHub('{"type":"watch","stream":1,"host":"a"}')).toEqual({
      type: 'watch',
      stream: 1,
      host: 'a',
    });
    const hosts: HubToBrowser = {
      type: 'hosts',
      hosts: [
        {
          host,
          state: 'live',
          recording: null,
          connectedAtMs: 1,
          lastWindowEndMs: null,
          lagMs: -0.5,
          windowMs: 1000,
          tauNs: null,
          governed: false,
          waitedNs: 0,
          losses: { 'hub-dropped': 3 },
          retained: { windows: 0, bytes: 0, fromMs: null },
        },
      ],
    };
    expect(readHubToBrowser(toText(hosts))).toEqual(hosts);
  });

  it('names what is wrong and where', () => {
    expect(refusal(() => readAgentToHub(JSON.stringify({ ...hello, host: { ...host, cpus: -1 } })))).toEqual({
      code: 'bad-message',
      message: expect.stringMatching(/^agent message host\.cpus: /),
    });
  });

  const refused: [string, () => unknown, ProtocolErrorCode][] = [
    ['not JSON', () => readAgentToHub('{'), 'bad-message'],
    ['null', () => readAgentToHub('null'), 'bad-message'],
    ['a field too many', () => readBrowserToHub('{"type":"unwatch","stream":1,"x":1}'), 'bad-message'],
    ['an unknown type', () => readBrowserToHub('{"type":"delete"}'), 'bad-message'],
    [
      'a window length nobody offers',
      () => readHubToAgent('{"type":"set-window","windowMs":1}'),
      'bad-message',
    ],
    [
      'a host id with control characters',
      () => readBrowserToHub('{"type":"watch","stream":1,"host":"a\\n"}'),
      'bad-message',
    ],
    [
      'a number that JSON cannot hold',
      () => readBrowserToHub('{"type":"unwatch","stream":1e999}'),
      'bad-message',
    ],
    ['too long', () => readAgentToHub(`"${'x'.repeat(MAX_CONTROL_BYTES)}"`), 'oversized'],
    ['too long in UTF-8', () => readAgentToHub(`"${'é'.repeat(MAX_CONTROL_BYTES / 2)}"`), 'oversized'],
    [
      'too many capabilities',
      () =>
        readAgentToHub(
          JSON.stringify({
            ...hello,
            host: { ...host, capabilities: new Array(129).fill(host.capabilities[0]) },
          }),
        ),
      'bad-message',
    ],
    ['deep nesting', () => readAgentToHub(`${'['.repeat(30_000)}${']'.repeat(30_000)}`), 'bad-message'],
  ];
  it.each(refused)('refuses %s', (_, run, code) => {
    expect(refusal(run).code).toBe(code);
  });

  it('answers another version with the versions, whatever else has changed', () => {
    const answer = refusal(() => readAgentToHub('{"type":"hi","protocol":99,"shape":"other"}'));
    expect(answer.code).toBe('version-mismatch');
    expect(answer.message).toBe(
      `agent message: protocol 99, this side speaks ${PROTOCOL_VERSION}; upgrade the older of the two`,
    );
  });
});
