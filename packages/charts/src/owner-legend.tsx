/**
 * Owns the legend of a graph that is coloured by whose time it is: each colour with its name and share, how many there are
 * beside them, and what is grey.
 */
import type { CSSProperties, ReactElement } from 'react';
import { formatPercent } from './format.js';
import { LEGEND_STYLE } from './legend-style.js';
import { OWNED_BY_REST, OWNED_BY_SEVERAL, ownerColour, paletteOf, type Theme } from './palette.js';

export interface OwnerLegendProps {
  theme: Theme;
  /** What owners are: `user`, and of several `users`. */
  name: string;
  plural: string;
  /** Most time first; colours as `OwnerColours` gives them. */
  listed: readonly { name: string; colour: number; value: number }[];
  rest: { count: number; value: number };
  /** What values are shares of. */
  totalValue: number;
  /** A click on a name; absent, names are not to be clicked. */
  onChoose?: ((name: string) => void) | undefined;
}

export function OwnerLegend(props: OwnerLegendProps): ReactElement {
  const { theme, listed, rest, totalValue, plural, onChoose } = props;
  const palette = paletteOf(theme);
  const share = (value: number) => (
    <span style={{ color: palette.dullInk, fontVariantNumeric: 'tabular-nums' }}>
      {totalValue > 0 ? formatPercent(value / totalValue) : ''}
    </span>
  );
  return (
    <ul aria-label={`Colours by ${props.name}`} style={{ ...LEGEND_STYLE, color: palette.ink }}>
      {listed.map(({ name, colour, value }) => {
        const words = (
          <>
            <Swatch colour={ownerColour(theme, colour)} />
            <span style={NAME_STYLE}>{name}</span>
            {share(value)}
          </>
        );
        return (
          <li key={name} style={{ minWidth: 0, maxWidth: '100%' }}>
            {onChoose === undefined ? (
              <span style={ENTRY_STYLE} title={name}>
                {words}
              </span>
            ) : (
              <button
                type="button"
                style={{ ...ENTRY_STYLE, cursor: 'pointer' }}
                title={`Only ${props.name} ${name}`}
                onClick={() => onChoose(name)}
              >
                {words}
              </button>
            )}
          </li>
        );
      })}
      {rest.count > 0 && (
        <li style={ENTRY_STYLE} title={`Each of these ${plural} has less time than those with a colour`}>
          <Swatch colour={ownerColour(theme, OWNED_BY_REST)} outline={palette.line} />
          {rest.count} more {plural} {share(rest.value)}
        </li>
      )}
      {listed.length + rest.count > 1 && (
        <li style={ENTRY_STYLE} title={`No ${props.name} has more than half of such a frame's time`}>
          <Swatch colour={ownerColour(theme, OWNED_BY_SEVERAL)} />
          several, none with more than half
        </li>
      )}
    </ul>
  );
}

function Swatch({ colour, outline }: { colour: string; outline?: string }): ReactElement {
  return (
    <span
      aria-hidden="true"
      style={{
        background: colour,
        width: 18,
        height: 12,
        flex: 'none',
        ...(outline !== undefined && { boxShadow: `inset 0 0 0 1px ${outline}` }),
      }}
    />
  );
}

const ENTRY_STYLE: CSSProperties = {
  display: 'inline-flex',
  alignItems: 'center',
  gap: 6,
  maxWidth: '100%',
  minHeight: 18,
  whiteSpace: 'nowrap',
};

/** Command lines and cgroup paths are long: the tooltip has them whole. */
const NAME_STYLE: CSSProperties = { overflow: 'hidden', textOverflow: 'ellipsis', maxWidth: '22rem' };
