'use client';
/**
 * Owns the controls of who is shown: by whom the graph is grouped and coloured, and, once it is grouped, which of the
 * groups alone. The groups to choose from are those of the graph, with their time.
 */
import { formatValue } from '@stallscope/charts';
import { type FlameTree, GROUP_KEYS, type GroupKey, ROLES, type ValueUnit } from '@stallscope/profile';
import { type ReactElement, useRef } from 'react';
import { Picker, type PickerOption } from '../host/picker';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { withoutWho, withWho } from '../selection/who-choice';
import type { GraphView } from '../viewer/graph-view';
import { WHO_WORDS } from './who-words';

export function WhoControls({
  view,
  selection,
  acts,
}: {
  view: GraphView | null;
  selection: Selection;
  acts: SelectionActs;
}): ReactElement {
  const { by } = selection;
  /** As they were listed: the graph goes on while the list is open. */
  const listed = useRef<readonly string[]>([]);
  const chosen = selection.who.find(({ key }) => key === by)?.value;
  return (
    <>
      <select
        aria-label="Group by"
        className="control h-6"
        title={
          by === null
            ? 'A step on top of each path that says whose it is (u)'
            : `Grouped by ${WHO_WORDS[by].help} (u)`
        }
        value={by ?? ''}
        onChange={(event) =>
          acts.reshape({ by: event.target.value === '' ? null : (event.target.value as GroupKey) })
        }
      >
        <option value="">not grouped</option>
        {GROUP_KEYS.map((key) => (
          <option key={key} value={key}>
            group by {WHO_WORDS[key].name}
          </option>
        ))}
      </select>
      <select
        aria-label="Colour by"
        className="control h-6"
        disabled={selection.show === 'diff' || selection.show === 'tree'}
        title={
          selection.colour === null
            ? 'Give each frame the colour of whose time it is: the one who waited or ran (k)'
            : `Coloured by ${WHO_WORDS[selection.colour].help} (k)`
        }
        value={selection.colour ?? ''}
        onChange={(event) =>
          acts.go({ colour: event.target.value === '' ? null : (event.target.value as GroupKey) })
        }
      >
        <option value="">colour by frame</option>
        {GROUP_KEYS.map((key) => (
          <option key={key} value={key}>
            colour by {WHO_WORDS[key].name}
          </option>
        ))}
      </select>
      {by !== null && (
        <Picker
          label={`Only ${WHO_WORDS[by].name}`}
          chosen={chosen ?? `every ${WHO_WORDS[by].name}`}
          chosenId={null}
          options={() => {
            const groups = groupsOf(view?.tree ?? null);
            listed.current = groups.map(({ label }) => label);
            return toOptions(groups, by, view?.unit ?? 'nanoseconds');
          }}
          onChoose={(id) => {
            const value = id === null ? undefined : listed.current[id];
            acts.reshape({
              who: value === undefined ? withoutWho(selection.who, by) : withWho(selection.who, by, value),
            });
          }}
        />
      )}
    </>
  );
}

const GROUP = ROLES.indexOf('group');

/** The groups of a grouped graph, most time first. */
export function groupsOf(tree: FlameTree | null): { label: string; value: number }[] {
  const groups: { label: string; value: number }[] = [];
  if (tree === null) return groups;
  for (let node = tree.firstChild[0] ?? -1; node > 0; node = tree.nextSibling[node]!) {
    if (tree.role[node] !== GROUP) continue;
    groups.push({ label: tree.labels[tree.label[node]!]!, value: tree.totalValue[node]! });
  }
  return groups.sort((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1));
}

function toOptions(groups: ReturnType<typeof groupsOf>, by: GroupKey, unit: ValueUnit): PickerOption[] {
  return [
    { id: null, name: `every ${WHO_WORDS[by].name}`, detail: '', value: '' },
    ...groups.map(({ label, value }, id) => ({
      id,
      name: label,
      detail: '',
      value: formatValue(value, unit),
    })),
  ];
}
