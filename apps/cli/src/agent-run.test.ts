import { expect, test } from 'vitest';
import { toAgentDoor } from './agent-run.js';

test.each([
  ['http://127.0.0.1:7070', 'ws://127.0.0.1:7070/agent'],
  ['ws://h:1/', 'ws://h:1/agent'],
  ['wss://h', 'wss://h/agent'],
  ['wss://h/agent', 'wss://h/agent'],
  ['wss://h/stalls', 'wss://h/stalls/agent'],
  ['wss://h/stalls/', 'wss://h/stalls/agent'],
  ['wss://h/stalls/agent', 'wss://h/stalls/agent'],
])('the agent door of %s is %s', (hub, door) => {
  expect(toAgentDoor(hub)).toBe(door);
});
