/** Owns the words of how a difference is compared and drawn. */
import type { DiffWidth } from '@stallscope/profile';
import type { Scaling } from './difference-messages';

export const SCALING_WORDS: Readonly<Record<Scaling, { name: string; help: string }>> = {
  none: { name: 'as measured', help: 'Values as they were measured on each side.' },
  time: {
    name: 'for equal time',
    help: 'What is before is scaled to the length of what is after: for stretches of unequal length.',
  },
  share: {
    name: 'by share',
    help: 'What is before is scaled to the total of what is after (normalised): what took a larger part, whatever the load.',
  },
};

export const WIDTH_WORDS: Readonly<Record<DiffWidth, { name: string; help: string }>> = {
  after: { name: 'after', help: 'Boxes are as wide as what they have after; what is gone has no width.' },
  before: { name: 'before', help: 'Boxes are as wide as what they had before; what is new has no width.' },
  larger: { name: 'the larger', help: 'Boxes are as wide as the larger of both, so that all has a place.' },
};
