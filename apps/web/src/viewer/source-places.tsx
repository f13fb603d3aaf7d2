'use client';
/**
 * Owns where a function's code comes from: the lines that it was seen at, and the functions that the compiler inlined
 * there. The agent is asked when the reader asks, as reading debug information costs it a process and some time.
 */
import { readErrorAnswer, readSourceAnswer, type SourceAnswer } from '@stallscope/protocol';
import { type ReactElement, useRef, useState } from 'react';

export interface SourcePlacesProps {
  hostId: string;
  /** As the frame names them. */
  name: string;
  module: string;
}

type Asked = { state: 'not asked' } | { state: 'asking' } | { state: 'answered'; answer: SourceAnswer };

/** Give it a key of what is asked for: an answer is for one function. */
export function SourcePlaces({ hostId, name, module }: SourcePlacesProps): ReactElement {
  const [asked, setAsked] = useState<Asked>({ state: 'not asked' });
  const isAsking = useRef(false);

  async function ask(): Promise<void> {
    if (isAsking.current) return;
    isAsking.current = true;
    setAsked({ state: 'asking' });
    const answer = await askSource({ host: hostId, name, module });
    isAsking.current = false;
    setAsked({ state: 'answered', answer });
  }

  return (
    <section aria-label="Source">
      <h4 className="flex items-baseline gap-2 font-semibold">
        Source
        {asked.state !== 'answered' && (
          <button
            type="button"
            className="control h-6 font-normal"
            disabled={asked.state === 'asking'}
            title="Lines and inlined functions, by the debug information on the host"
            onClick={() => void ask()}
          >
            {asked.state === 'asking' ? 'looking on the host…' : 'find its lines'}
          </button>
        )}
      </h4>
      {asked.state === 'answered' && <Answer answer={asked.answer} />}
    </section>
  );
}

function Answer({ answer }: { answer: SourceAnswer }): ReactElement {
  return (
    <div aria-live="polite">
      <ul className="flex flex-col gap-1 text-small">
        {answer.places.map((place) => (
          <li key={JSON.stringify(place)}>
            {place.map((level, index) => (
              <div
                // biome-ignore lint/suspicious/noArrayIndexKey: levels have no other identity, and functions repeat in them
                key={index}
                className="grid grid-cols-[1rem_minmax(0,1fr)]"
              >
                <span aria-hidden="true" className="text-dull">
                  {index === 0 ? '' : '↳'}
                </span>
                <span className="wrap-anywhere min-w-0">
                  {index > 0 && <span className="text-dull">called at </span>}
                  <span className="font-mono" title={level.file}>
                    {lineOf(level)}
                  </span>
                  {level.function !== '' && (
                    <span className="text-dull">
                      {' in '}
                      {index < place.length - 1 && <em>inlined </em>}
                      <span className="font-mono">{level.function}</span>
                    </span>
                  )}
                </span>
              </div>
            ))}
          </li>
        ))}
      </ul>
      {answer.places.some((place) => place.length > 1) && (
        <p className="text-dull text-small">
          <span className="font-mono">stallscope record --inlines</span> has inlined functions as frames.
        </p>
      )}
      {answer.note !== '' && <p className="wrap-anywhere text-dull text-small">{answer.note}</p>}
    </div>
  );
}

/** `src/queue.cc:120:7`; the last two folders tell files of one name apart, the whole path is in the tooltip. */
function lineOf({ file, line, column }: SourceAnswer['places'][number][number]): string {
  const name = file.split('/').slice(-3).join('/');
  return `${name || '(file not told)'}${line > 0 ? `:${line}` : ''}${column > 0 ? `:${column}` : ''}`;
}

async function askSource(question: { host: string; name: string; module: string }): Promise<SourceAnswer> {
  const nothing = (note: string): SourceAnswer => ({ places: [], addresses: 0, note });
  try {
    const response = await fetch('/api/source', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(question),
    });
    const said: unknown = await response.json();
    return response.ok ? readSourceAnswer(said) : nothing(readErrorAnswer(said, response.status));
  } catch (error) {
    return nothing(`The hub does not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}
