/** Owns `stallscope up` for the tests of one file: started before them, interrupted after them, with nothing left behind. */
import { expect, test } from '@playwright/test';
import { probeBpf } from '@stallscope/libbpf';
import { kernelSuites } from '@stallscope/testing';
import { type RunAs, StallscopeProcess } from './stallscope-process.js';

/** `test.describe` for what needs BPF: skipped with the reason where there is none, failed in CI. */
export const onKernel = kernelSuites({ describe: test.describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

export interface RunningProduct {
  /** As it printed it, such as `http://127.0.0.1:34567`. */
  readonly url: string;
  readonly process: StallscopeProcess;
}

/** Call it once at the top of a suite. */
export function startProduct(...flags: string[]): RunningProduct {
  return startProductAs('self', ...flags);
}

export function startProductAs(runAs: RunAs, ...flags: string[]): RunningProduct {
  let started: { url: string; process: StallscopeProcess } | undefined;
  test.beforeAll(async () => {
    const process = new StallscopeProcess(['up', '--port', '0', ...flags], runAs);
    try {
      const [, url] = await process.says(/Stallscope is at (\S+)(?: {3}\(Ctrl-C stops it\))/);
      started = { url: url!, process };
    } catch (error) {
      process.signal('SIGKILL');
      throw error;
    }
  });
  test.afterAll(async () => {
    if (started === undefined) return;
    const { code } = await started.process.interrupt();
    expect(code, `exit code of up, which said:\n${started.process.stdout}${started.process.stderr}`).toBe(0);
  });
  const running = () => {
    if (started === undefined) throw new Error('the product is running only within a test');
    return started;
  };
  return {
    get url() {
      return running().url;
    },
    get process() {
      return running().process;
    },
  };
}
