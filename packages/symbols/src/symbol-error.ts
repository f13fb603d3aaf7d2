/** Owns the error of this package: a file or table of symbols that cannot be read, with what to do about it. */
export interface SymbolErrorFacts {
  /** An infinitive: `read`. */
  operation: string;
  /** The file or table. */
  subject: string;
  /** Why, in words. */
  cause: string;
  /** What the reader can do; '' when there is nothing to add. */
  hint?: string;
}

export class SymbolError extends Error {
  readonly operation: string;
  readonly subject: string;
  override readonly cause: string;
  readonly hint: string;

  constructor({ operation, subject, cause, hint = '' }: SymbolErrorFacts) {
    super(`${operation} ${subject}: ${cause}${hint === '' ? '' : `\nhint: ${hint}`}`);
    this.name = 'SymbolError';
    this.operation = operation;
    this.subject = subject;
    this.cause = cause;
    this.hint = hint;
  }
}
