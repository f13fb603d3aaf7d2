/**
 * Owns one still in a worker: its file is read once, then every selection of it is answered with a view, as a live
 * session answers. Posting, timers and what bases come from are arguments.
 *
 *     file → readProfile → HeldWindows | SampleViews → {view} to the page
 */
import { FormatError, readProfile } from '@stallscope/formats';
import type { HostFacts } from '@stallscope/protocol';
import type { Differences } from '../difference/differences';
import { HeldWindows } from '../live/held-windows';
import { answerMake } from '../make/answer-make';
import { blockedNs, lossesOf } from '../make/make-file';
import type { Made, MakeRequest } from '../make/make-messages';
import { makeOfDifference } from '../make/make-of-difference';
import { makeOfSamples } from '../make/make-of-samples';
import { makeOfWindows } from '../make/make-of-windows';
import { SampleViews } from './sample-views';
import { STILL_HOST_ID } from './still-host-id';
import type {
  FromStillWorker,
  SampleProfileFacts,
  StillFacts,
  StillSelection,
  ToStillWorker,
} from './still-messages';

export interface StillDeps {
  post(message: FromStillWorker, transfer: Transferable[]): void;
  /** Runs it once what has come by then is handled: of ten selections in a row the last is drawn. */
  soon(run: () => void): void;
  /** What makes the differences that selections ask for; it calls back when a base has changed. */
  differences?: (onChange: () => void) => Differences;
}

type Still =
  | { kind: 'windows'; held: HeldWindows; host: HostFacts }
  | { kind: 'samples'; views: SampleViews };

export class StillSession {
  readonly #deps: StillDeps;
  readonly #differences: Differences | undefined;
  #still: Still | undefined;
  #selection: StillSelection | undefined;
  #isRenderDue = false;

  constructor(deps: StillDeps) {
    this.#deps = deps;
    this.#differences = deps.differences?.(() => this.#renderSoon());
  }

  async handle(message: ToStillWorker): Promise<void> {
    switch (message.type) {
      case 'open':
        return this.#open(message.file, message.name);
      case 'select':
        this.#selection = message.selection;
        this.#differences?.select(message.selection);
        return this.#renderSoon();
      case 'base-file':
        return this.#differences?.giveFile(message.name, message.file);
      case 'make': {
        const made = await answerMake(() => this.#make(message.request));
        return this.#deps.post({ type: 'made', id: message.id, made }, []);
      }
    }
  }

  async #open(file: Blob, name: string): Promise<void> {
    try {
      const { still, facts } = await readStill(file, name);
      this.#still = still;
      this.#deps.post({ type: 'opened', still: facts }, []);
      this.#renderSoon();
    } catch (error) {
      this.#deps.post({ type: 'refused', ...toRefusal(error) }, []);
    }
  }

  #renderSoon(): void {
    if (this.#isRenderDue) return;
    this.#isRenderDue = true;
    this.#deps.soon(() => {
      this.#isRenderDue = false;
      if (this.#still === undefined || this.#selection === undefined) return;
      const { message, transfer } = toView(this.#still, this.#selection, this.#differences);
      this.#deps.post(message, transfer);
    });
  }

  async #make(request: MakeRequest): Promise<Made> {
    if (this.#still === undefined || this.#selection === undefined)
      return { kind: 'failed', message: 'Nothing is open.', hint: '' };
    if (request.kind === 'difference') {
      const shown = (this.#still.kind === 'windows' ? this.#still.held : this.#still.views).comparedOf(
        this.#selection,
      );
      return makeOfDifference(this.#differences, shown, request.note.title, request);
    }
    return this.#still.kind === 'windows'
      ? makeOfWindows(this.#still.held, this.#selection, this.#still.host, request)
      : makeOfSamples(this.#still.views, this.#selection, request);
  }
}

function toView(still: Still, selection: StillSelection, differences: Differences | undefined) {
  if (still.kind === 'samples') return still.views.toView(selection, differences?.compare);
  const facts = {
    hostId: STILL_HOST_ID,
    watch: { state: 'receiving' },
    behindMs: null,
    coalescedWindows: 0,
  } as const;
  return still.held.toView(selection, facts, differences?.compare);
}

async function readStill(file: Blob, name: string): Promise<{ still: Still; facts: StillFacts }> {
  const read = await readProfile(new Uint8Array(await file.arrayBuffer()), { name });
  if (read.format !== 'stallscope') {
    const { format, profiles, notes } = read;
    return {
      still: { kind: 'samples', views: new SampleViews(profiles) },
      facts: { kind: 'samples', bytes: file.size, format, profiles: profiles.map(toProfileFacts), notes },
    };
  }
  const { header, tables, windows, cut } = read;
  const first = windows[0]!;
  const last = windows.at(-1)!;
  const held = new HeldWindows({ maxTableStacks: Number.POSITIVE_INFINITY }, tables);
  for (const window of windows) held.addDecoded(window);
  return {
    still: { kind: 'windows', held, host: header.host },
    facts: {
      kind: 'windows',
      bytes: file.size,
      host: header.host,
      title: header.title,
      snapshot: header.snapshot ?? null,
      fromMs: first.startMs,
      toMs: last.endMs,
      windows: windows.length,
      waitedNs: windows.reduce((sum, window) => sum + blockedNs(window), 0),
      lost: windows.reduce((sum, window) => sum + lossesOf(window), 0),
      cut,
    },
  };
}

function toProfileFacts(profile: SampleViews['profiles'][number]): SampleProfileFacts {
  const { title, valueTypes, defaultValue, sampleStack, sampleValues, startMs, durationNs } = profile;
  const totals = sampleValues.map((values) => values.reduce((sum, value) => sum + value, 0));
  return { title, valueTypes, defaultValue, samples: sampleStack.length, totals, startMs, durationNs };
}

/** What a reader is told of a file that cannot be shown. */
function toRefusal(error: unknown): { message: string; hint: string } {
  if (error instanceof FormatError) return { message: error.message, hint: error.hint };
  if (error instanceof DOMException && error.name === 'NotReadableError')
    return { message: 'The file cannot be read: it was moved or changed.', hint: 'Choose it again.' };
  if (error instanceof RangeError)
    return {
      message: `It does not fit this tab's memory: ${error.message}`,
      hint: 'Record for a shorter time.',
    };
  return { message: error instanceof Error ? error.message : String(error), hint: '' };
}
