import { expect, it } from 'vitest';
import { holdOrder, placesOf } from './held-order';

const itself = (row: string): string => row;

it('keeps rows where they were: new ones last, in their own order, no hole where one is gone', () => {
  const places = placesOf(['a', 'b', 'c', 'd'], itself);
  expect(holdOrder(['x', 'd', 'a', 'y', 'c'], itself, places)).toEqual(['a', 'c', 'd', 'x', 'y']);
});
