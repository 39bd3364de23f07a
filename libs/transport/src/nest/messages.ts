import { assert, Fault, isFault, type Facts, type Rejection, type Retry } from '@pstream/kernel';
import type { LogRecord, OutgoingRecord, TopicSpec } from '../transport.js';

/** Header that names the command of a request. */
export const PATTERN_HEADER = 'pattern';
/** Header that ties an answer to its request. */
export const CORRELATION_HEADER = 'correlation-id';
/** Header that names the topic for the answer. */
export const REPLY_TO_HEADER = 'reply-to';

// Requests have no order among each other, so they are spread for the sake of throughput only.
const COMMAND_PARTITIONS = 4;

/** Topic that carries the requests of a pattern `<service>.<Command>`. */
export const commandTopic = (pattern: string): TopicSpec => {
  const service = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_.-]+$/.exec(pattern)?.[1];
  assert(service !== undefined, `a message pattern has the form <service>.<Command>, not ${pattern}`);
  return { name: `${service}.commands.v1`, partitions: COMMAND_PARTITIONS, durability: 'volatile' };
};

/** Topic that carries the answers to a client. */
export const replyTopic = (clientId: string): TopicSpec => ({ name: `${clientId}.replies.v1`, partitions: 1, durability: 'volatile' });

/** The value of a request. Fault 'command.unreadable' (never) if it is not JSON. */
export const readRequest = (record: LogRecord): unknown => jsonOf(record, 'command');

/** A record with a JSON value. */
export const jsonRecord = (key: string, value: unknown, headers: Readonly<Record<string, string>> = {}): OutgoingRecord => ({
  key,
  headers: { ...headers, 'content-type': 'application/json' },
  value: new TextEncoder().encode(JSON.stringify(value)),
});

type FaultData = {
  readonly code: string;
  readonly message: string;
  readonly retry: Retry;
  readonly facts: Facts;
  readonly advice?: string;
};

/** How a request ended, as data. */
export type AnswerData = { readonly value?: unknown } | { readonly rejection: Rejection } | { readonly fault: FaultData };

/** The answer for what a handler threw. Foreign errors become Fault 'handler.failed': their text may hold what must not travel. */
export const answerForError = (error: unknown, pattern: string): AnswerData => {
  if (isRejection(error)) return { rejection: error };
  const fault = isFault(error) ? error : new Fault('handler.failed', { retry: 'never', facts: { pattern } });
  return {
    fault: {
      code: fault.code,
      message: fault.message,
      retry: fault.retry,
      facts: fault.facts,
      ...(fault.advice === undefined ? {} : { advice: fault.advice }),
    },
  };
};

/** The inverse, on the side that asked: the value, or the Rejection or Fault to fail with. Fault 'answer.unreadable' (never) if the
 *  record is no answer. */
export const readAnswer = (
  record: LogRecord,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown } => {
  const answer = jsonOf(record, 'answer');
  if (!isAnswer(answer)) throw unreadable('answer', 'an object that is no answer');
  if ('rejection' in answer) return { ok: false, error: answer.rejection };
  if ('fault' in answer) {
    const { code, message, retry, facts, advice } = answer.fault;
    return { ok: false, error: new Fault(code, { message, retry, facts, ...(advice === undefined ? {} : { advice }) }) };
  }
  return { ok: true, value: answer.value };
};

/** Fault for a record on a command or reply topic that nobody understands. `found` names no values. */
export const unreadable = (what: 'command' | 'answer', found: string, cause?: unknown): Fault =>
  new Fault(`${what}.unreadable`, {
    retry: 'never',
    facts: { found },
    advice: 'A program other than this release wrote this record, or it was damaged. It is kept on the dead-letter topic as it came.',
    ...(cause === undefined ? {} : { cause }),
  });

const jsonOf = ({ value }: LogRecord, what: 'command' | 'answer'): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (cause) {
    throw unreadable(what, 'a value that is not JSON', cause);
  }
};

const isAnswer = (data: unknown): data is AnswerData => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  if ('rejection' in data) return isRejection(data.rejection);
  if (!('fault' in data)) return true;
  const { fault } = data;
  if (typeof fault !== 'object' || fault === null) return false;
  const { code, message, retry } = fault as Partial<Record<keyof FaultData, unknown>>;
  const retries = retry === 'now' || retry === 'never' || (typeof retry === 'object' && retry !== null && 'afterMs' in retry);
  return typeof code === 'string' && typeof message === 'string' && retries;
};

const isRejection = (error: unknown): error is Rejection =>
  typeof error === 'object' &&
  error !== null &&
  !(error instanceof Error) &&
  'code' in error &&
  typeof error.code === 'string' &&
  'facts' in error;
