import { kernelSuites } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { BpfError, isCpuOffline, isUnsupported, probeBpf, readOnlineCpus, SamplingEvent } from './index.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : `BPF is refused: ${access.cause}`;
});

/** More CPUs than any machine has. */
const NO_CPU = 8_000;

onKernel('a sampling event', () => {
  const open: SamplingEvent[] = [];
  afterEach(() => {
    for (const event of open.splice(0)) event.close();
  });
  function opened(cpu: number): SamplingEvent {
    const event = SamplingEvent.open({ source: 'cpu-clock', samplePeriod: 1_000_000 }, cpu);
    open.push(event);
    return event;
  }

  test('of each CPU goes on by itself, whether the CPU idles or not', async () => {
    for (const cpu of readOnlineCpus()) {
      const event = opened(cpu);
      const before = event.readTimes();
      await expect.poll(() => event.readTimes().enabledNs).toBeGreaterThan(before.enabledNs + 1e6);
      const { enabledNs, runningNs } = event.readTimes();
      expect(runningNs).toBe(enabledNs);
    }
  });

  test('closed, it says so when it is used', () => {
    const event = opened(readOnlineCpus()[0]!);
    event.close();
    event.close();
    expect(() => event.readTimes()).toThrow(
      `read perf event cpu-clock of CPU ${readOnlineCpus()[0]}: it is closed`,
    );
  });

  test('of a CPU that is not there is refused, and told from one that the machine cannot do', () => {
    const refusal = expectRefusal(() => opened(NO_CPU));
    // EINVAL beyond what the kernel was built for, ENODEV below.
    expect(isUnsupported(refusal)).toBe(false);
    expect(isCpuOffline(refusal) || refusal.code === 'EINVAL').toBe(true);
  });

  test('cycles are there, or are told to be unsupported', () => {
    try {
      open.push(SamplingEvent.open({ source: 'cycles', sampleHz: 99 }, readOnlineCpus()[0]!));
    } catch (error) {
      expect(isUnsupported(error)).toBe(true);
    }
  });
});

function expectRefusal(act: () => unknown): BpfError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(BpfError);
    return error as BpfError;
  }
  throw new Error('was not refused');
}
