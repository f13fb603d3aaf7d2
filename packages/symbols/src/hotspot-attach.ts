/**
 * Owns asking a HotSpot JVM for something as jcmd does, by itself: no program is run, nothing is loaded into the JVM.
 *
 *     create /tmp/.attach_pid7, send SIGQUIT     the JVM sees the file, and opens its socket instead of printing threads
 *     /tmp/.java_pid7                            connect: "1\0jcmd\0Compiler.perfmap\0\0\0"  ──▶  "0\nCommand executed…"
 *
 * /tmp and 7 are as the JVM sees them, through `ProcessTmp`. SIGQUIT is only sent where it does no harm: to a JVM that
 * handles it, has not switched attaching off, and knows the command; else it would print its threads, or end. A socket that
 * is not its owner's or root's is not spoken to, and neither is a JVM in a user namespace of its own, for which root here
 * is nobody.
 */
import { closeSync, constants, lstatSync, openSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbsence, isOwnUserNamespace, ProcessTmp, readProcessFacts } from './process-tmp.js';

/** Why a JVM was not asked or did not do it. */
export type AttachRefusal =
  /** It has ended, or may not be looked at. */
  | 'gone'
  /** It does not know the command: Compiler.perfmap is in JDK 17 and later, and in HotSpot only. */
  | 'too-old'
  /** Started with -XX:+DisableAttachMechanism or -Xrs, or too young to handle signals. */
  | 'disabled'
  | 'user-namespace'
  /** /tmp is not there, is a link, or holds a file in the way that is not its own. */
  | 'unsafe-tmp'
  /** This process may not send signals to it or write to its socket: CAP_KILL, CAP_DAC_OVERRIDE. */
  | 'not-permitted'
  /** It did not open its socket or answer in time: stopped, or very busy. */
  | 'no-answer'
  /** It answered that it would not. */
  | 'refused';

/** `detail`: what the JVM said, in one line; '' when it said nothing. */
export type AttachResult = { done: true } | { done: false; refusal: AttachRefusal; detail: string };

export interface AttachEnvironment {
  kill(tgid: number, signal: 'SIGQUIT'): void;
}

const HOST: AttachEnvironment = { kill: (tgid, signal) => process.kill(tgid, signal) };

/** jcmd itself waits 10 s; a busy JVM reaches a safepoint in far less. */
const SOCKET_TIMEOUT_MS = 5_000;
const SOCKET_POLL_MS = 20;
/** Writing the map of 100,000 methods takes a second. */
const ANSWER_TIMEOUT_MS = 15_000;
/** The answer of Compiler.perfmap is a line. */
const MAX_ANSWER_BYTES = 4_096;
/** What is read of a command line and an environment: the kernel's bound of one argument. */
const MAX_TEXT_BYTES = 128 * 1024;
const DETAIL_CHARACTERS = 200;

/**
 * Has a JVM write its perf map. The file is its own to write; nothing of ours touches it.
 * @param libjvm where the library that it runs can be read
 */
export async function askForPerfMap(
  tgid: number,
  libjvm: string,
  environment: AttachEnvironment = HOST,
): Promise<AttachResult> {
  const facts = readProcessFacts(tgid);
  if (facts === undefined) return refused('gone');
  if (isOwnUserNamespace(tgid) !== false) return refused('user-namespace');
  if (!(await knowsCommand(libjvm))) return refused('too-old');
  if (!facts.catchesSigquit || hasAttachDisabled(tgid)) return refused('disabled');
  const tmp = ProcessTmp.open(tgid);
  if (tmp === undefined) return refused('unsafe-tmp');
  try {
    // The JVM follows a link in the place of its map, and would write where that leads.
    if (!isFreeOrPlain(tmp.path(`perf-${facts.ownTgid}.map`), facts.uid)) return refused('unsafe-tmp');
    const socketPath = tmp.path(`.java_pid${facts.ownTgid}`);
    const isOpen = await openSocket(tgid, tmp, facts.ownTgid, socketPath, facts.uid, environment);
    if (isOpen !== 'open') return refused(isOpen);
    return toResult(await speak(socketPath, ['jcmd', 'Compiler.perfmap', '', '']));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM') return refused('not-permitted');
    if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE' || code === 'ETIMEDOUT') {
      return refused('no-answer');
    }
    if (isAbsence(error)) return refused('gone');
    throw error;
  } finally {
    tmp.close();
  }
}

function refused(refusal: AttachRefusal, detail = ''): AttachResult {
  return { done: false, refusal, detail };
}

function toResult(answer: string): AttachResult {
  const [code, ...lines] = answer.split('\n');
  const detail = lines.join(' ').trim().slice(0, DETAIL_CHARACTERS);
  if (code === '0' && !/Exception|Unknown diagnostic command/.test(detail)) return { done: true };
  if (code === '') return refused('no-answer');
  return refused(/Unknown diagnostic command/.test(detail) ? 'too-old' : 'refused', detail);
}

const COMMAND = Buffer.from('Compiler.perfmap\0');
const CHUNK_BYTES = 1 << 20;
/** The largest library known is 60 MB, with its symbols. */
const MAX_LIBRARY_BYTES = 512 << 20;

/** Its name is a text in the library, whatever vendor and version. Not there: SIGQUIT would only make it print threads. */
async function knowsCommand(path: string): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(COMMAND.length + CHUNK_BYTES);
    let kept = 0;
    for (let at = 0; at < MAX_LIBRARY_BYTES; ) {
      const { bytesRead } = await file.read(bytes, kept, CHUNK_BYTES, at);
      if (bytesRead === 0) return false;
      at += bytesRead;
      const here = bytes.subarray(0, kept + bytesRead);
      if (here.includes(COMMAND)) return true;
      kept = Math.min(COMMAND.length - 1, here.length);
      here.copy(bytes, 0, here.length - kept);
    }
    return false;
  } finally {
    await file.close();
  }
}

/** Where it cannot be told, too: SIGQUIT is not sent on trust. */
function hasAttachDisabled(tgid: number): boolean {
  return hasJvmOption(tgid, '+DisableAttachMechanism') !== false;
}

/**
 * Whether a JVM was started with an option, as its command line and the environment that it began with tell; options in
 * files are not looked at. undefined when it has gone or may not be looked at.
 */
export function hasJvmOption(tgid: number, option: string): boolean | undefined {
  try {
    return [`/proc/${tgid}/cmdline`, `/proc/${tgid}/environ`].some((path) =>
      readFileSync(path, 'latin1').slice(0, MAX_TEXT_BYTES).includes(option),
    );
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function openSocket(
  tgid: number,
  tmp: ProcessTmp,
  ownTgid: number,
  socketPath: string,
  uid: number,
  environment: AttachEnvironment,
): Promise<'open' | AttachRefusal> {
  const before = socketState(socketPath, uid);
  if (before !== 'absent') return before;
  const trigger = tmp.path(`.attach_pid${ownTgid}`);
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  try {
    closeSync(openSync(trigger, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600));
  } catch (error) {
    // Somebody else is asking it, or a hostile process is in the way.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'unsafe-tmp';
    throw error;
  }
  try {
    environment.kill(tgid, 'SIGQUIT');
    const untilMs = performance.now() + SOCKET_TIMEOUT_MS;
    while (performance.now() < untilMs) {
      const state = socketState(socketPath, uid);
      if (state !== 'absent') return state;
      await sleep(SOCKET_POLL_MS);
    }
    return 'no-answer';
  } finally {
    rmSync(trigger, { force: true });
  }
}

function socketState(path: string, uid: number): 'open' | 'absent' | 'unsafe-tmp' {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 'absent';
  return stat.isSocket() && (stat.uid === uid || stat.uid === 0) ? 'open' : 'unsafe-tmp';
}

function isFreeOrPlain(path: string, uid: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined || (stat.isFile() && stat.nlink === 1 && (stat.uid === uid || stat.uid === 0));
}

/** The protocol of attaching, version 1: words, each ended by a zero; the answer to the end of the connection. */
function speak(path: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const socket = connect(path);
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error('the JVM did not answer in time'), { code: 'ETIMEDOUT' }));
    }, ANSWER_TIMEOUT_MS);
    socket.on('connect', () => socket.write(['1', ...words].map((word) => `${word}\0`).join('')));
    socket.on('data', (part: Buffer) => {
      parts.push(part);
      bytes += part.length;
      if (bytes > MAX_ANSWER_BYTES) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts).subarray(0, MAX_ANSWER_BYTES).toString('utf8'));
    });
  });
}
