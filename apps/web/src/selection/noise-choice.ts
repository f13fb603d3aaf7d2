/**
 * Owns which idle waits are left out, and how that is written in a URL, so that an edited preset survives a shared link.
 *
 *     event-loops,-sleeps:wait:^do_nap$       presets by their id; `-` is off, which is said only of what was edited
 *     event-loops:wait:^ep_poll$              edited: what it judges by (wait, frame, comm) and a regular expression
 *     event-loops:wait:^ep_poll$:^worker      and a second one that must match as well, and a third that may not
 *     *my pool:frame:^pool_wait$              one of the reader's own, by its name
 *
 * `!` escapes `,` `:` and itself. Nothing is left out unless it is named here.
 */
import { NOISE_PRESETS, type NoisePreset } from '@stallscope/profile';
import { joinSteps, splitSteps } from './escaped-steps';

/** What a pattern is held against. */
export const NOISE_GROUNDS = ['wait', 'frame', 'comm'] as const satisfies readonly NoisePreset['on'][];

export interface NoiseChoice {
  preset: NoisePreset;
  isOn: boolean;
  /** `stock` is as it comes, `edited` was one, `own` is the reader's. */
  origin: 'stock' | 'edited' | 'own';
}

/** Presets that a selection can name, and characters of one pattern: a link must stay short, and each costs a match a frame. */
export const MAX_NOISE_CHOICES = 24;
export const MAX_PATTERN_CHARS = 1500;
const MAX_NAME_CHARS = 40;

/** All that can be chosen: the stock presets, as edited, then the reader's own. */
export function toChoices(named: readonly NoiseChoice[]): NoiseChoice[] {
  const stock = NOISE_PRESETS.map(
    (preset): NoiseChoice =>
      named.find((choice) => choice.origin !== 'own' && choice.preset.id === preset.id) ?? {
        preset,
        isOn: false,
        origin: 'stock',
      },
  );
  return [...stock, ...named.filter(({ origin }) => origin === 'own')];
}

/** What a shape is given: those that are on and can be compiled. */
export function toNoise(named: readonly NoiseChoice[]): NoisePreset[] {
  return named.filter(({ isOn, preset }) => isOn && isCompilable(preset)).map(({ preset }) => preset);
}

/** `choices` with one of them in the place of what had its id; what says nothing a default does not is dropped. */
export function withChoice(named: readonly NoiseChoice[], next: NoiseChoice): NoiseChoice[] {
  const known = named.some(({ preset }) => preset.id === next.preset.id);
  const replaced = known
    ? named.map((choice) => (choice.preset.id === next.preset.id ? next : choice))
    : [...named, next];
  return replaced.filter(({ isOn, origin }) => isOn || origin !== 'stock').slice(0, MAX_NOISE_CHOICES);
}

export type NoiseEdit = Pick<NoisePreset, 'pattern' | 'on' | 'and' | 'unless'>;

/** Empty patterns are none. */
export function toEdit(on: NoiseEdit['on'], pattern: string, and: string, unless: string): NoiseEdit {
  return { on, pattern, ...(and === '' ? {} : { and }), ...(unless === '' ? {} : { unless }) };
}

export function ownChoice(name: string, edit: NoiseEdit, isOn: boolean): NoiseChoice {
  const cut = name.slice(0, MAX_NAME_CHARS);
  return { preset: { id: `*${cut}`, name: cut, help: 'One of your own.', ...edit }, isOn, origin: 'own' };
}

export function editedChoice(
  { pattern: _, and: __, unless: ___, ...kept }: NoisePreset,
  edit: NoiseEdit,
  isOn: boolean,
): NoiseChoice {
  return { preset: { ...kept, ...edit }, isOn, origin: 'edited' };
}

/** Back to how it comes. */
export function stockChoice(id: string, isOn: boolean): NoiseChoice | undefined {
  const preset = NOISE_PRESETS.find((known) => known.id === id);
  return preset && { preset, isOn, origin: 'stock' };
}

export function writeNoise(named: readonly NoiseChoice[]): string {
  return joinSteps(
    named.map(({ preset, isOn, origin }) => {
      const id = (isOn ? '' : '-') + preset.id;
      if (origin === 'stock') return joinSteps([id], ':');
      const fields = [id, preset.on, preset.pattern, preset.and ?? '', preset.unless ?? ''];
      while (fields.at(-1) === '' && fields.length > 3) fields.pop();
      return joinSteps(fields, ':');
    }),
    ',',
  );
}

/** Leaves out what no `writeNoise` wrote. */
export function readNoise(text: string): NoiseChoice[] {
  const choices: NoiseChoice[] = [];
  for (const item of (splitSteps(text, ',') ?? []).slice(0, MAX_NOISE_CHOICES)) {
    const choice = readChoice(item);
    if (choice !== undefined && !choices.some(({ preset }) => preset.id === choice.preset.id))
      choices.push(choice);
  }
  return choices;
}

function readChoice(item: string): NoiseChoice | undefined {
  const [written = '', on, pattern, and = '', unless = '', ...rest] = splitSteps(item, ':') ?? [];
  const isOn = !written.startsWith('-');
  const id = isOn ? written : written.slice(1);
  const stock = NOISE_PRESETS.find((preset) => preset.id === id);
  if (on === undefined) return stock && { preset: stock, isOn, origin: 'stock' };
  const judges = NOISE_GROUNDS.find((ground) => ground === on);
  if (judges === undefined || pattern === undefined || rest.length > 0) return undefined;
  if (Math.max(pattern.length, and.length, unless.length) > MAX_PATTERN_CHARS) return undefined;
  const edit = toEdit(judges, pattern, and, unless);
  if (id.startsWith('*')) return ownChoice(id.slice(1), edit, isOn);
  return stock && editedChoice(stock, edit, isOn);
}

export function isCompilable({ pattern, and = '', unless = '' }: NoiseEdit): boolean {
  return [pattern, and, unless].every(isPattern);
}

export function isPattern(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
