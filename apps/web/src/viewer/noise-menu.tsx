'use client';
/**
 * Owns what the reader sees and changes of idle waits: one click hides them, a list says which and how much each is, and
 * each can be edited, turned off or added.
 */
import { formatPercent, formatValue } from '@stallscope/charts';
import type { ValueUnit } from '@stallscope/profile';
import { Popover } from 'radix-ui';
import { type FormEvent, memo, type ReactElement, useState } from 'react';
import type { NoiseTime } from '../live/beside-graph';
import {
  editedChoice,
  isCompilable,
  isPattern,
  MAX_NOISE_CHOICES,
  MAX_PATTERN_CHARS,
  NOISE_GROUNDS,
  type NoiseChoice,
  type NoiseEdit,
  ownChoice,
  stockChoice,
  toChoices,
  toEdit,
  withChoice,
} from '../selection/noise-choice';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { GROUND_WORDS } from '../words/shape-words';
import { hiddenValue } from './hidden-noise';

export interface NoiseMenuProps {
  /** Empty until it was measured. */
  noise: readonly NoiseTime[];
  /** All that the query keeps, hidden or not. */
  allValue: number;
  unit: ValueUnit;
  selection: Selection;
  acts: SelectionActs;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** All on that are certain, or everything off; what was edited stays as it was edited. */
export function toggleNoise(named: readonly NoiseChoice[]): NoiseChoice[] {
  const choices = toChoices(named);
  const isOn = !choices.some((choice) => choice.isOn);
  return choices
    .map((choice) => ({ ...choice, isOn: isOn && choice.preset.isCertain !== false }))
    .filter((choice) => choice.isOn || choice.origin !== 'stock');
}

export function NoiseMenu(props: NoiseMenuProps): ReactElement {
  const { noise, unit, selection, acts, isOpen } = props;
  const choices = toChoices(selection.noise);
  const isOn = choices.some((choice) => choice.isOn);
  const total = noise.filter(({ isHidden }) => isHidden || !isOn).reduce((sum, { value }) => sum + value, 0);
  const amount = noise.length === 0 ? '' : formatValue(isOn ? hiddenValue(noise) : total, unit);
  return (
    <span className="inline-flex">
      <button
        type="button"
        className="control h-6 rounded-r-none"
        aria-pressed={isOn}
        title={
          isOn
            ? 'Show idle waits again (n)'
            : 'Hide waits for work: event loops, pools, kernel threads, sleeps (n)'
        }
        onClick={() => acts.go({ noise: toggleNoise(selection.noise) })}
      >
        {isOn ? 'idle hidden' : 'hide idle'} <span className="text-dull sm:max-xl:hidden">{amount}</span>
      </button>
      {/* Closed, it shows no times, and no update changes it. */}
      <NoiseList {...props} noise={isOpen ? noise : NOTHING} allValue={isOpen ? props.allValue : 0} />
    </span>
  );
}

const NOTHING: readonly NoiseTime[] = [];

const NoiseList = memo(function NoiseList(props: NoiseMenuProps): ReactElement {
  const { noise, unit, selection, acts } = props;
  const choices = toChoices(selection.noise);
  return (
    <Popover.Root open={props.isOpen} onOpenChange={props.onOpenChange}>
      <Popover.Trigger
        className="control h-6 w-6 justify-center rounded-l-none border-l-0 px-0"
        aria-label="Idle waits, each by itself"
        title="Which waits count as idle"
      >
        <span aria-hidden="true">▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label="Idle waits"
          className="panel z-30 max-h-[min(70vh,var(--radix-popover-content-available-height))] w-[30rem] max-w-[calc(100vw-16px)] overflow-y-auto bg-raised p-3 shadow-lg"
        >
          <h3 className="font-semibold">Waits that are nobody’s problem</h3>
          <p className="text-dull">
            What is ticked is left out of the graph, and what it hides is always said below it. Only blocked
            time is ever hidden; a wait counts under the first that matches.
          </p>
          <ul className="mt-2 flex flex-col gap-2">
            {choices.map((choice) => (
              <Choice
                key={choice.preset.id}
                choice={choice}
                time={noise.find(({ id }) => id === choice.preset.id)}
                allValue={props.allValue}
                unit={unit}
                onChange={(next) => acts.amend({ noise: withChoice(selection.noise, next) })}
                onRemove={() =>
                  acts.amend({
                    noise: selection.noise.filter(({ preset }) => preset.id !== choice.preset.id),
                  })
                }
              />
            ))}
          </ul>
          {selection.noise.length < MAX_NOISE_CHOICES ? (
            <AddOwn
              isTaken={(name) => choices.some(({ preset }) => preset.id === `*${name}`)}
              onAdd={(choice) => acts.amend({ noise: withChoice(selection.noise, choice) })}
            />
          ) : (
            <p className="mt-2 text-dull">No more than {MAX_NOISE_CHOICES} fit into a link.</p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
});

function Choice(props: {
  choice: NoiseChoice;
  time: NoiseTime | undefined;
  allValue: number;
  unit: ValueUnit;
  onChange: (choice: NoiseChoice) => void;
  onRemove: () => void;
}): ReactElement {
  const { choice, time, unit } = props;
  const { preset, isOn, origin } = choice;
  const [isEditing, setEditing] = useState(false);
  return (
    <li className="border-line border-t pt-2">
      <div className="flex items-start gap-2">
        <label className="flex min-w-0 flex-1 items-start gap-2">
          <input
            type="checkbox"
            className="mt-0.5 accent-(--accent)"
            checked={isOn}
            onChange={() => props.onChange({ ...choice, isOn: !isOn })}
          />
          <span className="min-w-0">
            <span className="font-semibold">{preset.name}</span>
            {origin === 'edited' && <span className="text-warn"> edited</span>}
            <span className="block text-dull text-small">{preset.help}</span>
            {preset.isCertain === false && (
              <span className="block text-small text-warn">
                May hide what holds somebody up: tick it only after looking.
              </span>
            )}
          </span>
        </label>
        <span className="whitespace-nowrap text-right">
          {time === undefined ? (
            <span className="text-dull">–</span>
          ) : (
            <>
              {formatValue(time.value, unit)}
              <span className="block text-dull text-small">
                {isOn ? 'hidden' : 'would hide'}
                {props.allValue > 0 && ` ${formatPercent(time.value / props.allValue)}`}
              </span>
            </>
          )}
        </span>
      </div>
      <div className="mt-1 flex flex-wrap items-center gap-2 pl-5">
        {isEditing ? (
          <EditForm
            edit={preset}
            submit="Apply"
            onSubmit={(edit) => {
              setEditing(false);
              props.onChange(
                origin === 'own' ? ownChoice(preset.name, edit, isOn) : editedChoice(preset, edit, isOn),
              );
            }}
            onCancel={() => setEditing(false)}
          />
        ) : (
          <>
            <code className="min-w-0 max-w-full truncate text-dull text-small" title={preset.pattern}>
              {GROUND_WORDS[preset.on]} /{preset.pattern}/
              {preset.and === undefined ? '' : ` and /${preset.and}/`}
              {preset.unless === undefined ? '' : ` unless /${preset.unless}/`}
            </code>
            <button
              type="button"
              className="text-accent text-small hover:underline"
              aria-label={`Edit ${preset.name}`}
              onClick={() => setEditing(true)}
            >
              edit
            </button>
            {origin === 'edited' && (
              <button
                type="button"
                className="text-accent text-small hover:underline"
                aria-label={`Reset ${preset.name}`}
                onClick={() => {
                  const stock = stockChoice(preset.id, isOn);
                  if (stock !== undefined) props.onChange(stock);
                }}
              >
                reset
              </button>
            )}
            {origin === 'own' && (
              <button
                type="button"
                className="text-accent text-small hover:underline"
                aria-label={`Remove ${preset.name}`}
                onClick={props.onRemove}
              >
                remove
              </button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

function EditForm(props: {
  edit: NoiseEdit;
  submit: string;
  onSubmit: (edit: NoiseEdit) => void;
  onCancel?: () => void;
}): ReactElement {
  const [on, setOn] = useState(props.edit.on);
  const [pattern, setPattern] = useState(props.edit.pattern);
  const [and, setAnd] = useState(props.edit.and ?? '');
  const [unless, setUnless] = useState(props.edit.unless ?? '');
  const edit = toEdit(on, pattern, and, unless);
  const isWhole = pattern !== '' && isCompilable(edit);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    // A form within a form's popover: the outer one must not hear it.
    event.stopPropagation();
    if (isWhole) props.onSubmit(edit);
  }
  return (
    <form className="flex w-full flex-wrap items-center gap-1.5" onSubmit={onSubmit}>
      <span className="text-small">a thread that</span>
      <select
        aria-label="Judged by"
        className="control h-6"
        value={on}
        onChange={(event) => setOn(event.target.value as NoiseEdit['on'])}
      >
        {NOISE_GROUNDS.map((ground) => (
          <option key={ground} value={ground}>
            {GROUND_WORDS[ground]}
          </option>
        ))}
      </select>
      <PatternBox label="Pattern" value={pattern} onChange={setPattern} />
      <span className="text-small">and has or is named</span>
      <PatternBox label="Second pattern" value={and} onChange={setAnd} placeholder="anything" />
      <span className="text-small">unless it has</span>
      <PatternBox label="Exception" value={unless} onChange={setUnless} placeholder="nothing" />
      <button type="submit" className="control h-6" disabled={!isWhole}>
        {props.submit}
      </button>
      {props.onCancel !== undefined && (
        <button type="button" className="control h-6" onClick={props.onCancel}>
          Cancel
        </button>
      )}
      {!isWhole && pattern !== '' && <span className="text-bad text-small">not a regular expression</span>}
    </form>
  );
}

function PatternBox(props: {
  label: string;
  value: string;
  placeholder?: string;
  onChange: (value: string) => void;
}): ReactElement {
  return (
    <input
      aria-label={props.label}
      aria-invalid={!isPattern(props.value)}
      className="control h-6 min-w-0 flex-1 basis-40 font-mono"
      spellCheck={false}
      autoComplete="off"
      maxLength={MAX_PATTERN_CHARS}
      placeholder={props.placeholder ?? 'regular expression'}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

function AddOwn(props: {
  isTaken: (name: string) => boolean;
  onAdd: (choice: NoiseChoice) => void;
}): ReactElement {
  const [name, setName] = useState('');
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <button type="button" className="mt-3 control h-6" onClick={() => setOpen(true)}>
        Add one of your own
      </button>
    );
  }
  const isTaken = props.isTaken(name);
  return (
    <div className="mt-3 flex flex-col gap-1.5 border-line border-t pt-2">
      <input
        aria-label="Name"
        className="control h-6"
        placeholder="Its name, such as: consumers of the queue"
        maxLength={40}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {isTaken && <span className="text-bad text-small">There is one of this name.</span>}
      <EditForm
        edit={{ on: 'frame', pattern: '' }}
        submit="Add"
        onSubmit={(edit) => {
          if (name === '' || isTaken) return;
          props.onAdd(ownChoice(name, edit, true));
          setName('');
          setOpen(false);
        }}
        onCancel={() => setOpen(false)}
      />
    </div>
  );
}
