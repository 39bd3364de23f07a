import { Fault, isFault, type Facts } from '@pstream/kernel';

// Circumstances seen with kafkajs 2.2.4 and Apache Kafka 4.1: no broker listening (KafkaJSConnectionError inside
// KafkaJSNumberOfRetriesExceeded), a broker that went away (KafkaJSConnectionClosedError), an unknown topic
// (UNKNOWN_TOPIC_OR_PARTITION), a batch over the topic's limit (MESSAGE_TOO_LARGE), a commit in the middle of a rebalance
// (REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION) and after the session had ended (UNKNOWN_MEMBER_ID).

const RETRY_MS = 1_000;
// A rebalance of a few members is over within this time.
const REBALANCE_RETRY_MS = 200;

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const UNKNOWN_TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID']);
const REBALANCING = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID']);
const REFUSED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
]);
const NOT_TO_BE_RETRIED = new Set([
  'UNSUPPORTED_VERSION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
]);

const text = (error: unknown, name: string): string | undefined => {
  const found: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  return typeof found === 'string' ? found : undefined;
};

/** The broker's name for what went wrong, from the error or what caused it; else the client's own name for it. */
const reasonOf = (error: unknown): string => {
  let reason: string | undefined;
  const causes: unknown[] = [error];
  // Several topics in one request give one error each; the first stands for all.
  const several: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'errors') : undefined;
  if (Array.isArray(several)) causes.push(several[0]);
  for (let cause = causes.at(-1), depth = 0; cause !== undefined && depth < 10; depth++) {
    const type = text(cause, 'type');
    if (type !== undefined) return type;
    reason = text(cause, 'name') ?? reason;
    cause = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'cause') : undefined;
  }
  return reason ?? 'unknown';
};

const DEFECTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError', 'Defect']);

/** Whether an error is a bug, so that another try would only hide it. */
export const isDefect = (error: unknown): boolean => DEFECTS.has(reasonOf(error));

/** Classifies what kafkajs throws into the faults of the port. */
export const kafkaFault = (cause: unknown, facts: Facts = {}): Fault => {
  if (isFault(cause)) return cause;
  const reason = reasonOf(cause);
  const all = { ...facts, reason };
  if (TOO_LARGE.has(reason)) {
    return new Fault('transport.record-too-large', {
      retry: 'never',
      facts: all,
      advice: "Raise the topic's max.message.bytes to what this transport is set to.",
      cause,
    });
  }
  if (UNKNOWN_TOPIC.has(reason)) {
    // Its existence was checked before, so the brokers have not all heard of it yet, or it was deleted under our feet.
    const retry = { afterMs: RETRY_MS };
    return new Fault('transport.topic-unknown', { retry, facts: all, advice: 'Name the topic in ensureTopics first.', cause });
  }
  if (REFUSED.has(reason) || reason === 'KafkaJSSASLAuthenticationError') {
    return new Fault('transport.unauthorized', {
      retry: 'never',
      facts: all,
      advice: "Check the broker's credentials and access rules.",
      cause,
    });
  }
  if (NOT_TO_BE_RETRIED.has(reason))
    return new Fault('transport.refused', { retry: 'never', facts: all, advice: "Check the broker's version and settings.", cause });
  return new Fault('transport.unavailable', {
    retry: { afterMs: REBALANCING.has(reason) ? REBALANCE_RETRY_MS : RETRY_MS },
    facts: all,
    advice: 'Check that the brokers are up and can be reached.',
    cause,
  });
};
