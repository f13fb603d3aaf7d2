/**
 * Owns what is known of processes from their first instant on: what they map, whose they are, who began them. The kernel
 * tells; /proc is asked about those that were there before, and about all when the kernel had to drop what it told.
 *
 *     fork   a new one, with what its parent has mapped and is        exit   kept for a while: a window may still name it
 *     exec   another image, another command line, perhaps another user       map    one mapping more
 *
 * Invariant: what is kept is bounded, also where hundreds of processes a second come and go: of the exited the oldest go,
 * and with them their mappings. A parent stays as long as its children do, without its own parent.
 */
import { type BpfProgram, type TaskEvent, TaskEventReader } from '@stallscope/libbpf';
import {
  type FilePlace,
  HOST_PROC_FILES,
  type Mapping,
  type ProcessImage,
  type ProcessImages,
  ProcessMaps,
  type ProcFiles,
} from '@stallscope/symbols';
import { CgroupPaths } from './who/cgroup-paths.js';
import { type ExecEvent, ExecReader } from './who/exec-reader.js';
import { HeldFiles } from './who/held-files.js';
import { type ProcWho, type ReadWho, readProcWho } from './who/proc-who.js';
import { FollowedImage } from './who/process-image.js';

/** What is known of who a process is, raw: nothing of it has left the agent yet. */
export interface RawWho {
  tgid: number;
  /** Thread name of its leader; undefined when nobody told. */
  comm: string | undefined;
  /** 0 when not known. The one that began it, also when that has gone. */
  parentTgid: number;
  uid: number | undefined;
  words: readonly string[];
  isCut: boolean;
  /** Id on the v2 hierarchy; 0 when not known. */
  cgroup: number;
  /** Text of /proc/PID/cgroup, of it or of the parent that it was forked from; '' when nobody read it. */
  cgroups: string;
}

export interface RegistrySources {
  tasks: Pick<TaskEventReader, 'read' | 'followCpus' | 'close'>;
  execs: Pick<ExecReader, 'read' | 'close'> & Partial<Pick<ExecReader, 'program'>>;
  proc?: ProcFiles;
  readWho?: ReadWho;
  cgroups?: CgroupPaths;
  held?: HeldFiles;
  nowMs?: () => number;
}

/** How often the kernel's news are taken: within it a mount namespace may go with the files in it. */
const FOLLOW_MS = 100;
/** Exited ones that are kept, at 1 KiB each with their mappings: those of the last windows at 400 a second. */
const MAX_EXITED = 4_096;
/** How long they are kept where few exit: several windows. */
const EXITED_MS = 15_000;
/** Living ones; pid_max is 4 million, and beyond this /proc is asked. */
const MAX_LIVING = 32_768;
/** Users, cgroups and titles change without an exec; a daemon that gives up root is shown so within this. */
const REREAD_WHO_MS = 10_000;
/** Processes read again in one window: 60 µs each. */
const MAX_REREAD_A_WINDOW = 64;
/** Hot-plugged CPUs are found within it. */
const FOLLOW_CPUS_MS = 1_000;

interface Followed {
  tgid: number;
  comm: string | undefined;
  parent: Followed | undefined;
  parentTgid: number;
  /** undefined: it began before anybody looked, and /proc is asked for what it maps. */
  image: FollowedImage | undefined;
  uid: number | undefined;
  words: readonly string[];
  isCut: boolean;
  cgroup: number;
  cgroups: string;
  /** Monotonic, of the last reading in /proc or of its exec. */
  whoReadMs: number;
  /** undefined: it lives, as far as was told. */
  exitedMs: number | undefined;
  /** Something was lost since: what is known of it may be of another, or old. */
  isDoubtful: boolean;
  /** Another with each exec and end, and with each loss: see ProcessImages.witness. */
  witness: number;
}

export class ProcessRegistry implements ProcessImages {
  readonly #tasks: RegistrySources['tasks'];
  readonly #execs: RegistrySources['execs'];
  readonly #proc: ProcFiles;
  readonly #readWho: ReadWho;
  readonly #cgroups: CgroupPaths;
  readonly #held: HeldFiles;
  readonly #nowMs: () => number;
  readonly #followed = new Map<number, Followed>();
  /** In order of their end; some have been replaced by another of their number since. */
  #exited: Followed[] = [];
  #lost = 0;
  #images = 0;
  #witnesses = 0;
  #rereads = 0;
  #cpusFollowedMs: number;
  #timer: NodeJS.Timeout | undefined;
  readonly #mappedListeners = new Set<(tgid: number, mapping: Mapping) => void>();

  constructor(sources: RegistrySources) {
    this.#tasks = sources.tasks;
    this.#execs = sources.execs;
    this.#proc = sources.proc ?? HOST_PROC_FILES;
    this.#readWho = sources.readWho ?? readProcWho;
    this.#nowMs = sources.nowMs ?? (() => performance.now());
    this.#cgroups = sources.cgroups ?? new CgroupPaths();
    this.#held = sources.held ?? new HeldFiles();
    this.#cpusFollowedMs = this.#nowMs();
  }

  /** Follows the processes of this host, by itself, until it is closed. @throws BpfError when the kernel refuses */
  static open(): ProcessRegistry {
    const tasks = new TaskEventReader();
    let execs: ExecReader;
    try {
      execs = new ExecReader();
    } catch (error) {
      tasks.close();
      throw error;
    }
    const registry = new ProcessRegistry({ tasks, execs });
    registry.#timer = setInterval(() => registry.follow(), FOLLOW_MS);
    registry.#timer.unref();
    return registry;
  }

  /** What the kernel runs for it; undefined where something else tells of execs. */
  get program(): BpfProgram | undefined {
    return this.#execs.program;
  }

  get size(): number {
    return this.#followed.size;
  }

  get cgroups(): CgroupPaths {
    return this.#cgroups;
  }

  /** Takes what the kernel told up to now. */
  follow(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#cpusFollowedMs >= FOLLOW_CPUS_MS) {
      this.#cpusFollowedMs = nowMs;
      this.#tasks.followCpus();
    }
    const { events, lost } = this.#tasks.read();
    const told = this.#execs.read();
    if (lost + told.lost > 0) {
      this.#lost += lost + told.lost;
      for (const one of this.#followed.values()) {
        one.isDoubtful = true;
        one.witness = ++this.#witnesses;
      }
    }
    // An exec is told by both, the command line last: its probe runs when the new image is in place.
    let at = 0;
    for (const exec of told.execs) {
      for (; at < events.length && events[at]!.timeNs <= exec.timeNs; at++) this.#take(events[at]!, nowMs);
      this.#takeExec(exec);
    }
    for (; at < events.length; at++) this.#take(events[at]!, nowMs);
    this.#forgetExited(nowMs);
    this.#held.forgetOld();
  }

  /** Records that found no room since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Before a window asks who its processes are. */
  beginWindow(): void {
    this.#rereads = 0;
    this.follow();
  }

  find(tgid: number): ProcessImage | undefined {
    const one = this.#followed.get(tgid);
    if (one === undefined) return undefined;
    if (one.isDoubtful) this.#settle(one);
    return one.image;
  }

  witness(tgid: number): number | undefined {
    const one = this.#followed.get(tgid);
    return one === undefined || one.exitedMs !== undefined ? undefined : one.witness;
  }

  refresh(tgid: number): void {
    const one = this.#followed.get(tgid);
    const text = this.#proc.maps(tgid);
    if (text === undefined || text === '') return;
    one?.image?.replace(new ProcessMaps(text));
  }

  /** Tells of all code of files that processes map from now on, within FOLLOW_MS. @returns what ends it */
  watchMapped(listener: (tgid: number, mapping: Mapping) => void): () => void {
    this.#mappedListeners.add(listener);
    return () => void this.#mappedListeners.delete(listener);
  }

  findHeldFile(mapping: Mapping): string | undefined {
    return this.#held.findHeldFile(mapping);
  }

  /** undefined when it was gone before anybody told of it. */
  who(tgid: number): RawWho | undefined {
    let one = this.#followed.get(tgid);
    const nowMs = this.#nowMs();
    if (one === undefined) {
      const read = this.#readWho(tgid);
      if (read === undefined) return undefined;
      one = this.#begin(tgid, read.parentTgid);
      takeWho(one, read, nowMs);
      return toRaw(one);
    }
    const isOld = one.uid === undefined || one.isDoubtful || nowMs - one.whoReadMs >= REREAD_WHO_MS;
    if (one.exitedMs === undefined && isOld && this.#rereads < MAX_REREAD_A_WINDOW) {
      this.#rereads++;
      const read = this.#readWho(tgid);
      if (read !== undefined) takeWho(one, read, nowMs);
    }
    return toRaw(one);
  }

  /** The one that began it, as long as that is known: its number may be another's by now. */
  parentOf(tgid: number): RawWho | undefined {
    const one = this.#followed.get(tgid);
    if (one?.parent !== undefined) return toRaw(one.parent);
    return one === undefined || one.parentTgid === 0 ? undefined : this.who(one.parentTgid);
  }

  commOf(tgid: number): string | undefined {
    return this.#followed.get(tgid)?.comm;
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#tasks.close();
    this.#execs.close();
    this.#held.close();
    this.#followed.clear();
    this.#exited = [];
  }

  #take(event: TaskEvent, nowMs: number): void {
    switch (event.type) {
      case 'fork':
        if (event.tgid === event.tid && event.tgid !== event.parentTgid)
          this.#fork(event.tgid, event.parentTgid, nowMs);
        return;
      case 'comm':
        this.#rename(event);
        return;
      case 'map':
        this.#map(event);
        return;
      case 'exit':
        if (event.tgid === event.tid) this.#exit(event.tgid, nowMs);
        return;
      case 'cgroup':
        this.#cgroups.tell(event.id, event.path);
        return;
      case 'lost':
        // Summed by the reader.
        return;
    }
  }

  #fork(tgid: number, parentTgid: number, nowMs: number): void {
    const parent = this.#followed.get(parentTgid) ?? this.#adopt(parentTgid, nowMs);
    const earlier = this.#followed.get(tgid);
    const one = this.#begin(tgid, parentTgid);
    if (parent === undefined) return;
    if (parent.image === undefined) this.#readMaps(parent);
    // A kernel thread has nothing mapped, and nor have those that it makes.
    if (parent.image !== undefined) one.image = this.#newImage(parent.image.maps, earlier?.image);
    one.parent = parent;
    one.comm = parent.comm;
    one.uid = parent.uid;
    one.words = parent.words;
    one.isCut = parent.isCut;
    one.cgroup = parent.cgroup;
    one.cgroups = parent.cgroups;
    one.whoReadMs = parent.whoReadMs;
  }

  /** One that was there before. */
  #adopt(tgid: number, nowMs: number): Followed | undefined {
    const read = this.#readWho(tgid);
    if (read === undefined) return undefined;
    const one = this.#begin(tgid, read.parentTgid);
    takeWho(one, read, nowMs);
    return one;
  }

  #readMaps(one: Followed): void {
    const text = this.#proc.maps(one.tgid);
    if (text !== undefined && text !== '') one.image = this.#newImage(new ProcessMaps(text), one.image);
  }

  #rename(event: TaskEvent & { type: 'comm' }): void {
    let one = this.#followed.get(event.tgid);
    if (event.isExec) {
      const before = one?.image;
      // Of one that had ended the number is another's now, whose fork was not told.
      if (one === undefined || one.exitedMs !== undefined) one = this.#begin(event.tgid, 0);
      one.image = this.#newImage(undefined, before);
      one.isDoubtful = false;
      one.witness = ++this.#witnesses;
      one.words = [];
      one.whoReadMs = Number.NEGATIVE_INFINITY;
    }
    if (one !== undefined && event.tgid === event.tid) one.comm = event.comm;
  }

  /** Stands for one that ends before /proc is asked; of one that lives /proc tells more, as its cgroups of version 1. */
  #takeExec(exec: ExecEvent): void {
    const one = this.#followed.get(exec.tgid) ?? this.#begin(exec.tgid, exec.parentTgid);
    one.uid = exec.uid;
    one.words = exec.words;
    one.isCut = exec.isCut;
    one.cgroup = exec.cgroup;
    if (one.parentTgid === 0) one.parentTgid = exec.parentTgid;
  }

  #map(event: TaskEvent & { type: 'map' }): void {
    const one = this.#followed.get(event.tgid);
    const mapping = toMapping(event);
    // Of one that is not followed too: its file may go as well.
    this.#held.hold(mapping, () => this.#placesOf(event, one));
    if (one?.image !== undefined && !one.image.map(mapping)) this.refresh(one.tgid);
    for (const listener of this.#mappedListeners) listener(event.tgid, mapping);
  }

  #placesOf({ tgid, start, end, path }: TaskEvent & { type: 'map' }, one: Followed | undefined): FilePlace[] {
    const places = this.#proc.mappedFilePlaces(tgid, start, end, path);
    // Gone already: who began it lives in the same mount namespace, mostly, and the inode tells whether it was that file.
    const parentTgid = one?.parentTgid ?? 0;
    if (parentTgid > 0) {
      const root = `/proc/${parentTgid}/root`;
      places.push({ path: `${root}${path}`, isCertain: false, root });
    }
    return places;
  }

  #exit(tgid: number, nowMs: number): void {
    const one = this.#followed.get(tgid);
    if (one === undefined || one.exitedMs !== undefined) return;
    one.exitedMs = nowMs;
    one.witness = ++this.#witnesses;
    if (one.image !== undefined) one.image.isGone = true;
    this.#exited.push(one);
  }

  #begin(tgid: number, parentTgid: number): Followed {
    const one: Followed = {
      tgid,
      comm: undefined,
      parent: undefined,
      parentTgid,
      image: undefined,
      uid: undefined,
      words: [],
      isCut: false,
      cgroup: 0,
      cgroups: '',
      whoReadMs: Number.NEGATIVE_INFINITY,
      exitedMs: undefined,
      isDoubtful: false,
      witness: ++this.#witnesses,
    };
    this.#followed.delete(tgid);
    this.#followed.set(tgid, one);
    if (this.#followed.size > MAX_LIVING + MAX_EXITED) {
      for (const oldest of this.#followed.values()) {
        this.#forget(oldest);
        break;
      }
    }
    return one;
  }

  #newImage(maps?: ProcessMaps, before?: FollowedImage): FollowedImage {
    return new FollowedImage(`followed ${++this.#images}`, maps, before);
  }

  /** Something was lost: /proc tells what is so now. */
  #settle(one: Followed): void {
    one.isDoubtful = false;
    if (one.exitedMs !== undefined) return;
    const text = this.#proc.maps(one.tgid);
    if (text === undefined) {
      this.#exit(one.tgid, this.#nowMs());
      return;
    }
    one.whoReadMs = Number.NEGATIVE_INFINITY;
    if (text !== '' && one.image !== undefined) one.image = this.#newImage(new ProcessMaps(text), one.image);
  }

  #forgetExited(nowMs: number): void {
    let gone = 0;
    while (
      gone < this.#exited.length &&
      (this.#exited.length - gone > MAX_EXITED || nowMs - this.#exited[gone]!.exitedMs! > EXITED_MS)
    ) {
      this.#forget(this.#exited[gone++]!);
    }
    if (gone > 0) this.#exited = this.#exited.slice(gone);
  }

  #forget(one: Followed): void {
    if (this.#followed.get(one.tgid) === one) this.#followed.delete(one.tgid);
    // Its children may go on to know it, but not its mappings nor those before it.
    one.image = undefined;
    one.parent = undefined;
  }
}

function toMapping(event: TaskEvent & { type: 'map' }): Mapping {
  const { start, end, fileOffset, device, inode } = event;
  const isDeleted = event.path.endsWith(DELETED);
  const path = isDeleted ? event.path.slice(0, -DELETED.length) : event.path;
  // What perf calls `//anon` has no name in /proc/PID/maps.
  return { start, end, fileOffset, device, inode, path: path.startsWith('//') ? '' : path, isDeleted };
}

const DELETED = ' (deleted)';

function takeWho(one: Followed, read: ProcWho, nowMs: number): void {
  if (one.parentTgid === 0) one.parentTgid = read.parentTgid;
  one.uid = read.uid;
  // A zombie has no words any more.
  if (read.words.length > 0) {
    one.words = read.words;
    one.isCut = read.isCut;
  }
  one.cgroups = read.cgroups;
  // Newer than what the exec said.
  one.cgroup = 0;
  one.whoReadMs = nowMs;
}

function toRaw(one: Followed): RawWho {
  const { tgid, comm, parentTgid, uid, words, isCut, cgroup, cgroups } = one;
  return { tgid, comm, parentTgid, uid, words, isCut, cgroup, cgroups };
}
