/**
 * Owns writing pprof: profile.proto, gzip. A graph of blocked threads has what every pprof tool can ask for: the stack is
 * the thread's own frames, and who it was and who woke it are labels.
 *
 *     path    app; main; read; -; vfs_read      location   vfs_read [kernel.kallsyms], read, main
 *     labels  comm app, waker writer            label      comm app, waker writer      (go tool pprof -tagfocus waker=writer)
 *
 * Paths of other views are written as they are, separators and all: what they add is in the frames. A comment says
 * which view it is, so that this program reads back the same graph.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { SampleFrame, SampleProfile } from '@stallscope/profile';
import { gzip } from '../inflate.js';
import { describeKinds, describeTimes } from '../lost-words.js';
import { toMappingName } from '../mapping-names.js';
import { framesRootFirst } from '../sample-paths.js';
import type { WriteOptions, WrittenProfile } from '../write.js';
import { toOffCpuFrames } from './off-cpu-frames.js';
import {
  FUNCTION,
  LABEL,
  LINE,
  LOCATION,
  MAPPING,
  PROFILE,
  SAMPLE,
  TITLE_COMMENT,
  VALUE_TYPE,
  VIEW_COMMENT,
} from './pprof-fields.js';

export async function writePprof(
  profile: SampleProfile,
  options: WriteOptions = {},
): Promise<WrittenProfile> {
  const writer = new PprofWriter(profile);
  const view = writer.isOffCpu ? 'off-cpu' : options.facts?.view;
  return {
    bytes: await gzip(writer.write(options.title ?? profile.title, view)),
    mediaType: 'application/vnd.google.protobuf+gzip',
    extension: '.pb.gz',
    lost: lostOf(profile, view !== undefined),
  };
}

class PprofWriter {
  readonly #profile: SampleProfile;
  readonly #out = new BinaryWriter();
  readonly #strings = new Map<string, number>([['', 0]]);
  readonly #mappings = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #used = new Set<number>();
  /** Frames of each stack that are written, leaf first, when the profile is one of blocked threads. */
  readonly #offCpu: Map<number, number[]> | undefined;

  constructor(profile: SampleProfile) {
    this.#profile = profile;
    this.#offCpu = toOffCpuFrames(profile);
  }

  get isOffCpu(): boolean {
    return this.#offCpu !== undefined;
  }

  write(title: string, view: string | undefined): Uint8Array {
    const { valueTypes, defaultValue, startMs, durationNs } = this.#profile;
    for (const { type, unit } of valueTypes) {
      this.#message(PROFILE.sampleType, () => {
        this.#integer(VALUE_TYPE.type, this.#string(type));
        this.#integer(VALUE_TYPE.unit, this.#string(unit));
      });
    }
    this.#samples();
    this.#frames();
    if (startMs !== null) {
      // Fractions of a millisecond count: 10^6 × a clock is beyond what a double holds exactly.
      const nanos = BigInt(Math.floor(startMs)) * 1_000_000n + BigInt(Math.round((startMs % 1) * 1e6));
      this.#out.tag(PROFILE.timeNanos, WireType.Varint).int64(nanos);
    }
    if (durationNs !== null) this.#integer(PROFILE.durationNanos, Math.round(durationNs));
    this.#integer(PROFILE.comment, this.#string(`${TITLE_COMMENT}${title}`));
    if (view !== undefined) this.#integer(PROFILE.comment, this.#string(`${VIEW_COMMENT}${view}`));
    this.#integer(PROFILE.defaultSampleType, this.#string(valueTypes[defaultValue]!.type));
    // Last, as it grows until then; readers take fields in any order.
    for (const text of this.#strings.keys()) {
      this.#out.tag(PROFILE.stringTable, WireType.LengthDelimited).string(text);
    }
    return this.#out.finish();
  }

  #samples(): void {
    const { sampleStack, sampleValues, sampleLabels, labelSets } = this.#profile;
    for (const [sample, stack] of sampleStack.entries()) {
      const frames = this.#offCpu?.get(stack) ?? framesRootFirst(this.#profile, stack).reverse();
      for (const frame of frames) this.#used.add(frame);
      this.#message(PROFILE.sample, () => {
        this.#packed(
          SAMPLE.locationId,
          frames.map((frame) => frame + 1),
        );
        this.#packed(
          SAMPLE.value,
          sampleValues.map((column) => Math.round(column[sample]!)),
        );
        for (const [key, value] of Object.entries(labelSets[sampleLabels[sample]!]!)) {
          this.#message(SAMPLE.label, () => {
            this.#integer(LABEL.key, this.#string(key));
            if (typeof value === 'number' && Number.isSafeInteger(value)) this.#integer(LABEL.num, value);
            else this.#integer(LABEL.str, this.#string(String(value)));
          });
        }
      });
    }
  }

  /** A location, with the id of its frame plus one, for each frame of a sample. */
  #frames(): void {
    for (const id of this.#used) {
      const frame = this.#profile.frames[id]!;
      const mapping = this.#mappingOf(frame);
      const functionId = this.#functionOf(frame);
      this.#message(PROFILE.location, () => {
        this.#integer(LOCATION.id, id + 1);
        if (mapping !== 0) this.#integer(LOCATION.mappingId, mapping);
        this.#message(LOCATION.line, () => {
          this.#integer(LINE.functionId, functionId);
          if (frame.line > 0) this.#integer(LINE.line, frame.line);
        });
      });
    }
  }

  #mappingOf(frame: SampleFrame): number {
    const name = toMappingName(frame);
    if (name === '') return 0;
    const known = this.#mappings.get(name);
    if (known !== undefined) return known;
    const id = this.#mappings.size + 1;
    this.#mappings.set(name, id);
    this.#message(PROFILE.mapping, () => {
      this.#integer(MAPPING.id, id);
      this.#integer(MAPPING.filename, this.#string(name));
      // Nothing is left to be symbolised.
      this.#integer(MAPPING.hasFunctions, 1);
      this.#integer(MAPPING.hasFilenames, 1);
      this.#integer(MAPPING.hasLineNumbers, 1);
    });
    return id;
  }

  #functionOf({ name, file }: SampleFrame): number {
    const key = `${file}\0${name}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const id = this.#functions.size + 1;
    this.#functions.set(key, id);
    this.#message(PROFILE.function, () => {
      this.#integer(FUNCTION.id, id);
      this.#integer(FUNCTION.name, this.#string(name));
      this.#integer(FUNCTION.systemName, this.#string(name));
      if (file !== '') this.#integer(FUNCTION.filename, this.#string(file));
    });
    return id;
  }

  #string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const id = this.#strings.size;
    this.#strings.set(text, id);
    return id;
  }

  #integer(field: number, value: number): void {
    this.#out.tag(field, WireType.Varint).int64(value);
  }

  #packed(field: number, values: readonly number[]): void {
    this.#message(field, () => {
      for (const value of values) this.#out.int64(value);
    });
  }

  #message(field: number, write: () => void): void {
    this.#out.tag(field, WireType.LengthDelimited).fork();
    write();
    this.#out.join();
  }
}

function lostOf(profile: SampleProfile, hasView: boolean): string[] {
  const lost = describeTimes(profile);
  if (profile.sampleValues.some((column) => column.some((value) => !Number.isInteger(value)))) {
    lost.push('Values are rounded to whole numbers.');
  }
  lost.push(...describeKinds(profile));
  if (profile.frames.some(({ unnamed }) => unnamed !== 0)) lost.push('Why a frame has no name is left out.');
  if (!hasView && profile.frames.some(({ role }) => role !== 'user' && role !== 'kernel')) {
    lost.push('Which frames are names of threads, wakers or marks is left out.');
  }
  return lost;
}
