/** Owns keeping the rows of a live table where they are while somebody is about to click one. */

/** Where each row stood when the holding began, by its key. */
export type Places = ReadonlyMap<string, number>;

export function placesOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Places {
  return new Map(rows.map((row, index) => [keyOf(row), index]));
}

/** In the order of `places`: what is new comes last, what is gone leaves its place to the next. */
export function holdOrder<Row>(rows: readonly Row[], keyOf: (row: Row) => string, places: Places): Row[] {
  return rows
    .map((row, index) => ({ row, place: places.get(keyOf(row)) ?? places.size + index }))
    .sort((a, b) => a.place - b.place)
    .map(({ row }) => row);
}
