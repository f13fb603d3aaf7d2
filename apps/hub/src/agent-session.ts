/**
 * Owns the hub's end of one agent's connection.
 *
 *     greeting ──hello──▶ streaming ──▶ closed
 *         └──────anything else, or no hello in time──────▲
 *
 * Invariant: what breaks the protocol closes this session with its code and reason, and touches no other.
 */
import {
  AGENT_STREAM,
  type Collectible,
  DictionaryReader,
  decodeWindow,
  FRAME_TYPES,
  ProtocolError,
  readAgentToHub,
  readFrameHeader,
  type SourceAnswer,
  type SourceQuestion,
  toText,
  type WindowLengthMs,
} from '@stallscope/protocol';
import type { HostRecord } from './host-record.js';
import type { Hub } from './hub.js';
import {
  AGENT_FRAMES_A_SECOND,
  AGENT_FRAMES_BURST,
  CONTROL_MESSAGES_A_SECOND,
  CONTROL_MESSAGES_BURST,
  HELLO_TIMEOUT_MS,
} from './limits.js';
import { RateLimit } from './rate-limit.js';
import { noSource, SourceQuestions } from './source-questions.js';
import type { Wire } from './wire.js';

type State =
  | { kind: 'greeting'; sinceMs: number }
  | { kind: 'streaming'; host: HostRecord; run: string; reader: DictionaryReader }
  | { kind: 'closed' };

export class AgentSession {
  readonly #hub: Hub;
  readonly #wire: Wire;
  readonly #controlRate: RateLimit;
  readonly #frameRate: RateLimit;
  readonly #questions: SourceQuestions;
  #state: State;

  constructor(hub: Hub, wire: Wire) {
    const nowMs = hub.nowMs();
    this.#hub = hub;
    this.#wire = wire;
    this.#questions = new SourceQuestions(hub.nowMs);
    this.#controlRate = new RateLimit(CONTROL_MESSAGES_A_SECOND, CONTROL_MESSAGES_BURST, nowMs);
    this.#frameRate = new RateLimit(AGENT_FRAMES_A_SECOND, AGENT_FRAMES_BURST, nowMs);
    this.#state = { kind: 'greeting', sinceMs: nowMs };
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /** Of the tables that this connection has been sent. */
  get dictionaryBytes(): number {
    return this.#state.kind === 'streaming' ? this.#state.reader.bytes : 0;
  }

  onText(received: string): void {
    this.#guard(() => {
      if (!this.#controlRate.take(this.#hub.nowMs())) {
        throw new ProtocolError('too-fast', 'control messages: more than the hub takes');
      }
      const message = readAgentToHub(received);
      if (message.type === 'source') {
        if (this.#state.kind !== 'streaming')
          throw new ProtocolError('out-of-turn', 'source: came before hello');
        this.#questions.answered(message.ask, message.answer);
        return;
      }
      const hello = message;
      if (this.#state.kind !== 'greeting') {
        throw new ProtocolError('out-of-turn', 'hello: was said before on this connection');
      }
      this.#wire.send(toText({ type: 'welcome' }));
      const reader = new DictionaryReader();
      // Streaming before the hub is told, which may ask for another window at once.
      const host = this.#hub.findOrMakeHost(hello, this);
      this.#state = { kind: 'streaming', host, run: hello.agent.run, reader };
      this.#hub.agentConnected(hello, host, this);
    });
  }

  onBinary(bytes: Uint8Array): void {
    this.#guard((nowMs) => {
      const state = this.#state;
      if (state.kind !== 'streaming') {
        throw new ProtocolError('out-of-turn', 'frame: came before hello');
      }
      if (!this.#frameRate.take(nowMs)) {
        throw new ProtocolError('too-fast', 'frames: more than the hub takes of one agent');
      }
      const { type, stream } = readFrameHeader(bytes);
      if (stream !== AGENT_STREAM) {
        throw new ProtocolError('bad-frame', `frame: on stream ${stream}, agents send on ${AGENT_STREAM}`);
      }
      if (type !== FRAME_TYPES.window) {
        state.reader.apply(bytes);
        this.#hub.keepWithinBytes();
        return;
      }
      const { tables } = state.reader;
      const window = decodeWindow(bytes, tables);
      // Sent again after a reconnect because its acknowledgement was lost: it is here already.
      if (state.host.isNew(state.run, window.sequence)) this.#hub.windowReceived(state.host, window, tables);
      this.#wire.send(toText({ type: 'ack', sequence: window.sequence }));
    });
  }

  /** The socket is gone, whoever ended it. */
  onClosed(): void {
    this.#leave();
  }

  tick(nowMs: number): void {
    this.#questions.tick(nowMs);
    if (this.#state.kind === 'greeting' && nowMs - this.#state.sinceMs > HELLO_TIMEOUT_MS) {
      this.close(new ProtocolError('hello-timeout', `agent: no hello within ${HELLO_TIMEOUT_MS} ms`));
    }
  }

  /** @returns what the agent tells, or why it tells nothing; it never throws */
  askSource(question: SourceQuestion): Promise<SourceAnswer> {
    if (this.#state.kind !== 'streaming') return Promise.resolve(noSource('the agent is not connected'));
    return this.#questions.ask((ask) => this.#wire.send(toText({ type: 'ask-source', ask, question })));
  }

  setWindow(windowMs: WindowLengthMs): void {
    if (this.#state.kind === 'closed') return;
    this.#wire.send(toText({ type: 'set-window', windowMs }));
  }

  /** What browsers want of it, all together. */
  collect(wants: readonly Collectible[]): void {
    if (this.#state.kind === 'closed') return;
    this.#wire.send(toText({ type: 'collect', wants: [...wants] }));
  }

  close(error: ProtocolError): void {
    if (this.#state.kind === 'closed') return;
    this.#hub.log('agent closed', {
      host: this.#state.kind === 'streaming' ? this.#state.host.id : null,
      code: error.code,
      reason: error.message,
    });
    this.#wire.close(error.closeCode, error.message);
    this.#leave();
  }

  #leave(): void {
    const { kind } = this.#state;
    if (kind === 'closed') return;
    const host = this.#state.kind === 'streaming' ? this.#state.host : undefined;
    this.#state = { kind: 'closed' };
    this.#questions.giveUp('the agent went while it was asked');
    this.#hub.agentLeft(this, host);
  }

  #guard(handle: (nowMs: number) => void): void {
    if (this.#state.kind === 'closed') return;
    try {
      handle(this.#hub.nowMs());
    } catch (error) {
      this.close(error instanceof ProtocolError ? error : this.#hub.fault('agent', error));
    }
  }
}
