/**
 * Owns what libbpf prints: lines are caught for the length of one synchronous operation and belong to it.
 * Invariant: outside `captureLog` no printer is set and no callback is registered, so calls on worker threads never reach
 * JavaScript, and nothing is left to undo at exit. The package makes only such calls there that do not print (bpf(2) wrappers).
 */
import { BoundedLog } from './bounded-log.js';
import { copyFromMemory, native, type Pointer, registerPrinter, unregisterCallback } from './native.js';

/** Characters kept of the start of a log: the message that names the program. */
const LOG_HEAD_CHARS = 16 * 1024;
/** Characters kept of the end of a log: the verifier's last words. */
const LOG_TAIL_CHARS = 48 * 1024;
/** One message is formatted up to this; libbpf itself lets a verifier log grow to 16 MiB. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;
/** Most messages are one line. */
const USUAL_MESSAGE_BYTES = 4096;
/** LIBBPF_WARN 0, LIBBPF_INFO 1, LIBBPF_DEBUG 2; debug is some hundreds of lines a load and says nothing to a user. */
const LAST_KEPT_LEVEL = 1;

let active: BoundedLog | undefined;
const usualMessage = Buffer.allocUnsafeSlow(USUAL_MESSAGE_BYTES);

export interface Captured<T> {
  result: T;
  /** '' when nothing was said. */
  log: string;
}

export function captureLog<T>(operation: () => T): Captured<T> {
  // One inside another: lines go to the outer one, which started first and ends last.
  if (active !== undefined) return { result: operation(), log: '' };
  const { libbpf } = native();
  const log = new BoundedLog(LOG_HEAD_CHARS, LOG_TAIL_CHARS);
  const printer = registerPrinter((level, format, args) => {
    try {
      if (level <= LAST_KEPT_LEVEL) log.append(formatMessage(format, args));
    } catch (error) {
      log.append(`[a line of libbpf was lost: ${String(error)}]\n`);
    }
    return 0;
  });
  active = log;
  libbpf.libbpf_set_print(printer);
  try {
    return { result: operation(), log: log.toString() };
  } finally {
    libbpf.libbpf_set_print(null);
    unregisterCallback(printer);
    active = undefined;
  }
}

/**
 * sizeof(va_list): 24 on x86-64 (an array of one struct), 32 on arm64 (a struct passed by reference). On both the callback
 * receives its address, and vsnprintf moves it along: it is copied before the first use so that there can be a second.
 */
const VA_LIST_BYTES = process.arch === 'arm64' ? 32 : 24;

function formatMessage(format: Pointer, args: Pointer): string {
  const { libc } = native();
  const argsCopy = copyFromMemory(args, VA_LIST_BYTES);
  const bytes = libc.vsnprintf(usualMessage, USUAL_MESSAGE_BYTES, format, argsCopy);
  if (bytes < 0) return '[a line of libbpf could not be formatted]\n';
  if (bytes < USUAL_MESSAGE_BYTES) return usualMessage.toString('utf8', 0, bytes);
  const message = Buffer.allocUnsafeSlow(Math.min(bytes + 1, MAX_MESSAGE_BYTES));
  libc.vsnprintf(message, message.length, format, args);
  return message.toString('utf8', 0, message.length - 1);
}
