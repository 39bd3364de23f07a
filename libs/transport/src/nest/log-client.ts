import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { assert, Fault, type Clock, type Ids } from '@pstream/kernel';
import { consumeByKey } from '../consume-by-key.js';
import type { DeadLetters } from '../dead-letters.js';
import type { LogRecord, OutgoingRecord, Subscription, Transport } from '../transport.js';
import {
  commandTopic,
  CORRELATION_HEADER,
  jsonRecord,
  PATTERN_HEADER,
  readAnswer,
  REPLY_TO_HEADER,
  replyTopic,
  unreadable,
} from './messages.js';

export type LogClientOptions = {
  /** Not closed by the client. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Names the topic for the answers; no two processes may share one. */
  readonly clientId: string;
  /** Takes the answers that cannot be read. */
  readonly deadLetters: DeadLetters;
  /** The consumer of the answers has ended by an error. The process should end. */
  readonly failed: (error: unknown) => void;
  /** How long an answer is awaited. Default 30,000. */
  readonly timeoutMs?: number;
};

const DEFAULT_TIMEOUT_MS = 30_000;

type Pending = { readonly callback: (packet: WritePacket) => void; readonly timer: AbortController };

/** Nest client over the message log. `send('<service>.<Command>', data)` gives the answer, or fails with the handler's Fault or
 *  Rejection, or with Fault 'transport.no-answer' (retry now: repeating a command is harmless). `emit(topic, record)` sends a record. */
export class LogClient extends ClientProxy {
  private readonly options: LogClientOptions;
  private readonly pending = new Map<string, Pending>();
  private readonly topics = new Map<string, Promise<void>>();
  private connecting: Promise<Subscription> | undefined;

  constructor(options: LogClientOptions) {
    super();
    this.options = options;
  }

  override async connect(): Promise<void> {
    this.connecting ??= this.listen();
    try {
      await this.connecting;
    } catch (error) {
      this.connecting = undefined;
      throw error;
    }
  }

  override async close(): Promise<void> {
    const connecting = this.connecting;
    this.connecting = undefined;
    for (const id of this.pending.keys()) this.settle(id, { err: new Fault('transport.closed', { retry: 'never' }) });
    await (await connecting)?.close();
  }

  override unwrap<T>(): T {
    return this.options.transport as T;
  }

  protected override publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const { clock, ids, clientId, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const id = ids.ulid();
    const pattern = this.normalizePattern(packet.pattern);
    const timer = new AbortController();
    this.pending.set(id, { callback, timer });
    clock.sleep(timeoutMs, timer.signal).then(
      () => this.settle(id, { err: new Fault('transport.no-answer', { retry: 'now', facts: { pattern, timeoutMs } }) }),
      () => undefined,
    );
    const headers = { [PATTERN_HEADER]: pattern, [CORRELATION_HEADER]: id, [REPLY_TO_HEADER]: replyTopic(clientId).name };
    this.request(pattern, jsonRecord(id, packet.data, headers)).catch((error: unknown) => this.settle(id, { err: error }));
    return () => {
      this.pending.delete(id);
      timer.abort();
    };
  }

  protected override async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    const record = packet.data as OutgoingRecord;
    assert(typeof record.key === 'string' && record.value instanceof Uint8Array, 'emit takes a record with a key and bytes');
    await this.options.transport.send(this.normalizePattern(packet.pattern), [record]);
    return undefined as T;
  }

  private async request(pattern: string, record: OutgoingRecord): Promise<void> {
    const topic = commandTopic(pattern);
    let ensured = this.topics.get(topic.name);
    if (ensured === undefined) {
      ensured = this.options.transport.ensureTopics([topic]);
      this.topics.set(topic.name, ensured);
      ensured.catch(() => this.topics.delete(topic.name));
    }
    await ensured;
    await this.options.transport.send(topic.name, [record]);
  }

  private async listen(): Promise<Subscription> {
    const { transport, clock, clientId, deadLetters } = this.options;
    const topic = replyTopic(clientId);
    await transport.ensureTopics([topic]);
    return consumeByKey(transport, {
      clock,
      topics: [topic.name],
      group: topic.name,
      from: 'latest',
      deadLetters,
      handler: async (record) => this.answered(record),
      failed: (error) => {
        this.connecting = undefined;
        for (const id of this.pending.keys()) this.settle(id, { err: error });
        this.options.failed(error);
      },
    });
  }

  private answered(record: LogRecord): void {
    const id = record.headers[CORRELATION_HEADER];
    if (id === undefined) throw unreadable('answer', 'no header correlation-id');
    // An answer that came too late, or twice.
    if (!this.pending.has(id)) return;
    try {
      const answer = readAnswer(record);
      this.settle(id, answer.ok ? { response: answer.value ?? null, isDisposed: true } : { err: answer.error });
    } catch (error) {
      this.settle(id, { err: error });
      throw error;
    }
  }

  private settle(id: string, packet: WritePacket): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.pending.delete(id);
    pending.timer.abort();
    pending.callback(packet);
  }
}
