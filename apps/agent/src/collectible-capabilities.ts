/** Owns what the agent says of each thing that it can be asked to collect: by the names of COLLECTIBLES, with how or why not. */
import { type Capability, COLLECTIBLES, type Collectible } from '@stallscope/protocol';
import type { SchedCollector } from './sched-collector.js';

export function collectibleCapabilities(
  collector: Pick<
    SchedCollector,
    'cpuSampling' | 'cpuRefusal' | 'cpuHz' | 'runTimesRefusal' | 'latencyCapabilities' | 'vitalCapabilities'
  >,
): Capability[] {
  const others = new Map<string, Capability>(
    [...collector.latencyCapabilities(), ...collector.vitalCapabilities()].map((one) => [one.name, one]),
  );
  return COLLECTIBLES.map((name) => capabilityOf(name, collector) ?? others.get(name)!).filter(
    (one) => one !== undefined,
  );
}

function capabilityOf(
  name: Collectible,
  collector: Pick<SchedCollector, 'cpuSampling' | 'cpuRefusal' | 'cpuHz' | 'runTimesRefusal'>,
): Capability | undefined {
  switch (name) {
    case 'cpu':
      return cpuCapability(collector);
    case 'lengths':
      return { name, status: 'ok', detail: 'exact, counted by the scheduler probe as waits end' };
    case 'costs': {
      const refusal = collector.runTimesRefusal();
      return refusal === undefined
        ? { name, status: 'ok', detail: 'the kernel’s own statistics of BPF programs' }
        : { name, status: 'missing', detail: refusal };
    }
    default:
      return undefined;
  }
}

function cpuCapability({
  cpuSampling,
  cpuRefusal,
  cpuHz,
}: Pick<SchedCollector, 'cpuSampling' | 'cpuRefusal' | 'cpuHz'>): Capability {
  if (cpuSampling !== undefined) {
    const { source, hz, cpus } = cpuSampling;
    const clock = source === 'cycles' ? 'cycles' : 'cpu-clock, as this machine counts no cycles';
    return { name: 'cpu', status: 'ok', detail: `perf event ${clock}; ${hz} Hz on ${cpus.length} CPUs` };
  }
  if (cpuHz === 0) return { name: 'cpu', status: 'missing', detail: 'switched off: --hz 0' };
  if (cpuRefusal !== undefined)
    return { name: 'cpu', status: 'missing', detail: cpuRefusal.message.split('\n')[0]! };
  return { name: 'cpu', status: 'ok', detail: `perf events at ${cpuHz} Hz, attached when asked for` };
}
