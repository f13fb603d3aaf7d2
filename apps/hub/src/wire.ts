/** Owns what the hub knows of a socket, so that everything behind it is tested without one. */
export interface Wire {
  /** Ordered; taken whole or, once closed, dropped. */
  send(data: string | Uint8Array): void;
  /** Bytes given to `send` that the network has not taken. */
  readonly bufferedBytes: number;
  /** Tells the peer why; nothing is received from it after. */
  close(code: number, reason: string): void;
}
