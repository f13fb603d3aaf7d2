/** Owns what Escape takes away: the innermost of what narrows the view, one step at a time. */
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';

export function stepOut(selection: Selection, acts: SelectionActs): void {
  if (selection.zoom !== null) {
    const { zoom } = selection;
    const path = zoom.kind === 'path' ? zoom.path.slice(0, -1) : [];
    acts.go({ zoom: path.length === 0 ? null : { kind: 'path', path } });
  } else if (selection.sel !== null) acts.amend({ sel: null });
  else if (selection.q !== '') acts.amend({ q: '' });
  else if (selection.only !== null) acts.go({ only: null });
  else if (selection.focus !== null) acts.reshape({ focus: null });
  else if (selection.heat !== null && selection.lat !== null) acts.go({ lat: null });
}
