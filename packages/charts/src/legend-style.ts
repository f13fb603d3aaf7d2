/** Owns the look of a legend’s list: entries in lines that wrap, as small as text may be. */
import type { CSSProperties } from 'react';

export const LEGEND_STYLE: CSSProperties = {
  display: 'flex',
  flexWrap: 'wrap',
  gap: '4px 14px',
  margin: 0,
  padding: 0,
  listStyle: 'none',
  fontSize: 12,
  lineHeight: '18px',
};
