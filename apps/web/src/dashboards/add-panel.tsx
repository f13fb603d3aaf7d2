'use client';
/** Owns choosing a panel to add: all there are, by kind, found by words; what the host cannot show says so. */
import { type ReactElement, useState } from 'react';
import { Modal } from '../controls/modal';
import { KIND_TITLES, PANEL_CHOICES, PANEL_GROUPS, type PanelChoice } from './panel-choices';

export interface AddPanelProps {
  isOpen: boolean;
  onClose: () => void;
  onAdd: (choice: PanelChoice) => void;
  /** Why the dashboard's host cannot show it; null where it can. */
  refusalOf: (choice: PanelChoice) => string | null;
}

export function AddPanel({ isOpen, onClose, onAdd, refusalOf }: AddPanelProps): ReactElement {
  return (
    <Modal title="Add a panel" isOpen={isOpen} onClose={onClose} isWide>
      <Choices onAdd={onAdd} refusalOf={refusalOf} />
    </Modal>
  );
}

function Choices({ onAdd, refusalOf }: Pick<AddPanelProps, 'onAdd' | 'refusalOf'>): ReactElement {
  const [words, setWords] = useState('');
  const found = PANEL_CHOICES.filter((choice) => matches(textOf(choice), words));
  // What is called so comes before what is only about it.
  const best =
    words.trim() === '' ? undefined : (found.find(({ title }) => matches(title, words)) ?? found[0]);
  return (
    <div className="flex min-h-0 flex-col gap-3">
      <input
        data-first=""
        type="search"
        aria-label="Find a panel"
        placeholder="Find: disk, DNS, memory…"
        className="control w-full shrink-0"
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && best !== undefined) onAdd(best);
        }}
      />
      {found.length === 0 && <p className="text-dull">No panel has these words.</p>}
      {PANEL_GROUPS.map((name) => (
        <Group
          key={name}
          name={name}
          choices={found.filter(({ group }) => group === name)}
          best={best}
          onAdd={onAdd}
          refusalOf={refusalOf}
        />
      ))}
    </div>
  );
}

function Group({
  name,
  choices,
  best,
  onAdd,
  refusalOf,
}: Pick<AddPanelProps, 'onAdd' | 'refusalOf'> & {
  name: string;
  choices: readonly PanelChoice[];
  /** What the Enter key adds. */
  best: PanelChoice | undefined;
}): ReactElement | null {
  if (choices.length === 0) return null;
  return (
    <section aria-label={name}>
      <h3 className="mb-1 text-dull text-small">{name}</h3>
      <ul className="grid grid-cols-1 gap-1 sm:grid-cols-2">
        {choices.map((choice) => {
          const refusal = refusalOf(choice);
          return (
            <li key={`${choice.kind} ${choice.arg}`} className="flex min-w-0">
              <button
                type="button"
                className={`flex w-full min-w-0 flex-col rounded-chip border px-2 py-1 text-left ${choice === best ? 'border-accent' : 'border-line hover:border-line-strong'} ${refusal === null ? '' : 'bg-sunken'}`}
                onClick={() => onAdd(choice)}
              >
                <span className="flex gap-2">
                  <span className={refusal === null ? 'font-semibold' : 'text-dull'}>{choice.title}</span>
                  {choice === best && <span className="ml-auto text-dull text-small">Enter</span>}
                </span>
                <span className="line-clamp-2 text-dull text-small" title={refusal ?? choice.help}>
                  {refusal === null ? choice.help : `Not on this host: ${refusal}`}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function textOf({ kind, arg, title, help, group }: PanelChoice): string {
  return `${title} ${arg} ${KIND_TITLES[kind]} ${group} ${help}`;
}

/** Each word is somewhere in it, in any case. */
function matches(text: string, words: string): boolean {
  const lower = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
