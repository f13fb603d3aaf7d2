/**
 * Owns reading cpuprofile files: `node --cpu-prof`, the JavaScript profiler of DevTools, the inspector protocol's
 * `Profiler.Profile`. Files of before 2015 nest their nodes under `head` and give times in seconds.
 */
import { JsonPlace, readJson } from '../json-bytes.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import { readFunction, toV8SampleProfile, type V8Node, type V8Profile } from './v8-profile.js';

/** @throws FormatError with the path in the JSON text */
export function readCpuProfile(bytes: Uint8Array, { name, budget }: ReadContext) {
  const root = new JsonPlace(readJson(bytes, 'chrome-cpuprofile', budget.limits), '', 'chrome-cpuprofile');
  const isNested = root.at('nodes').isAbsent;
  const nodes = isNested ? readNestedNodes(root.at('head'), budget) : readFlatNodes(root.at('nodes'), budget);
  const unit = isNested ? US_PER_S : 1;
  const startUs = root.at('startTime').number() * unit;
  const endUs = root.at('endTime').isAbsent ? startUs : root.at('endTime').number() * unit;
  const list = root.at('samples');
  const samples = list.isAbsent ? [] : readIds(list);
  const profile: V8Profile = {
    title: name,
    place: 'nodes',
    nodes,
    samples,
    timesUs: readTimes(root, samples.length, startUs, endUs),
    startUs,
    endUs,
    labels: {},
    placeOfSample: (sample) => `samples[${sample}]`,
  };
  return [toV8SampleProfile(profile, budget)];
}

const US_PER_S = 1e6;

function readFlatNodes(list: JsonPlace, budget: ReadBudget): Map<number, V8Node> {
  const nodes = new Map<number, V8Node>();
  const children: [parent: number, child: JsonPlace][] = [];
  for (const at of list.array().keys()) {
    const place = list.element(at);
    budget.tick(place.path);
    const id = place.at('id').number();
    if (nodes.has(id)) place.refuse(`is node ${id} a second time`);
    const parent = place.at('parent');
    const callFrame = place.at('callFrame');
    nodes.set(id, {
      // Profiles that other tools write have the facts of the function in the node itself.
      ...readFunction(callFrame.isAbsent ? place : callFrame),
      hitCount: place.at('hitCount').isAbsent ? 0 : place.at('hitCount').number(),
      parent: parent.isAbsent ? undefined : parent.number(),
      place: place.path,
    });
    const below = place.at('children');
    if (!below.isAbsent) for (const child of below.array().keys()) children.push([id, below.element(child)]);
  }
  for (const [parent, child] of children) {
    const node = nodes.get(child.number());
    if (node === undefined) return child.refuse(`names node ${child.number()}, which is not there`);
    if (node.parent !== undefined && node.parent !== parent)
      child.refuse(`node ${child.number()} has two parents`);
    node.parent = parent;
  }
  return nodes;
}

/** Without recursion: the nodes nest as deep as the calls did. */
function readNestedNodes(head: JsonPlace, budget: ReadBudget): Map<number, V8Node> {
  const nodes = new Map<number, V8Node>();
  const waiting: { place: JsonPlace; parent: number | undefined }[] = [{ place: head, parent: undefined }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { place, parent } = next;
    budget.tick('head');
    const id = place.at('id').number();
    if (nodes.has(id)) place.refuse(`is node ${id} a second time`);
    const hits = place.at('hitCount');
    // The whole path in each node would be as long as the depth squared.
    nodes.set(id, {
      ...readFunction(place),
      hitCount: hits.isAbsent ? 0 : hits.number(),
      parent,
      place: `node ${id}`,
    });
    const below = place.at('children');
    if (below.isAbsent) continue;
    for (const child of below.array().keys()) {
      waiting.push({
        place: new JsonPlace(below.array()[child], `node ${id}.children[${child}]`, place.format),
        parent: id,
      });
    }
  }
  return nodes;
}

function readIds(list: JsonPlace): number[] {
  const ids = list.array();
  for (const [at, id] of ids.entries()) if (typeof id !== 'number') list.element(at).number();
  return ids as number[];
}

function readTimes(root: JsonPlace, count: number, startUs: number, endUs: number): number[] {
  const deltas = root.at('timeDeltas');
  const stamps = root.at('timestamps');
  const given = deltas.isAbsent ? stamps : deltas;
  // Without times the samples were taken in even steps.
  if (given.isAbsent)
    return Array.from({ length: count }, (_, at) => startUs + ((endUs - startUs) * at) / count);
  const numbers = readIds(given);
  if (numbers.length < count) given.refuse(`has ${numbers.length} entries, there are ${count} samples`);
  if (given === stamps) return numbers;
  let timeUs = startUs;
  return numbers.slice(0, count).map((delta) => {
    timeUs += delta;
    return timeUs;
  });
}
