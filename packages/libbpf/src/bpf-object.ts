/**
 * Owns one BPF object file through its life: open → configure → load → attach, and everything that came of it.
 * Invariant: closing it closes its rings, links, mapped variables, maps and programs, in that order, whatever state it is
 * in; a handle used after that throws, never touches freed memory.
 *
 *     const object = BpfObject.open('sched.bpf.o', { globals: { target_tau: 5n }, maxEntries: { rows: 65536 } });
 *     object.load();
 *     object.program('on_switch').attach();
 *     object.map('rows').lookupAndDeleteBatch();
 *     object.close();
 */
import { basename } from 'node:path';
import { assertSucceeded, BpfError, bpfErrorOfErrno } from './bpf-error.js';
import type { BpfLink } from './bpf-link.js';
import { BpfMap, type MapShape } from './bpf-map.js';
import { BpfProgram, type ProgramOwner } from './bpf-program.js';
import { Btf } from './btf.js';
import { type GlobalValues, GlobalVariables } from './global-variables.js';
import { captureLog } from './log-capture.js';
import { MAP_TYPES, type MapType } from './map-types.js';
import { copyFromMemory, lastErrno, native, type Pointer } from './native.js';
import { nearestNameHint } from './nearest-name.js';
import { type RecordHandler, RingBuffer } from './ring-buffer.js';
import { BPF_TRACE_UPROBE_MULTI, isUprobeLinkKnown } from './uprobe-link.js';

export interface OpenOptions {
  /** Global variables by name, of any section. `.rodata` can only be set here or before `load`. */
  globals?: GlobalValues;
  /** By map name. */
  maxEntries?: Record<string, number>;
  /** By program name; programs not named keep what the object says, which is to load. */
  autoload?: Record<string, boolean>;
  /** The template of a map of maps whose declaration has none, by name of the outer map. Needed until `load` only. */
  innerMaps?: Record<string, BpfMap>;
  /** Maps of other objects to use instead of making one's own, by name here; of the same shape. */
  reusedMaps?: Record<string, BpfMap>;
}

type State = 'open' | 'loaded' | 'failed' | 'closed';

export class BpfObject {
  readonly path: string;
  readonly #object: Pointer;
  #state: State = 'open';
  readonly #globals: GlobalVariables;
  readonly #programs = new Map<string, Pointer>();
  readonly #maps = new Map<string, Pointer>();
  readonly #innerShapes = new Map<string, MapShape>();
  readonly #mapHandles = new Map<string, BpfMap>();
  readonly #links = new Set<BpfLink>();
  readonly #uprobeLinks = new Set<string>();
  readonly #rings = new Set<RingBuffer>();
  readonly #owner: ProgramOwner = {
    assertLoaded: (operation, subject) => this.#assertLoaded(operation, subject),
    adopt: (link) => this.#links.add(link),
    release: (link) => this.#links.delete(link),
    setsUprobesByLink: (program) => this.#uprobeLinks.has(program),
  };

  private constructor(path: string, object: Pointer) {
    this.path = path;
    this.#object = object;
    const { libbpf } = native();
    for (let p = libbpf.bpf_object__next_program(object, null); p !== null; ) {
      this.#programs.set(libbpf.bpf_program__name(p), p);
      p = libbpf.bpf_object__next_program(object, p);
    }
    for (let m = libbpf.bpf_object__next_map(object, null); m !== null; ) {
      const name = libbpf.bpf_map__name(m);
      this.#maps.set(name, m);
      // After the load libbpf no longer has it.
      const inner = libbpf.bpf_map__inner_map(m);
      if (inner !== null) this.#innerShapes.set(name, readMapShape(inner, `${name}.inner`));
      m = libbpf.bpf_object__next_map(object, m);
    }
    this.#globals = new GlobalVariables(basename(path), readObjectBtf(object), (section) =>
      libbpf.bpf_object__find_map_by_name(object, section),
    );
  }

  /** Reads and configures; nothing reaches the kernel yet. @throws BpfError */
  static open(path: string, options: OpenOptions = {}): BpfObject {
    const { libbpf } = native();
    const { result, log } = captureLog(() => {
      const pointer = libbpf.bpf_object__open_file(path, null);
      return { pointer, errno: pointer === null ? lastErrno() : 0 };
    });
    if (result.pointer === null) throw bpfErrorOfErrno('open', path, result.errno, log);
    let object: BpfObject | undefined;
    try {
      object = new BpfObject(path, result.pointer);
      object.#configure(options);
      return object;
    } catch (error) {
      if (object !== undefined) object.close();
      else libbpf.bpf_object__close(result.pointer);
      throw error;
    }
  }

  get programNames(): string[] {
    return [...this.#programs.keys()];
  }

  /** Without the maps that hold global variables. */
  get mapNames(): string[] {
    return [...this.#maps.keys()].filter((name) => !name.includes('.'));
  }

  get globalNames(): string[] {
    return this.#globals.names();
  }

  /** Before the load: of the object's programs these are loaded and no others. */
  keepOnly(names: readonly string[]): void {
    this.#assertState('configure', this.path, 'open');
    for (const name of names) this.#find('program', this.#programs, name);
    for (const [name, program] of this.#programs) {
      assertSucceeded(
        'configure',
        `program ${name}`,
        native().libbpf.bpf_program__set_autoload(program, names.includes(name)),
      );
    }
  }

  /**
   * Before the load: uprobes of these programs are links of their own kind, where the kernel has it, and else perf events,
   * which take CAP_SYS_ADMIN.
   */
  setUprobesByLink(names: readonly string[]): void {
    this.#assertState('configure', this.path, 'open');
    if (!isUprobeLinkKnown()) return;
    for (const name of names) {
      const program = this.#find('program', this.#programs, name);
      const { libbpf } = native();
      const result = libbpf.bpf_program__set_expected_attach_type(program, BPF_TRACE_UPROBE_MULTI);
      assertSucceeded('configure', `program ${name}`, result);
      this.#uprobeLinks.add(name);
    }
  }

  /** Creates the maps and has the kernel verify the programs. After a failure the object can only be closed. */
  load(): void {
    this.#assertState('load', this.path, 'open');
    const { result, log } = captureLog(() => native().libbpf.bpf_object__load(this.#object));
    if (result < 0) {
      this.#state = 'failed';
      throw bpfErrorOfErrno('load', this.path, result, log);
    }
    this.#state = 'loaded';
    this.#globals.markLoaded();
  }

  program(name: string): BpfProgram {
    const program = this.#find('program', this.#programs, name);
    return new BpfProgram(name, program, this.#owner);
  }

  /** Of a loaded object; the same handle each time. */
  map(name: string): BpfMap {
    this.#assertLoaded('use', `map ${name}`);
    const known = this.#mapHandles.get(name);
    if (known !== undefined) return known;
    const map = this.#find('map', this.#maps, name);
    const fd = assertSucceeded('use', `map ${name}`, native().libbpf.bpf_map__fd(map));
    const handle = new BpfMap(readMapShape(map, name), fd, () => this.#state === 'closed');
    this.#mapHandles.set(name, handle);
    return handle;
  }

  /** A new map like the template in the declaration of a map of maps. The caller closes it. */
  createInnerMap(outerName: string, name: string, changes: { maxEntries?: number } = {}): BpfMap {
    const shape = this.#find('template of map', this.#innerShapes, outerName);
    const type = (Object.keys(MAP_TYPES) as MapType[]).find((key) => MAP_TYPES[key] === shape.type);
    if (type === undefined) {
      throw new BpfError({
        operation: 'create',
        subject: `map ${name}`,
        cause: `the template of ${outerName} has the map type ${shape.type}, which this package does not know`,
      });
    }
    return BpfMap.create({ ...shape, ...changes, type, name });
  }

  /** Reads the ring map `name`; `handler` gets a copy of each record when `consume` or `poll` is called. */
  ring(name: string, handler: RecordHandler): RingBuffer {
    const ring = new RingBuffer(this.map(name), handler, (closed) => this.#rings.delete(closed));
    this.#rings.add(ring);
    return ring;
  }

  /** Writes only the variables named; before the load any, after it those of `.data` and `.bss`. */
  setGlobals(values: GlobalValues): void {
    this.#assertConfigurable('set', 'global variables');
    this.#globals.set(values);
  }

  /** A copy of a global variable's bytes: before the load what it will start with, after it what it is now. */
  readGlobal(name: string): Uint8Array {
    this.#assertConfigurable('read', name);
    return this.#globals.read(name);
  }

  readGlobalInteger(name: string): bigint {
    this.#assertConfigurable('read', name);
    return this.#globals.readInteger(name);
  }

  /** Idempotent. Detaches and frees everything even when a part of it fails; throws the first failure at the end. */
  close(): void {
    if (this.#state === 'closed') return;
    let failure: { error: unknown } | undefined;
    for (const handle of [...this.#rings, ...this.#links]) {
      try {
        handle.close();
      } catch (error) {
        failure ??= { error };
      }
    }
    this.#globals.close();
    this.#state = 'closed';
    captureLog(() => native().libbpf.bpf_object__close(this.#object));
    if (failure !== undefined) throw failure.error;
  }

  #configure(options: OpenOptions): void {
    const { libbpf } = native();
    this.#globals.set(options.globals ?? {});
    for (const [name, maxEntries] of Object.entries(options.maxEntries ?? {})) {
      const map = this.#find('map', this.#maps, name);
      assertSucceeded('resize', `map ${name}`, libbpf.bpf_map__set_max_entries(map, maxEntries));
    }
    for (const [name, autoload] of Object.entries(options.autoload ?? {})) {
      const program = this.#find('program', this.#programs, name);
      assertSucceeded('configure', `program ${name}`, libbpf.bpf_program__set_autoload(program, autoload));
    }
    for (const [name, inner] of Object.entries(options.innerMaps ?? {})) {
      const map = this.#find('map', this.#maps, name);
      assertSucceeded('configure', `map ${name}`, libbpf.bpf_map__set_inner_map_fd(map, inner.fd));
    }
    for (const [name, other] of Object.entries(options.reusedMaps ?? {})) {
      const map = this.#find('map', this.#maps, name);
      // libbpf keeps a descriptor of its own.
      assertSucceeded('reuse', `map ${name}`, libbpf.bpf_map__reuse_fd(map, other.fd));
    }
  }

  #find<T>(what: string, known: ReadonlyMap<string, T>, name: string): T {
    if (this.#state === 'closed') throw this.#closedError('use', `${what} ${name}`);
    const found = known.get(name);
    if (found !== undefined) return found;
    throw new BpfError({
      operation: 'find',
      subject: `${what} ${name}`,
      cause: `${basename(this.path)} has none of that name`,
      hint: nearestNameHint(
        name,
        [...known.keys()].filter((key) => !key.includes('.')),
      ),
    });
  }

  #assertConfigurable(operation: string, subject: string): void {
    if (this.#state === 'closed') throw this.#closedError(operation, subject);
    if (this.#state === 'failed') throw this.#stateError(operation, subject, 'its load failed');
  }

  #assertLoaded(operation: string, subject: string): void {
    this.#assertState(operation, subject, 'loaded');
  }

  #assertState(operation: string, subject: string, expected: State): void {
    if (this.#state === expected) return;
    if (this.#state === 'closed') throw this.#closedError(operation, subject);
    const causes = {
      open: 'it is not loaded yet',
      loaded: 'it is loaded already',
      failed: 'its load failed',
    };
    throw this.#stateError(operation, subject, causes[this.#state]);
  }

  #closedError(operation: string, subject: string): BpfError {
    return this.#stateError(operation, subject, 'it is closed');
  }

  #stateError(operation: string, subject: string, state: string): BpfError {
    return new BpfError({ operation, subject, cause: `${basename(this.path)}: ${state}` });
  }
}

function readMapShape(map: Pointer, name: string): MapShape {
  const { libbpf } = native();
  return {
    name,
    type: libbpf.bpf_map__type(map),
    keyBytes: libbpf.bpf_map__key_size(map),
    valueBytes: libbpf.bpf_map__value_size(map),
    maxEntries: libbpf.bpf_map__max_entries(map),
    flags: libbpf.bpf_map__map_flags(map),
  };
}

/** libbpf fills in the places of variables when it opens an object, so its copy is read, not the file. */
function readObjectBtf(object: Pointer): Btf | undefined {
  const { libbpf } = native();
  const btf = libbpf.bpf_object__btf(object);
  if (btf === null) return undefined;
  const bytes = new Uint32Array(1);
  const data = libbpf.btf__raw_data(btf, bytes);
  return data === null ? undefined : new Btf(copyFromMemory(data, bytes[0]!));
}
