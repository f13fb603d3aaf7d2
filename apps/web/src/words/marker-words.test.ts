import { NO_STACK, NOT_DRAWN } from '@stallscope/profile';
import { expect, it } from 'vitest';
import { markerHelp } from './marker-words';

it('says of a mark what it stands for and what to do, and nothing of a frame', () => {
  expect(markerHelp(NOT_DRAWN)).toMatch(/more stacks than a graph can hold.*Choose a process/);
  expect(markerHelp(NO_STACK)).toContain('the time is counted');
  expect(markerHelp('[chain cut at 16 wakers]')).toContain('went on');
  expect(markerHelp('main')).toBeUndefined();
});
