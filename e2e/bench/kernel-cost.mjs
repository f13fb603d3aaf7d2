/**
 * Owns the first question of the bench: what does the kernel side of a tracer add to programs that switch?
 *
 * On a shared machine a reading alone means nothing. In each round every condition is read beside its own reading with
 * nothing, before or after by turns, and the order of conditions turns too. Published are the differences of these pairs.
 */
import { openLoads } from './loads.mjs';
import { addedOf, ratioOf, spreadOf } from './statistics.mjs';
import { tracerConditions } from './tracers.mjs';

const ROUNDS = 9;
export const BOTH_PEERS = 'offcputime and wakeuptime';
export const OFFCPUTIME = 'offcputime';

export async function measureKernelCost({ isShort, say }) {
  const rounds = isShort ? 1 : ROUNDS;
  const conditions = tracerConditions();
  const { loads, close } = await openLoads({ isShort });
  /** Pairs of readings: load → condition → round. */
  const pairs = loads.map(() => Object.fromEntries(conditions.map(({ name }) => [name, []])));
  const switches = loads.map(() => []);
  const readAll = async () => {
    const readings = [];
    for (const load of loads) readings.push(await load.read());
    return readings;
  };
  try {
    // What is read first pays for cold caches.
    await readAll();
    for (let round = 0; round < rounds; round++) {
      for (const condition of turned(conditions, round)) {
        const before = round % 2 === 0 ? await readAll() : undefined;
        const tracers = await condition.start();
        let loaded;
        try {
          loaded = await readAll();
        } finally {
          for (const tracer of tracers) await tracer.stop();
        }
        const nothing = before ?? (await readAll());
        loads.forEach((_, i) => {
          pairs[i][condition.name].push({ nothing: nothing[i].nsAUnit, loaded: loaded[i].nsAUnit });
          switches[i].push(nothing[i].switchesAUnit);
        });
        say(
          `  round ${round + 1}/${rounds}  ${condition.name}: ${loads.map(({ unit }, i) => `${nothing[i].nsAUnit.toFixed(0)} → ${loaded[i].nsAUnit.toFixed(0)} ns a ${unit}`).join(', ')}`,
        );
      }
    }
  } finally {
    await close();
  }
  return {
    rounds,
    loads: loads.map(({ title, unit }, i) => ({ title, unit, ...toCosts(pairs[i], switches[i]) })),
  };
}

function toCosts(pairsOfCondition, switches) {
  const switchesAUnit = spreadOf(switches).median;
  const addedOfCondition = Object.fromEntries(
    Object.entries(pairsOfCondition).map(([name, pairs]) => [name, addedOf(pairs)]),
  );
  return {
    switchesAUnit,
    nothing: spreadOf(
      Object.values(pairsOfCondition).flatMap((pairs) => pairs.map(({ nothing }) => nothing)),
    ),
    conditions: Object.entries(addedOfCondition).map(([name, added]) => ({
      name,
      loaded: spreadOf(pairsOfCondition[name].map(({ loaded }) => loaded)),
      addedNs: spreadOf(added.map((ns) => ns / switchesAUnit)),
      ofBoth: ratioOf(added, addedOfCondition[BOTH_PEERS]),
      ofOffcputime: ratioOf(added, addedOfCondition[OFFCPUTIME]),
    })),
  };
}

function turned(items, by) {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}
