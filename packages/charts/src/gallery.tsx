/** Owns the page of fixtures: every chart, in every state that has broken one, in both themes. */
import type { ReactElement } from 'react';

export function Gallery(): ReactElement {
  return <main />;
}
