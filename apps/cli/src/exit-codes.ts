/** Owns the exit codes of the command; `stallscope --help` prints them. */
export const EXIT = {
  ok: 0,
  /** What was asked could not be done; the message says why and what to do. */
  failed: 1,
  /** The command line was not understood; nothing was done. */
  usage: 2,
  /** Interrupted a second time, before it could end in order: 128 + SIGINT. */
  interruptedTwice: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
