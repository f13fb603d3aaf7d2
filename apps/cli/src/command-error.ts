/** Owns how a command says that it failed: what was tried, on what, why it did not work, what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  /**
   * @param what what was tried and on what, with its cause: `write /tmp/x: no space left on device`
   * @param hint what the user can do; a sentence or a command
   */
  constructor(
    what: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(what, options);
  }
}

/**
 * The text for stderr. Errors of the product's own rooms are written for the reader, with a `hint` where something can be
 * done; what the language or Node throws by itself (TypeError, a system error) is a bug and keeps its stack.
 */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `stallscope: ${String(error)}\n`;
  if ('hint' in error && typeof error.hint === 'string') {
    return `stallscope: ${error.message}\n${error.hint === '' ? '' : `  ${error.hint.replaceAll('\n', '\n  ')}\n`}`;
  }
  const isOurs = error.constructor === Error && !('code' in error);
  return `stallscope: ${isOurs ? error.message : (error.stack ?? error.message)}\n`;
}

/** The part of a system error that a reader needs: its code's meaning, without the call and path that Node repeats. */
export function systemCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return SYSTEM_CAUSES[code] ?? error.message;
}

const SYSTEM_CAUSES: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EADDRINUSE: 'the port is taken',
  EADDRNOTAVAIL: 'this host has no such address',
};
