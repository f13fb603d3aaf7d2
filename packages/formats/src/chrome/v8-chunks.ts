/**
 * Owns the samples of V8 in a trace: an event `Profile` begins one, `ProfileChunk` events of the same process and id add
 * nodes, samples and the µs between them. A chunk's thread is the one that writes it; the profile's is that of `Profile`.
 *
 *     {ph P, name Profile, id 0x1, pid 5, tid 7, args {data {startTime 100}}}
 *     {ph P, name ProfileChunk, id 0x1, pid 5, tid 9, args {data {cpuProfile {nodes [{id 2, parent 1, callFrame}], samples [2]}, timeDeltas [50]}}}
 */
import type { JsonPlace } from '../json-bytes.js';
import { type TraceIds, type TraceNames, toIds } from './trace-names.js';
import { readFunction, type V8Node, type V8Profile } from './v8-profile.js';

interface Chunked {
  ids: TraceIds;
  nodes: Map<number, V8Node>;
  samples: number[];
  timesUs: number[];
  /** Event of each sample, for errors. */
  places: string[];
  startUs: number;
  endUs: number;
}

export class V8Chunks {
  readonly #profiles = new Map<string, Chunked>();

  /** @throws FormatError */
  add(event: JsonPlace): void {
    const name = event.at('name').value;
    if (name !== 'Profile' && name !== 'ProfileChunk') return;
    const ids = toIds(event);
    const key = JSON.stringify([ids.pid, event.at('id').value ?? null]);
    let profile = this.#profiles.get(key);
    if (profile === undefined) {
      profile = { ids, nodes: new Map(), samples: [], timesUs: [], places: [], startUs: 0, endUs: 0 };
      this.#profiles.set(key, profile);
    }
    const args = event.at('args');
    const data = args.isAbsent ? args : args.at('data');
    if (name === 'Profile') {
      profile.ids = ids;
      const start = data.isAbsent ? data : data.at('startTime');
      profile.startUs = start.isAbsent ? event.at('ts').number() : start.number();
      profile.endUs = profile.startUs;
      return;
    }
    if (!data.isAbsent) readChunk(profile, data, event.path);
  }

  profiles(title: string, names: TraceNames): V8Profile[] {
    const whole: V8Profile[] = [];
    for (const { ids, nodes, samples, timesUs, places, startUs, endUs } of this.#profiles.values()) {
      if (samples.length === 0) continue;
      const labels = names.labels(ids);
      const { process, comm, tid } = labels;
      const thread = [process, comm ?? (tid === undefined ? undefined : `thread ${tid}`)];
      whole.push({
        title: `${title} ${thread.filter((part) => part !== undefined).join(' ')}`.trim(),
        place: places[0]!,
        nodes,
        samples,
        timesUs,
        startUs,
        endUs,
        labels,
        placeOfSample: (sample) => places[sample]!,
      });
    }
    return whole;
  }
}

function readChunk(profile: Chunked, data: JsonPlace, path: string): void {
  const cpuProfile = data.at('cpuProfile');
  const nodes = cpuProfile.isAbsent ? cpuProfile : cpuProfile.at('nodes');
  if (!nodes.isAbsent) {
    for (const at of nodes.array().keys()) {
      const node = nodes.element(at);
      const parent = node.at('parent');
      profile.nodes.set(node.at('id').number(), {
        ...readFunction(node.at('callFrame')),
        hitCount: 0,
        parent: parent.isAbsent ? undefined : parent.number(),
        place: node.path,
      });
    }
  }
  const samples = cpuProfile.isAbsent ? cpuProfile : cpuProfile.at('samples');
  if (!samples.isAbsent) {
    const deltas = data.at('timeDeltas');
    const count = samples.array().length;
    if (deltas.array().length < count)
      deltas.refuse(`has ${deltas.array().length} entries, there are ${count} samples`);
    let timeUs = profile.timesUs.at(-1) ?? profile.startUs;
    for (let at = 0; at < count; at++) {
      timeUs += deltas.element(at).number();
      profile.samples.push(samples.element(at).number());
      profile.timesUs.push(timeUs);
      profile.places.push(path);
      profile.endUs = Math.max(profile.endUs, timeUs);
    }
  }
  // The last chunk says when sampling ended.
  const end = data.at('endTime');
  if (!end.isAbsent) profile.endUs = Math.max(profile.endUs, end.number());
}
