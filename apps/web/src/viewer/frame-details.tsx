'use client';
/**
 * Owns the details of one frame of the graph: the exact numbers, who ended its waits and whose they were, how they waited
 * and for how long each time, the whole stack, and why it has no name if it has none. What leads elsewhere is a link.
 */
import {
  CODE_WORDS,
  codeKindOf,
  formatCount,
  formatExactValue,
  formatNs,
  formatValue,
  HistogramBars,
  ROLE_WORDS,
} from '@stallscope/charts';
import {
  type FlameTree,
  groupHints,
  isWaitView,
  type NodeDetails,
  type ProcessHint,
  pathOf,
  ROLES,
  type Role,
  type SampleDetails,
  UNNAMED,
  UNNAMED_WORDS,
  type ValueUnit,
  type View,
} from '@stallscope/profile';
import type { ReactElement, ReactNode } from 'react';
import { copyText } from '../controls/copy-text';
import { useTheme } from '../controls/theme';
import { toast } from '../controls/toast';
import type { PlaceDetails } from '../live/beside-graph';
import { findPlace, type Place, placeOf, writePlace } from '../selection/place';
import type { SelectionActs } from '../selection/use-selection';
import type { WhoChoice } from '../selection/who-choice';
import { WhoBeneath } from '../who/who-beneath';
import { markerHelp } from '../words/marker-words';
import { KIND_WORDS, STATE_WORDS, VIEW_WORDS } from '../words/view-help';
import { DetailList as List, SectionTitle, share } from './detail-list';
import { stackText } from './frame-text';
import { HintEntry } from './hint-entry';
import { SourcePlaces } from './source-places';

export interface FrameDetailsProps {
  tree: FlameTree;
  node: number;
  unit: ValueUnit;
  /** How the frame came here: `selected`, … */
  why: string;
  /** Null while they are made, and where there are none to be had. */
  details: NodeDetails | null;
  /** In place of `details`, of a profile from elsewhere. */
  sampleDetails: SampleDetails | null;
  /** Which of a chain's wakers the details tell of: 0 for the nearest. */
  wakerLevel: number;
  /** Null for a profile that has no views. */
  waitView: View | null;
  /** Of the processes of the view; those whose frames the details are of are told. */
  hints: readonly ProcessHint[];
  /** Whose agent can be asked about the code; null for what is kept or came from elsewhere. */
  hostId: string | null;
  acts: SelectionActs;
  /** Whose rows are shown already. */
  who: readonly WhoChoice[];
  onSelect: (place: Place | null) => void;
}

export function FrameDetails(props: FrameDetailsProps): ReactElement {
  const { tree, node, unit, details, sampleDetails, acts } = props;
  const role = ROLES[tree.role[node]!]!;
  const code = codeKindOf(tree, node);
  const isOfWaits = props.waitView === null || isWaitView(props.waitView);
  const label = node === 0 ? 'all' : tree.labels[tree.label[node]!]!;
  const module = tree.labels[tree.module[node]!]!;
  const unnamed = UNNAMED[tree.unnamed[node]!]!;
  const value = tree.totalValue[node]!;
  const parent = tree.parent[node]!;
  const count = tree.totalCount[node]!;
  const isTime = unit === 'nanoseconds';
  const help = role === 'marker' ? markerHelp(label) : undefined;
  return (
    <aside
      aria-label="Frame details"
      className="flex min-h-0 w-full min-w-0 flex-col gap-3 overflow-y-auto p-3 contain-strict"
    >
      <div>
        <p className="flex items-baseline gap-2 text-dull text-small">
          <span className="min-w-0 flex-1 truncate">
            {ROLE_WORDS[role]}
            {code !== undefined && `, ${CODE_WORDS[code]}`} · {props.why}
          </span>
          {node !== 0 && (
            <>
              <Copy name="Copy name" text={label} />
              <Copy name="Copy stack" text={stackText(tree, node)} />
            </>
          )}
        </p>
        <h3 className="break-all font-mono font-semibold">{label === '' ? '(no name)' : label}</h3>
        {module !== '' && <p className="break-all text-dull text-small">{module}</p>}
        {node === 0 && props.waitView !== null && (
          <p className="text-dull">{VIEW_WORDS[props.waitView].help}</p>
        )}
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
        <Fact name={isTime ? 'time' : 'value'} title={formatExactValue(value, unit)}>
          <strong>{formatValue(value, unit)}</strong>
          {details !== null && details.standardErrorNs > 0 && (
            <span className="text-dull" title="One standard error of the sampling">
              {' '}
              ± {formatNs(details.standardErrorNs)}
            </span>
          )}
        </Fact>
        <Fact name="of all">{share(value, tree.totalValue[0]!)}</Fact>
        {node !== 0 && <Fact name="of its parent">{share(value, tree.totalValue[parent]!)}</Fact>}
        <Fact name="in itself" title={formatExactValue(tree.selfValue[node]!, unit)}>
          {formatValue(tree.selfValue[node]!, unit)}
        </Fact>
        <Fact
          name={
            isTime && sampleDetails === null && isOfWaits ? 'waits' : unit === 'count' ? 'counted' : 'samples'
          }
          title={
            details === null
              ? undefined
              : props.waitView === 'cpu'
                ? 'Times that a thread was found here'
                : `Estimated; the stacks of ${details.captures.toLocaleString('en-GB')} of them were captured`
          }
        >
          {formatCount(Math.round(count))}
        </Fact>
        {sampleDetails !== null && unit === 'count' && (
          <Fact name="samples">{sampleDetails.samples.toLocaleString('en-GB')}</Fact>
        )}
        {isTime && sampleDetails === null && isOfWaits && (
          <Fact name="on average">{count > 0 ? formatNs(value / count) : '–'}</Fact>
        )}
      </dl>
      {help !== undefined && <p className="rounded-chip bg-warn-soft px-2 py-1 text-small">{help}</p>}
      {unnamed !== 'named' && (
        <p className="rounded-chip bg-warn-soft px-2 py-1 text-small">
          <strong>No name.</strong> {UNNAMED_WORDS[unnamed].why} {UNNAMED_WORDS[unnamed].remedy}
        </p>
      )}
      {details !== null && <Hints hints={hintsOf(props.hints, tree, node, details)} />}
      {props.hostId !== null && module !== '' && (role === 'user' || role === 'waker-user') && (
        <SourcePlaces key={`${module} ${label}`} hostId={props.hostId} name={label} module={module} />
      )}
      {details !== null && (
        <>
          {/* In the wall view no wait is whole, and none knows who ended it. */}
          {isOfWaits && <Wakers details={details} level={props.wakerLevel} acts={acts} />}
          <Threads {...details} of={details.value} unit="nanoseconds" acts={acts} />
          <WhoBeneath {...details} who={props.who} acts={acts} />
          {isOfWaits && (
            <>
              <KindsAndStates details={details} />
              <Lengths details={details} />
            </>
          )}
        </>
      )}
      {sampleDetails !== null && <SampleLists details={sampleDetails} unit={unit} acts={acts} />}
      {node !== 0 && <Path {...props} />}
    </aside>
  );
}

/** Details of this frame, where the worker has answered for it. */
export function detailsOf<Answer extends Pick<PlaceDetails, 'place' | 'of'>>(
  answered: Answer | null,
  wanted: Pick<PlaceDetails, 'place' | 'of'>,
): Answer | null {
  if (answered === null || answered.of !== wanted.of) return null;
  const write = (place: Place | null): string => (place === null ? '' : writePlace(place));
  return write(answered.place) === write(wanted.place) ? answered : null;
}

/** Frames that a run-time can name; the kernel, wakers and what was put between are of none. */
const ROLES_OF_HINTS: ReadonlySet<Role> = new Set<Role>(['root', 'group', 'comm', 'kind', 'user']);
/** More is of the whole host, which the foot line is for. */
const MAX_PROCESSES_OF_HINTS = 3;

/** What would name the frames of the processes that a frame is of. */
function hintsOf(
  hints: readonly ProcessHint[],
  tree: FlameTree,
  node: number,
  { threads }: NodeDetails,
): readonly ProcessHint[] {
  const tgids = new Set(threads.map(({ tgid }) => tgid));
  if (tgids.size > MAX_PROCESSES_OF_HINTS || !ROLES_OF_HINTS.has(ROLES[tree.role[node]!]!)) return [];
  return hints.filter(({ tgid }) => tgids.has(tgid));
}

function Hints({ hints }: { hints: readonly ProcessHint[] }): ReactElement | null {
  if (hints.length === 0) return null;
  return (
    <section aria-label="What would tell more names" className="rounded-chip bg-sunken px-2 py-1">
      <h4 className="font-semibold text-small">What would tell more names</h4>
      {groupHints(hints).map((group) => (
        <div key={group.hint} className="mt-1 text-small">
          <HintEntry group={group} />
        </div>
      ))}
    </section>
  );
}

function Wakers({
  details,
  level,
  acts,
}: {
  details: NodeDetails;
  level: number;
  acts: SelectionActs;
}): ReactElement | null {
  const { wakers, wakerTotal, wakerUnknown, byKind } = details;
  const blockedNs = byKind.find(({ kind }) => kind === 'blocked')?.value ?? 0;
  if (blockedNs === 0) return null;
  return (
    <List
      title={level === 0 ? 'Ended by' : `Waker ${level + 1} of the chain`}
      help={
        level === 0
          ? 'The wakers of these waits, by the blocked time that each ended'
          : 'Who woke the waker before, by the blocked time of the first thread'
      }
      total={wakerTotal}
      rows={[
        ...wakers.map((waker) => ({
          key: `${waker.isInterrupt} ${waker.tgid} ${waker.tid} ${waker.comm}`,
          value: waker.value,
          words: waker.isInterrupt ? (
            <span className="truncate" title="An interrupt: no thread is behind it">
              {waker.comm}
            </span>
          ) : (
            <button
              type="button"
              className="min-w-0 truncate text-left text-accent hover:underline"
              title={`What ${waker.comm} (thread ${waker.tid} of ${waker.tgid}) itself waits for`}
              aria-label={`Off-CPU graph of waker ${waker.comm} ${waker.tid}`}
              onClick={() => acts.toOwnWaits(waker.tgid, waker.tid)}
            >
              {waker.comm || '(no name)'} <span className="text-dull">{waker.tid}</span>{' '}
              <span aria-hidden="true">→</span>
            </button>
          ),
        })),
        ...(wakerUnknown.value > 0
          ? [
              {
                key: 'unknown',
                value: wakerUnknown.value,
                words: (
                  <span className="truncate text-dull" title="No wake was seen, or its chain was not sampled">
                    not known
                  </span>
                ),
              },
            ]
          : []),
      ]}
      of={blockedNs}
    />
  );
}

/** What the format carries of the samples: whose they are, and what their labels say. */
function SampleLists({
  details,
  unit,
  acts,
}: {
  details: SampleDetails;
  unit: ValueUnit;
  acts: SelectionActs;
}): ReactElement {
  const { threads, labels, labelTotal, value } = details;
  return (
    <>
      {threads.length > 0 && <Threads {...details} of={value} unit={unit} acts={acts} />}
      {labels.map(({ name, values, total }) => (
        <List
          key={name}
          title={name}
          help={`What the samples say of themselves as “${name}”`}
          total={total}
          unit={unit}
          rows={values.map((share) => ({
            key: share.text,
            value: share.value,
            words: (
              <span className={`truncate ${share.text === '' ? 'text-dull' : ''}`} title={share.text}>
                {share.text === '' ? 'not said' : share.text}
              </span>
            ),
          }))}
          of={value}
        />
      ))}
      {labelTotal > labels.length && (
        <p className="text-dull text-small">and {labelTotal - labels.length} labels more</p>
      )}
      {threads.length === 0 && labels.length === 0 && (
        <p className="text-dull text-small">
          The file says nothing of these samples but their stacks: no threads, no labels.
        </p>
      )}
    </>
  );
}

function Threads({
  threads,
  threadTotal,
  of,
  unit,
  acts,
}: Pick<NodeDetails, 'threads' | 'threadTotal'> & {
  of: number;
  unit: ValueUnit;
  acts: SelectionActs;
}): ReactElement {
  return (
    <List
      title="Threads"
      help="Whose these are; a click keeps one"
      total={threadTotal}
      unit={unit}
      rows={threads.map((thread) => ({
        key: `${thread.tgid} ${thread.tid} ${thread.comm}`,
        value: thread.value,
        // Without a number of its own it cannot be chosen.
        words:
          thread.tid === 0 ? (
            <span className="truncate">{thread.comm || '(no name)'}</span>
          ) : (
            <button
              type="button"
              className="min-w-0 truncate text-left hover:underline"
              title={`Thread ${thread.tid} of process ${thread.tgid}`}
              onClick={() => acts.toThread(thread.tgid === 0 ? null : thread.tgid, thread.tid)}
            >
              {thread.comm || '(no name)'} <span className="text-dull">{thread.tid}</span>
            </button>
          ),
      }))}
      of={of}
    />
  );
}

function KindsAndStates({ details }: { details: NodeDetails }): ReactElement {
  const { byKind, byState, value } = details;
  return (
    <section aria-label="Kinds and states">
      <SectionTitle title="How" />
      <div aria-hidden="true" className="mb-1 flex h-2 overflow-hidden rounded-[2px] bg-sunken">
        {byKind.map((part) => (
          <span
            key={part.kind}
            style={{ width: `${(100 * part.value) / value}%`, background: KIND_WORDS[part.kind].colour }}
          />
        ))}
      </div>
      <dl className="grid grid-cols-[1fr_auto_3.5rem] gap-x-2">
        {byKind.map((part) => (
          <Part key={part.kind} value={part.value} of={value} title={KIND_WORDS[part.kind].help}>
            <span
              aria-hidden="true"
              className="inline-block h-2.5 w-2.5 rounded-[2px]"
              style={{ background: KIND_WORDS[part.kind].colour }}
            />{' '}
            {KIND_WORDS[part.kind].name}
          </Part>
        ))}
        {byState.map((part) => (
          <Part key={part.state} value={part.value} of={value} title={`Task state ${part.state}`}>
            <span className="inline-block w-2.5 text-center font-mono">{part.state}</span>{' '}
            <span className="text-dull">{STATE_WORDS[part.state]}</span>
          </Part>
        ))}
      </dl>
    </section>
  );
}

function Part(props: { value: number; of: number; title: string; children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="truncate" title={props.title}>
        {props.children}
      </dt>
      <dd className="text-right" title={formatExactValue(props.value, 'nanoseconds')}>
        {formatNs(props.value)}
      </dd>
      <dd className="text-right text-dull">{share(props.value, props.of)}</dd>
    </>
  );
}

function Lengths({ details }: { details: NodeDetails }): ReactElement {
  const theme = useTheme();
  return (
    <section aria-label="Lengths">
      <HistogramBars
        counts={details.lengthCounts.map(Math.round)}
        theme={theme}
        title="Lengths"
        unit="waits, estimated"
      />
    </section>
  );
}

function Path({ tree, node, onSelect }: FrameDetailsProps): ReactElement {
  const path = pathOf(tree, node);
  return (
    <section aria-label="Path">
      <SectionTitle
        title="Path"
        words={`${path.length} ${path.length === 1 ? 'step' : 'steps'} from the root`}
      />
      <ol className="font-mono text-small" aria-label="Path">
        {path.map((step, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a path has no other identity, and labels repeat in it
            key={index}
          >
            <button
              type="button"
              className={`max-w-full break-all text-left hover:underline ${
                step.role === 'separator' ? 'text-dull' : ''
              } ${index === path.length - 1 ? 'font-semibold' : ''}`}
              onClick={() => {
                const at = findPlace(tree, { kind: 'path', path: path.slice(0, index + 1) });
                if (at !== undefined) onSelect(placeOf(tree, at));
              }}
            >
              {step.label === '' ? '(no name)' : step.label}
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Copy({ name, text }: { name: string; text: string }): ReactElement {
  return (
    <button
      type="button"
      className="whitespace-nowrap text-accent hover:underline"
      onClick={async () =>
        toast((await copyText(text)) ? `${name}: done` : 'The browser refused the clipboard')
      }
    >
      {name.toLowerCase()}
    </button>
  );
}

function Fact({
  name,
  title,
  children,
}: {
  name: string;
  title?: string | undefined;
  children: ReactNode;
}): ReactElement {
  return (
    <>
      <dt className="text-dull">{name}</dt>
      <dd className="text-right" title={title}>
        {children}
      </dd>
    </>
  );
}
