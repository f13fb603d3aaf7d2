/** Owns saying how much time noise presets hide: wherever a graph is, this is in sight. */
import { formatValue } from '@stallscope/charts';
import type { ValueUnit } from '@stallscope/profile';
import type { NoiseTime } from '../live/beside-graph';
import type { NoiseChoice } from '../selection/noise-choice';

export function hiddenValue(noise: readonly NoiseTime[]): number {
  return noise.reduce((sum, { value, isHidden }) => (isHidden ? sum + value : sum), 0);
}

/** `event loops 30.1 s, kernel threads 8.1 s`, the most first. */
export function hiddenParts(
  noise: readonly NoiseTime[],
  choices: readonly NoiseChoice[],
  unit: ValueUnit,
): string {
  return noise
    .filter(({ isHidden, value }) => isHidden && value > 0)
    .sort((a, b) => b.value - a.value)
    .map(({ id, value }) => {
      const name = choices.find(({ preset }) => preset.id === id)?.preset.name ?? id;
      return `${name.toLowerCase()} ${formatValue(value, unit)}`;
    })
    .join(', ');
}
