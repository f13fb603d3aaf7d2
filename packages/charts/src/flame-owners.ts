/**
 * Owns the colours of a graph by whose time it is. A frame takes the colour of who has more than half of its time; where
 * nobody has, it is grey, as it belongs to several. Only those of most time have a colour of their own, so that no two
 * in one graph share one; the legend names each, and the tooltip whose a frame is in numbers.
 */
import { hashOf, OWNED_BY_NONE, OWNED_BY_REST, OWNED_BY_SEVERAL, OWNER_COLOURS } from './palette.js';

export interface FlameOwners {
  /** What owners are: `user`. */
  name: string;
  /** By node, as TreeOwners of packages/profile has it: label id of who has most, their share, and how many have some. */
  owner: Int32Array;
  share: Float32Array;
  count: Int32Array;
  /** By label id; those who are not in it are among the rest. */
  colours: ReadonlyMap<number, number>;
}

/** Of one of OWNER_COLOURS or what is in their place. */
export function ownerColourOf({ owner, share, colours }: FlameOwners, node: number): number {
  if (share[node]! <= 0.5) return OWNED_BY_SEVERAL;
  return colours.get(owner[node]!) ?? OWNED_BY_REST;
}

/**
 * Owns which owner has which colour: the one that its name asks for, the same in every view, host and year; or the next
 * that is free, kept for as long as it is shown, where another has that one.
 */
export class OwnerColours {
  #taken = new Map<string, number>();

  /** A colour for each of `names`, no more than OWNER_COLOURS; `isNone` says which are nobody. */
  assign(names: readonly string[], isNone: (name: string) => boolean): number[] {
    const kept = new Map<string, number>();
    const free = new Set(Array.from({ length: OWNER_COLOURS }, (_, colour) => colour));
    for (const name of names) {
      const known = isNone(name) ? undefined : this.#taken.get(name);
      if (known === undefined || !free.delete(known)) continue;
      kept.set(name, known);
    }
    // In the order of names, not of time: the same owners at first get the same colours.
    for (const name of [...names].sort()) {
      if (isNone(name) || kept.has(name) || free.size === 0) continue;
      let colour = hashOf(name) % OWNER_COLOURS;
      while (!free.has(colour)) colour = (colour + NEXT_COLOUR) % OWNER_COLOURS;
      free.delete(colour);
      kept.set(name, colour);
    }
    this.#taken = kept;
    return names.map((name) => kept.get(name) ?? (isNone(name) ? OWNED_BY_NONE : OWNED_BY_REST));
  }
}

/** Coprime with OWNER_COLOURS, so that all are tried; far from the one before, so that neighbours stay apart. */
const NEXT_COLOUR = 5;
