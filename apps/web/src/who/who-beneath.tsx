'use client';
/** Owns what the details of a frame say of whose it is: its processes, users, containers and so on; a click keeps one. */
import { isNoGroup, type NodeDetails } from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { SelectionActs } from '../selection/use-selection';
import { type WhoChoice, withWho } from '../selection/who-choice';
import { DetailList } from '../viewer/detail-list';
import { WHO_WORDS } from './who-words';

export function WhoBeneath({
  owners,
  value,
  who,
  acts,
}: Pick<NodeDetails, 'owners' | 'value'> & {
  who: readonly WhoChoice[];
  acts: SelectionActs;
}): ReactElement {
  return (
    <>
      {owners.map(({ key, listed, total }) => (
        <DetailList
          key={key}
          title={capital(total === 1 ? WHO_WORDS[key].name : WHO_WORDS[key].plural)}
          help={`Whose it is: ${WHO_WORDS[key].help}; a click keeps one`}
          total={total}
          rows={listed.map(({ label, value: part }) => ({
            key: label,
            value: part,
            words: (
              <button
                type="button"
                className={`min-w-0 truncate text-left hover:underline ${isNoGroup(label) ? 'text-dull' : ''}`}
                title={`Only ${WHO_WORDS[key].name} ${label}`}
                onClick={() => acts.go({ who: withWho(who, key, label) })}
              >
                {label}
              </button>
            ),
          }))}
          of={value}
        />
      ))}
    </>
  );
}

function capital(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
