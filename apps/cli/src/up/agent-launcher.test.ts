import { describe, expect, it } from 'vitest';
import { findAgentLauncher } from './agent-launcher.js';

describe('the launcher of the agent', () => {
  it('leaves only the capabilities that tracing needs', () => {
    const launcher = findAgentLauncher(false, () => true, 0);
    expect(launcher?.execPath).toBe('setpriv');
    expect(launcher?.execArgv[0]).toMatch(/^--bounding-set=-all,\+bpf,\+perfmon,/);
    expect(launcher?.execArgv).toContain('--no-new-privs');
    expect(launcher?.execArgv.at(-1)).toBe(process.execPath);
    expect(launcher?.execArgv.join()).not.toMatch(/sys_admin|sys_module|net_admin|dac_override|kill/);
  });

  it('leaves what it takes to ask JVMs only where they are asked', () => {
    const launcher = findAgentLauncher(true, () => true, 0);
    expect(launcher?.execArgv[0]).toMatch(/,\+kill,\+dac_override$/);
  });

  it('is none where setpriv cannot do it, and none for whoever is not root', () => {
    expect(findAgentLauncher(true, () => false, 0)).toBeUndefined();
    expect(findAgentLauncher(true, () => true, 1000)).toBeUndefined();
  });
});
