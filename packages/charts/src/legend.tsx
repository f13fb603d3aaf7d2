/**
 * Owns what the colours mean, in words beside swatches that carry the same marks as the frames: a bar for the kernel, a
 * line for wakers, hatching for markers, textures for what threads were at.
 */
import { LIFE_STEPS, ROLES, type Role } from '@stallscope/profile';
import { type CSSProperties, memo, type ReactElement } from 'react';
import { CODE_WORDS, type CodeKind } from './code-kinds.js';
import { LEGEND_STYLE } from './legend-style.js';
import { lifeSwatch } from './life-marks.js';
import {
  codeColour,
  fillSlot,
  HUE_STEPS,
  LIFE_ORDER,
  matchedSlot,
  type Palette,
  paletteOf,
  type Theme,
  type Tone,
} from './palette.js';
import { ROLE_WORDS } from './role-words.js';

export interface LegendProps {
  theme: Theme;
  /** Default that of waits. */
  tone?: Tone | undefined;
  /** Roles that the view can show, in the order to list them. */
  roles: readonly Role[];
  /** Kinds of code that the graph has, in the order to list them. */
  codes?: readonly CodeKind[] | undefined;
  /** Colours say whose the time is: what is left are the marks. */
  isOwned?: boolean | undefined;
  /** Adds the swatch of frames without a name. */
  hasUnnamed?: boolean | undefined;
  /** Adds the swatch of search matches. */
  hasMatches?: boolean | undefined;
}

/** Told without colour too. */
const MARKED_ROLES: ReadonlySet<Role> = new Set<Role>([
  ...(['comm', 'kernel', 'separator', 'marker'] as const),
  ...(['waker-kernel', 'waker-user', 'waker-comm'] as const),
]);

const MIDDLE_STEP = (HUE_STEPS - 1) / 2;

export const Legend = memo(function Legend({
  theme,
  tone,
  roles,
  codes,
  isOwned,
  hasUnnamed,
  hasMatches,
}: LegendProps): ReactElement {
  const palette = paletteOf(theme, tone);
  const bare =
    isOwned === true ? { backgroundColor: 'transparent', outline: `1px solid ${palette.line}` } : {};
  const shown = isOwned === true ? roles.filter((role) => MARKED_ROLES.has(role)) : roles;
  return (
    <ul style={{ ...LEGEND_STYLE, color: palette.ink }}>
      {shown.flatMap((role) =>
        role === 'kind'
          ? LIFE_ORDER.map((kind) => (
              <Entry key={kind} swatch={lifeSwatch(theme, kind)} words={LIFE_STEPS[kind]} />
            ))
          : [
              <Entry
                key={role}
                swatch={{ ...swatchStyle(theme, role, tone), ...(role === 'marker' ? {} : bare) }}
                words={
                  role === 'user' && codes !== undefined ? `${ROLE_WORDS.user}, native` : shortWords(role)
                }
              />,
            ],
      )}
      {(isOwned === true ? undefined : codes)?.map((kind) => (
        <Entry
          key={kind}
          swatch={{ backgroundColor: codeColour(theme, kind, tone) }}
          words={CODE_WORDS[kind]}
        />
      ))}
      {hasUnnamed === true && (
        <Entry
          swatch={{ ...unnamedSwatch(palette), ...bare }}
          words={<i style={{ color: isOwned === true ? palette.ink : palette.dullInk }}>no name known</i>}
        />
      )}
      {hasMatches === true && <Entry swatch={matchSwatch(palette)} words="search match" />}
    </ul>
  );
});

/** The look of a role's frames as CSS, for chips and tables too. */
export function swatchStyle(theme: Theme, role: Role, tone?: Tone): CSSProperties {
  const palette = paletteOf(theme, tone);
  const slot = fillSlot(ROLES.indexOf(role), false, MIDDLE_STEP);
  const mark = palette.marks[slot]!;
  const shadows: string[] = [];
  if (role === 'kernel' || role === 'waker-kernel') shadows.push(`inset 2px 0 ${mark}`);
  if (role.startsWith('waker-')) shadows.push(`inset 0 1px ${mark}`);
  return {
    backgroundColor: palette.fills[slot]!,
    ...(role === 'marker'
      ? {
          backgroundImage: `repeating-linear-gradient(135deg, ${palette.hatch} 0 1px, transparent 1px 4px)`,
        }
      : {}),
    ...(shadows.length > 0 ? { boxShadow: shadows.join(', ') } : {}),
    color: palette.ink,
  };
}

function Entry({ swatch, words }: { swatch: CSSProperties; words: ReactElement | string }): ReactElement {
  return (
    <li style={{ display: 'inline-flex', alignItems: 'center', gap: 6, whiteSpace: 'nowrap' }}>
      <span aria-hidden="true" style={{ ...swatch, width: 18, height: 12, flex: 'none' }} />
      {words}
    </li>
  );
}

function shortWords(role: Role): ReactElement | string {
  const words = role === 'separator' ? '- user from kernel, -- next waker' : ROLE_WORDS[role];
  const isBold = role === 'comm' || role === 'waker-comm';
  return isBold ? <b style={{ fontWeight: 600 }}>{words}</b> : words;
}

function unnamedSwatch(palette: Palette): CSSProperties {
  return { backgroundColor: palette.fills[fillSlot(ROLES.indexOf('user'), true, MIDDLE_STEP)]! };
}

function matchSwatch(palette: Palette): CSSProperties {
  const slot = matchedSlot(MIDDLE_STEP);
  return { backgroundColor: palette.fills[slot]!, boxShadow: `inset 0 -2px ${palette.marks[slot]!}` };
}
