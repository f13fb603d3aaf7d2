/// <reference path="./d3-subset.d.ts" />
/**
 * Owns the colours of the charts in both themes. Colours follow the role of a node, never its label; a label only
 * shifts its hue a little, always the same way, so that neighbours can be told apart and a frame is recognised later.
 *
 * Invariants, tested over every colour here: text on any fill has contrast AA (4.5), the rings and marks that tell
 * kinds apart without colour have 3 (WCAG 1.4.11), and any two roles are apart for the eye.
 *
 * What a fill says is also said without colour: kernel frames have a bar at their left edge, wakers a line along their
 * top, names of threads are bold, markers hatched, unnamed frames italic, search matches underlined; what threads were at
 * has a texture each (life-marks.ts).
 */
import { LIFE_STEPS, ROLES, type Role, type RowKind } from '@stallscope/profile';
import { hcl } from 'd3';
import { CODE_KINDS, type CodeKind } from './code-kinds.js';

export type Theme = 'light' | 'dark';
export const THEMES = ['light', 'dark'] as const satisfies readonly Theme[];

/** What the frames of a graph stand for: waits are blue, what ran is warm. */
export type Tone = 'waits' | 'cpu';
export const TONES = ['waits', 'cpu'] as const satisfies readonly Tone[];

/** Hue shifts of one role; odd, so that the middle one is the role's own colour. */
export const HUE_STEPS = 5;
const HUE_STEP_DEGREES = 3;
const HUE_STEP_LUMINANCE = 0.9;
/** Steps of growth, and as many of shrinking. */
export const DIFF_STEPS = 4;
/** Colours of those whose time it is: as many as are told apart beside each other. */
export const OWNER_COLOURS = 12;
/** In place of one of these colours. */
export const OWNED_BY_NONE = OWNER_COLOURS;
export const OWNED_BY_REST = OWNER_COLOURS + 1;
export const OWNED_BY_SEVERAL = OWNER_COLOURS + 2;
const OWNER_HUE_DEGREES = 360 / OWNER_COLOURS;
const FIRST_OWNER_HUE = 15;
/** What is left of the chroma of a frame without a name. */
const UNNAMED_CHROMA = 0.25;

export interface Palette {
  theme: Theme;
  /** Behind all frames. */
  surface: string;
  /** Text on any fill and on the surface. */
  ink: string;
  /** Quiet text: of unnamed frames and of axes. */
  dullInk: string;
  /** By `fillSlot`. */
  fills: readonly string[];
  /** By `fillSlot`: bars and lines that mark kernel frames, wakers and matches. */
  marks: readonly string[];
  hatch: string;
  /** Focus and selection: outer ring, and the inner one that keeps it visible on a like fill. */
  ring: string;
  ringInner: string;
  selection: string;
  hover: string;
  /** Bars of strips and histograms, and the same where they are selected or beside the selection. */
  bar: string;
  barQuiet: string;
  /** Lines of axes and frames of panels. */
  line: string;
}

/** Hue in degrees, chroma and luminance of CIELCh; the degrees of a hue step where they are not HUE_STEP_DEGREES. */
type Shade = readonly [hue: number, chroma: number, luminance: number, hueStep?: number];

interface Shades {
  roles: Record<Role, Shade>;
  /** Of user frames by what made their code; absent: as user frames. */
  codes?: Record<CodeKind, Shade>;
  /** Of role kind, by place in LIFE_ORDER. */
  lives: readonly Shade[];
  matched: Shade;
  run: Shade;
  /** Hues of those whose time it is, in degrees from the first; luminances take turns. */
  owners: { chroma: number; luminances: readonly number[] };
  /** Time of none or of nobody known, of one of the many that have no colour of their own, of several. */
  ownedByNone: Shade;
  ownedByRest: Shade;
  ownedBySeveral: Shade;
  /** What did not change, and what grew or shrank, from the least step to the largest. */
  unchanged: Shade;
  grew: readonly Shade[];
  shrank: readonly Shade[];
  /** Luminance added to unnamed frames: towards the surface. */
  unnamedLuminance: number;
  /** Luminance of marks is the fill's plus this. */
  markLuminance: number;
}

const SHADES: Record<Theme, Shades> = {
  light: {
    roles: {
      root: [250, 3, 91],
      comm: [80, 7, 87],
      user: [258, 26, 82],
      kernel: [272, 40, 69],
      separator: [250, 1, 79],
      'waker-kernel': [205, 32, 82],
      'waker-user': [168, 36, 84],
      'waker-comm': [138, 44, 80],
      marker: [250, 2, 88],
      group: [312, 14, 84],
      kind: [54, 50, 80],
    },
    lives: [
      [40, 48, 76],
      [264, 48, 78],
      [82, 54, 86],
      [318, 36, 78],
    ],
    matched: [338, 58, 74],
    run: [250, 3, 93],
    owners: { chroma: 36, luminances: [84, 75] },
    ownedByNone: [80, 7, 87],
    ownedByRest: [250, 5, 95],
    ownedBySeveral: [250, 2, 74],
    unchanged: [250, 2, 88],
    grew: [
      [48, 14, 88],
      [44, 28, 84],
      [40, 42, 78],
      [36, 56, 71],
    ],
    shrank: [
      [250, 13, 86],
      [255, 20, 81],
      [260, 32, 75],
      [265, 44, 68],
    ],
    unnamedLuminance: 5,
    markLuminance: -40,
  },
  dark: {
    roles: {
      root: [265, 6, 24],
      comm: [80, 7, 33],
      user: [258, 32, 43],
      kernel: [277, 38, 31],
      separator: [265, 2, 38],
      'waker-kernel': [212, 26, 41],
      'waker-user': [172, 28, 42],
      'waker-comm': [140, 38, 38],
      marker: [265, 3, 29],
      group: [312, 16, 34],
      kind: [50, 48, 38],
    },
    lives: [
      [40, 50, 38],
      [264, 46, 40],
      [80, 44, 44],
      [318, 40, 36],
    ],
    matched: [338, 52, 40],
    run: [265, 5, 20],
    owners: { chroma: 36, luminances: [42, 33] },
    ownedByNone: [80, 7, 33],
    ownedByRest: [265, 5, 23],
    ownedBySeveral: [265, 2, 43],
    unchanged: [265, 2, 30],
    grew: [
      [40, 16, 30],
      [38, 28, 33],
      [36, 40, 37],
      [34, 52, 42],
    ],
    shrank: [
      [262, 12, 30],
      [264, 22, 34],
      [266, 32, 38],
      [268, 42, 43],
    ],
    unnamedLuminance: -8,
    markLuminance: 37,
  },
};

/** In place of those of waits: user frames from red to yellow, kernel frames orange. */
const WARM: Record<Theme, Pick<Shades['roles'], 'user' | 'kernel'>> = {
  light: { user: [64, 40, 84, 10], kernel: [54, 66, 71] },
  dark: { user: [58, 36, 43, 9], kernel: [48, 40, 30] },
};

/** As flame graphs of CPUs have them: code of a JIT green, inlined aqua, C++ yellow. */
const WARM_CODES: Record<Theme, Record<CodeKind, Shade>> = {
  light: {
    jit: [140, 42, 82],
    interpreted: [128, 20, 88],
    inlined: [195, 32, 84],
    stub: [80, 10, 80],
    cpp: [97, 52, 91],
  },
  dark: {
    jit: [145, 38, 39],
    interpreted: [135, 16, 34],
    inlined: [205, 28, 42],
    stub: [75, 8, 36],
    cpp: [98, 42, 42],
  },
};

/** User frames by what made their code. */
const CODE_SLOT = ROLES.length * 2 * HUE_STEPS;
const MATCHED_SLOT = CODE_SLOT + CODE_KINDS.length * HUE_STEPS;
const UNCHANGED_SLOT = MATCHED_SLOT + HUE_STEPS + DIFF_STEPS;
/** Frames of what ran, in a graph of what threads were at: user, kernel, each with a name and without. */
const RAN_SLOT = UNCHANGED_SLOT + DIFF_STEPS + 1;
/** Frames coloured by whose time they are. */
const OWNER_SLOT = RAN_SLOT + 4 * HUE_STEPS;
/** The last one, and so over the frames whose pixels it shares. */
const RUN_SLOT = OWNER_SLOT + (OWNER_COLOURS + 3) * HUE_STEPS;
export const FILL_SLOTS = RUN_SLOT + 1;

/** Index into `fills` of a frame: its role, whether it has a name, and the hue step of its label. */
export function fillSlot(role: number, isUnnamed: boolean, hueStep: number): number {
  return (role * 2 + (isUnnamed ? 1 : 0)) * HUE_STEPS + hueStep;
}

/** Of a user frame whose code is of that kind, an index into CODE_KINDS. The same as `fillSlot` where waits are shown. */
export function codeSlot(code: number, hueStep: number): number {
  return CODE_SLOT + code * HUE_STEPS + hueStep;
}

/** As `fillSlot`, of a user or kernel frame of what ran among what waited. */
export function ranSlot(isKernel: boolean, isUnnamed: boolean, hueStep: number): number {
  return RAN_SLOT + ((isKernel ? 2 : 0) + (isUnnamed ? 1 : 0)) * HUE_STEPS + hueStep;
}

/** `colour` is one of OWNER_COLOURS, or OWNED_BY_NONE and what follows it. */
export function ownerSlot(colour: number, hueStep: number): number {
  return OWNER_SLOT + colour * HUE_STEPS + hueStep;
}

/** Fill of what belongs to one owner, for legends and lists. */
export function ownerColour(theme: Theme, colour: number): string {
  return paletteOf(theme).fills[ownerSlot(colour, (HUE_STEPS - 1) / 2)]!;
}

export function matchedSlot(hueStep: number): number {
  return MATCHED_SLOT + hueStep;
}

/** Frames too narrow to draw, joined. */
export function runSlot(): number {
  return RUN_SLOT;
}

/** What changed, by step: below zero shrank, above grew, as `diffStepOf` gives it. */
export function diffSlot(step: number): number {
  return UNCHANGED_SLOT + step;
}

/** The same label has the same hue in every view, host and year. */
export function hueStepOf(label: string): number {
  return hashOf(label) % HUE_STEPS;
}

/** FNV-1a over code units, its high bits folded in. */
export function hashOf(label: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < label.length; index++) {
    hash = Math.imul(hash ^ label.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}

export function paletteOf(theme: Theme, tone: Tone = 'waits'): Palette {
  return tone === 'cpu' ? CPU_PALETTES[theme] : PALETTES[theme];
}

/** Fill of user frames of one kind of code. */
export function codeColour(theme: Theme, kind: CodeKind, tone: Tone = 'waits'): string {
  return paletteOf(theme, tone).fills[codeSlot(CODE_KINDS.indexOf(kind), (HUE_STEPS - 1) / 2)]!;
}

/** What threads are at, in the order of legends; the label of such a node decides its colour, not a hash of it. */
export const LIFE_ORDER = ['on-cpu', 'blocked', 'runq', 'preempted'] as const satisfies readonly RowKind[];

/** In place of the hue step, of a step that says what threads are at. */
export function lifeStepOf(label: string): number {
  const step = LIFE_ORDER.findIndex((kind) => LIFE_STEPS[kind] === label);
  return step < 0 ? HUE_STEPS - 1 : step;
}

/** Fill of what threads are at, for timelines and legends. */
export function lifeColour(theme: Theme, kind: RowKind): string {
  return paletteOf(theme).fills[fillSlot(KIND_ROLE, false, LIFE_ORDER.indexOf(kind))]!;
}

/** Of the texture over it. */
export function lifeMarkColour(theme: Theme, kind: RowKind): string {
  return paletteOf(theme).marks[fillSlot(KIND_ROLE, false, LIFE_ORDER.indexOf(kind))]!;
}

const KIND_ROLE = ROLES.indexOf('kind');

/** Fill of a role in its own hue, for chips, tables and legends. */
export function roleColour(theme: Theme, role: Role, tone: Tone = 'waits'): string {
  return paletteOf(theme, tone).fills[fillSlot(ROLES.indexOf(role), false, (HUE_STEPS - 1) / 2)]!;
}

const PALETTES: Record<Theme, Palette> = {
  light: {
    theme: 'light',
    surface: '#ffffff',
    ink: '#10151c',
    dullInk: '#363e49',
    ...fillsOf(SHADES.light, WARM.light),
    hatch: '#bac0c9',
    ring: '#10151c',
    ringInner: '#ffffff',
    selection: '#10151c',
    hover: '#10151c',
    bar: hcl(265, 44, 56).formatHex(),
    barQuiet: hcl(258, 14, 84).formatHex(),
    line: '#d5d9df',
  },
  dark: {
    theme: 'dark',
    surface: '#0f1318',
    ink: '#f1f4f7',
    dullInk: '#c6cdd6',
    ...fillsOf(SHADES.dark, WARM.dark),
    hatch: '#50565f',
    ring: '#ffffff',
    ringInner: '#0f1318',
    selection: '#ffffff',
    hover: '#ffffff',
    bar: hcl(262, 42, 62).formatHex(),
    barQuiet: hcl(262, 14, 30).formatHex(),
    line: '#2b323b',
  },
};

/** Steps of a heatmap of samples beside none. */
const SAMPLE_HEAT_STEPS = 6;
/** Steps of a heatmap of counts beside none. */
export const HEAT_STEPS = 9;

/** From no sample to the most in a cell: darker on light, lighter on dark. */
export function heatColours(theme: Theme): readonly string[] {
  return HEAT[theme];
}

/** From one to the most in a cell, HEAT_STEPS of them, of the same colours. */
export function heatRamp(theme: Theme): readonly string[] {
  return RAMP[theme];
}

/** A cell of a heatmap in which nothing was counted. */
export function heatZero(theme: Theme): string {
  return HEAT[theme][0]!;
}

const HEAT_ENDS: Record<Theme, { zero: Shade; least: Shade; most: Shade }> = {
  light: { zero: [250, 2, 95], least: [82, 34, 90], most: [22, 78, 42] },
  dark: { zero: [265, 4, 17], least: [30, 40, 26], most: [76, 62, 82] },
};

const HEAT: Record<Theme, readonly string[]> = { light: heatOf('light'), dark: heatOf('dark') };
const RAMP: Record<Theme, readonly string[]> = {
  light: heatSteps(HEAT_ENDS.light, HEAT_STEPS),
  dark: heatSteps(HEAT_ENDS.dark, HEAT_STEPS),
};

function heatOf(theme: Theme): readonly string[] {
  const ends = HEAT_ENDS[theme];
  const [hue, chroma, luminance] = ends.zero;
  return [hcl(hue, chroma, luminance).formatHex(), ...heatSteps(ends, SAMPLE_HEAT_STEPS)];
}

function heatSteps({ least, most }: { least: Shade; most: Shade }, steps: number): string[] {
  const [h0, c0, l0] = least;
  const [h1, c1, l1] = most;
  return Array.from({ length: steps }, (_, step) => {
    const at = step / (steps - 1);
    return hcl(h0 + (h1 - h0) * at, c0 + (c1 - c0) * at, l0 + (l1 - l0) * at).formatHex();
  });
}

const CPU_PALETTES: Record<Theme, Palette> = {
  light: { ...PALETTES.light, ...fillsOf(warm('light'), WARM.light) },
  dark: { ...PALETTES.dark, ...fillsOf(warm('dark'), WARM.dark) },
};

function warm(theme: Theme): Shades {
  return { ...SHADES[theme], roles: { ...SHADES[theme].roles, ...WARM[theme] }, codes: WARM_CODES[theme] };
}

function fillsOf(
  shades: Shades,
  ran: Pick<Shades['roles'], 'user' | 'kernel'>,
): Pick<Palette, 'fills' | 'marks'> {
  const fills: string[] = [];
  const marks: string[] = [];
  const add = ([hue, chroma, luminance, hueStep = HUE_STEP_DEGREES]: Shade, step: number) => {
    const shift = step - (HUE_STEPS - 1) / 2;
    // Greys have no hue to shift; their luminance alone tells neighbours apart.
    const shifted = hue + shift * hueStep;
    const fill = luminance + shift * HUE_STEP_LUMINANCE;
    fills.push(hcl(shifted, chroma, fill).formatHex());
    marks.push(hcl(shifted, Math.max(chroma, 12), fill + shades.markLuminance).formatHex());
  };
  const dulled = (shade: Shade): Shade => [
    shade[0],
    shade[1] * UNNAMED_CHROMA,
    shade[2] + shades.unnamedLuminance,
  ];
  for (const role of ROLES) {
    const shade = shades.roles[role];
    const dull = dulled(shade);
    for (let step = 0; step < HUE_STEPS; step++) {
      if (role === 'kind') add(shades.lives[step] ?? shade, (HUE_STEPS - 1) / 2);
      else add(shade, step);
    }
    for (let step = 0; step < HUE_STEPS; step++) add(dull, step);
  }
  for (const kind of CODE_KINDS) {
    for (let step = 0; step < HUE_STEPS; step++) add(shades.codes?.[kind] ?? shades.roles.user, step);
  }
  for (let step = 0; step < HUE_STEPS; step++) add(shades.matched, step);
  const middle = (HUE_STEPS - 1) / 2;
  for (const shade of [...shades.shrank].reverse()) add(shade, middle);
  add(shades.unchanged, middle);
  for (const shade of shades.grew) add(shade, middle);
  for (const shade of [ran.user, ran.kernel]) {
    for (let step = 0; step < HUE_STEPS; step++) add(shade, step);
    for (let step = 0; step < HUE_STEPS; step++) add(dulled(shade), step);
  }
  for (let colour = 0; colour < OWNER_COLOURS; colour++) {
    const { chroma, luminances } = shades.owners;
    const luminance = luminances[colour % luminances.length]!;
    const hue = FIRST_OWNER_HUE + colour * OWNER_HUE_DEGREES;
    // Its frames differ in lightness alone: their hue says whose they are.
    for (let step = 0; step < HUE_STEPS; step++) add([hue, chroma, luminance, 0], step);
  }
  for (const shade of [shades.ownedByNone, shades.ownedByRest, shades.ownedBySeveral]) {
    for (let step = 0; step < HUE_STEPS; step++) add([shade[0], shade[1], shade[2], 0], step);
  }
  add(shades.run, middle);
  return { fills, marks };
}
