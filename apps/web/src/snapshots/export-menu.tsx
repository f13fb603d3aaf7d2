'use client';
/** Owns taking the present view elsewhere: a menu of formats, and words for what a format cannot carry. */
import { formatBytes } from '@stallscope/charts';
import type { DiffWidth } from '@stallscope/profile';
import type { SnapshotNote } from '@stallscope/protocol';
import { DropdownMenu } from 'radix-ui';
import { type ReactElement, type ReactNode, useState } from 'react';
import { ActWord } from '../controls/act-word';
import type { LiveView } from '../live/live-store';
import type { Made, MakeRequest } from '../make/make-messages';
import type { Selection } from '../selection/selection';
import { download } from './download';
import { DIFFERENCE_EXPORTS, EXPORTS, toFileName } from './export-formats';

export interface ExportMenuProps {
  make: (request: MakeRequest) => Promise<Made>;
  /** What the file says of itself. */
  note: () => SnapshotNote;
  /** Of the file's name: host, view. */
  nameParts: readonly string[];
  /** Whose widths the boxes of the difference have that is on the screen; null where there is none. */
  difference: DiffWidth | null;
  isDisabled: boolean;
}

type State =
  | { step: 'idle' }
  | { step: 'making'; format: string }
  | { step: 'made'; fileName: string; bytes: number; lost: readonly string[] }
  | { step: 'failed'; format: string; message: string; hint: string };

export function ExportMenu(props: ExportMenuProps): ReactElement {
  const { difference } = props;
  const [state, setState] = useState<State>({ step: 'idle' });

  async function exportAs(
    name: string,
    toRequest: (note: SnapshotNote) => MakeRequest,
    nameParts = props.nameParts,
  ): Promise<void> {
    setState({ step: 'making', format: name });
    const note = props.note();
    const made = await props.make(toRequest(note));
    if (made.kind === 'failed') {
      setState({ step: 'failed', format: name, message: made.message, hint: made.hint });
    } else if (made.kind === 'export') {
      const fileName = toFileName(nameParts, note.createdAtMs, made.extension);
      download(made.bytes, made.mediaType, fileName);
      setState({ step: 'made', fileName, bytes: made.bytes.length, lost: made.lost });
    }
  }

  return (
    <>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="control" disabled={props.isDisabled || state.step === 'making'}>
          <ActWord sign="⤓" word={state.step === 'making' ? `Writing ${state.format}…` : 'Export'} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            collisionPadding={8}
            aria-label="Export this view"
            className="panel z-30 max-h-[80vh] w-96 max-w-[calc(100vw-16px)] overflow-y-auto bg-raised py-1 shadow-lg"
          >
            {difference !== null && (
              <>
                <Heading>What is compared, before and after in one file</Heading>
                {DIFFERENCE_EXPORTS.map(({ format, name, opens }) => (
                  <Choice
                    key={format}
                    name={name}
                    opens={opens}
                    onSelect={() =>
                      void exportAs(
                        name,
                        (note) => ({ kind: 'difference', format, width: difference, note }),
                        [...props.nameParts, 'difference'],
                      )
                    }
                  />
                ))}
              </>
            )}
            <Heading>
              {difference === null ? 'This view, with its filters, as a file' : 'The page’s own side alone'}
            </Heading>
            {EXPORTS.map(({ format, name, opens }) => (
              <Choice
                key={format}
                name={name}
                opens={opens}
                onSelect={() => void exportAs(name, (note) => ({ kind: 'export', format, note }))}
              />
            ))}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <ExportResult state={state} onClose={() => setState({ step: 'idle' })} />
    </>
  );
}

/** Whose widths the difference that is drawn has; null where none is. */
export function comparedWidth(
  { show, wide }: Pick<Selection, 'show' | 'wide'>,
  isThere: boolean,
): DiffWidth | null {
  return show === 'diff' && isThere ? wide : null;
}

/** Both sides are there, so that there is a difference to be drawn. */
export function hasDifference(view: Pick<LiveView, 'difference'> | null): boolean {
  return view?.difference?.state === 'ready';
}

function Heading({ children }: { children: ReactNode }): ReactElement {
  return <DropdownMenu.Label className="px-3 py-1 text-dull text-small">{children}</DropdownMenu.Label>;
}

function Choice(props: { name: string; opens: string; onSelect: () => void }): ReactElement {
  return (
    <DropdownMenu.Item
      className="cursor-pointer px-3 py-1 outline-none data-[highlighted]:bg-accent-soft"
      onSelect={props.onSelect}
    >
      <span className="font-semibold">{props.name}</span>{' '}
      <span className="text-dull text-small">{props.opens}</span>
    </DropdownMenu.Item>
  );
}

function ExportResult({ state, onClose }: { state: State; onClose: () => void }): ReactElement {
  const isShown = state.step === 'made' || state.step === 'failed';
  return (
    <div
      role="status"
      aria-label="Export"
      className={
        isShown
          ? 'panel fixed right-3 bottom-3 z-40 w-96 max-w-[calc(100vw-24px)] whitespace-normal bg-raised p-3 shadow-lg'
          : 'sr-only'
      }
    >
      {isShown && (
        <button
          type="button"
          className="float-right ml-2 flex h-6 w-6 items-center justify-center rounded-chip hover:bg-sunken"
          aria-label="Close"
          onClick={onClose}
        >
          <span aria-hidden="true">×</span>
        </button>
      )}
      {state.step === 'made' && (
        <>
          <p>
            Downloaded <strong className="break-all">{state.fileName}</strong>, {formatBytes(state.bytes)}
          </p>
          {state.lost.length > 0 && (
            <>
              <p className="mt-1 text-dull">What the format does not carry:</p>
              <ul className="ml-4 list-disc text-dull text-small">
                {state.lost.map((words) => (
                  <li key={words}>{words}</li>
                ))}
              </ul>
            </>
          )}
        </>
      )}
      {state.step === 'failed' && (
        <p className="text-bad">
          {state.format} was not written: {state.message} {state.hint}
        </p>
      )}
    </div>
  );
}
