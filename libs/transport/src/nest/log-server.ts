import { Server, type CustomTransportStrategy, type MessageHandler, type MsPattern } from '@nestjs/microservices';
import { fromCloudEvent } from '@pstream/contracts';
import { assert, Fault, isFault, type Clock } from '@pstream/kernel';
import { lastValueFrom } from 'rxjs';
import { consumeByKey } from '../consume-by-key.js';
import type { DeadLetters } from '../dead-letters.js';
import type { LogRecord, Subscription, TopicSpec, Transport } from '../transport.js';
import type { SubscribeExtras } from './decorators.js';
import { LogContext } from './log-context.js';
import {
  answerForError,
  commandTopic,
  CORRELATION_HEADER,
  jsonRecord,
  PATTERN_HEADER,
  readRequest,
  REPLY_TO_HEADER,
  unreadable,
  type AnswerData,
} from './messages.js';

export type LogServerOptions = {
  /** Not closed by the server. */
  readonly transport: Transport;
  readonly clock: Clock;
  /** Most requests of one service at work at once. Default 16. */
  readonly concurrency?: number;
  /** Takes the records that nobody understands. */
  readonly deadLetters: DeadLetters;
  /** A consumer has ended by an error that is no Fault: our own bug, or a log that cannot be read. The process should end. */
  readonly failed: (error: unknown) => void;
};

type Request = { readonly pattern: string; readonly handle: MessageHandler; readonly data: unknown };

/** What a pattern looks like; anything else in that header is not repeated anywhere. */
const PATTERN = /^[A-Za-z0-9_-]{1,60}\.[A-Za-z0-9_.-]{1,60}$/;

type Subscribed = { readonly topic: string; readonly extras: SubscribeExtras; readonly handle: MessageHandler };

/** Nest strategy over the message log: `Subscribe` handlers consume topics of events, `Answer` handlers answer requests.
 *  Topics of subscribed handlers must exist before `listen`. */
export class LogServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('log');
  private readonly options: LogServerOptions;
  private readonly subscribed: Subscribed[] = [];
  private subscriptions: Subscription[] = [];

  constructor(options: LogServerOptions) {
    super();
    this.options = options;
  }

  /** Nest chains the handlers of one event; here each has its own group and must be reached on its own. */
  override addHandler(pattern: MsPattern, callback: MessageHandler, isEventHandler = false, extras: Record<string, unknown> = {}): void {
    if (!isEventHandler) {
      super.addHandler(pattern, callback, false, extras);
      return;
    }
    const topic = this.normalizePattern(pattern);
    const given = extras as Partial<SubscribeExtras>;
    assert(given.group !== undefined, `the handler of ${topic} has no group: use Subscribe`);
    const { group } = given;
    assert(
      !this.subscribed.some((other) => other.topic === topic && other.extras.group === group),
      `two handlers of ${topic} share group ${group}`,
    );
    this.subscribed.push({ topic, extras: { ...given, group }, handle: callback });
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    const subscriptions = this.subscriptions;
    this.subscriptions = [];
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }

  override on(): never {
    throw new Fault('transport.no-events', { retry: 'never' });
  }

  override unwrap<T>(): T {
    return this.options.transport as T;
  }

  private async start(): Promise<void> {
    const { transport, clock, deadLetters, failed } = this.options;
    const services = new Map<string, TopicSpec>();
    for (const pattern of this.messageHandlers.keys()) {
      const topic = commandTopic(pattern);
      services.set(topic.name, topic);
    }
    await transport.ensureTopics([...services.values()]);
    await deadLetters.prepare([...services.keys(), ...this.subscribed.map(({ topic }) => topic)]);
    const { concurrency } = this.options;
    const starting = [...services.keys()].map((topic) =>
      consumeByKey(transport, {
        clock,
        topics: [topic],
        group: topic,
        deadLetters,
        ...(concurrency === undefined ? {} : { concurrency }),
        handler: (record, signal) => this.answer(record, signal),
        failed,
      }),
    );
    for (const { topic, extras, handle } of this.subscribed) {
      starting.push(
        consumeByKey(transport, {
          clock,
          topics: [topic],
          ...extras,
          handler: async (record, signal) => {
            await this.run(handle, fromCloudEvent(record.headers, record.value), new LogContext([record, signal]));
          },
          deadLetters,
          failed,
        }),
      );
    }
    const outcomes = await Promise.allSettled(starting);
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') this.subscriptions.push(outcome.value);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    if (refused !== undefined) {
      await this.close();
      throw refused.reason;
    }
  }

  private run(handle: MessageHandler, data: unknown, context: LogContext): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // The hook opens a span and calls back; what it returns is its own affair.
      this.onProcessingStartHook(this.transportId, context, async () => {
        try {
          resolve(await lastValueFrom(this.transformToObservable<unknown>(await handle(data, context)), { defaultValue: undefined }));
        } catch (error) {
          reject(error);
        } finally {
          this.onProcessingEndHook?.(this.transportId, context);
        }
      });
    });
  }

  private async answer(record: LogRecord, signal: AbortSignal): Promise<void> {
    const request = this.requestOf(record);
    const answer = 'refusal' in request ? answerForError(request.refusal, request.pattern) : await this.answerTo(request, record, signal);
    // Whoever asked will ask again if the partition has been taken away in the middle of it.
    if (signal.aborted) return;
    const replyTo = record.headers[REPLY_TO_HEADER];
    if (replyTo !== undefined) await this.reply(replyTo, record.headers[CORRELATION_HEADER] ?? record.key, request.pattern, answer);
    // Whoever asked knows; so shall whoever runs this.
    if ('refusal' in request) throw request.refusal;
  }

  private requestOf(record: LogRecord): Request | { readonly pattern: string; readonly refusal: Fault } {
    const pattern = record.headers[PATTERN_HEADER] ?? '';
    if (!PATTERN.test(pattern)) return { pattern: '', refusal: unreadable('command', 'a header pattern that names no command') };
    const handle = this.getHandlerByPattern(pattern);
    if (handle === null) return { pattern, refusal: new Fault('message.no-handler', { retry: 'never', facts: { pattern } }) };
    try {
      return { pattern, handle, data: readRequest(record) };
    } catch (error) {
      if (!isFault(error)) throw error;
      return { pattern, refusal: error };
    }
  }

  private async answerTo({ pattern, handle, data }: Request, record: LogRecord, signal: AbortSignal): Promise<AnswerData> {
    try {
      return { value: await this.run(handle, data, new LogContext([record, signal])) };
    } catch (error) {
      if (!isFault(error) && error instanceof Error) this.logger.error(`${pattern} failed: ${error.name}`, error.stack);
      return answerForError(error, pattern);
    }
  }

  private async reply(topic: string, correlation: string, pattern: string, answer: AnswerData): Promise<void> {
    const { transport } = this.options;
    const headers = { [CORRELATION_HEADER]: correlation };
    try {
      await transport.send(topic, [jsonRecord(correlation, answer, headers)]);
    } catch (error) {
      if (!isFault(error) || error.retry !== 'never') throw error;
      if (error.code === 'transport.record-too-large') {
        await transport.send(topic, [jsonRecord(correlation, answerForError(error, pattern), headers)]);
      } else {
        // The topic of a client that no longer exists: nobody waits for this answer.
        this.logger.warn(`no answer to ${pattern}: ${error.code}`);
      }
    }
  }
}
