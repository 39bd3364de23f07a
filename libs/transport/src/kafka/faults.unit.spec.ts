import kafkajs from 'kafkajs';
import { Fault } from '@pstream/kernel';
import { kafkaFault } from './faults.js';

const { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded } = kafkajs;

const protocol = (type: string): Error => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

describe('errors of Kafka as faults', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'transport.record-too-large', 'never'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'transport.topic-unknown', { afterMs: 1000 }],
    ['TOPIC_AUTHORIZATION_FAILED', 'transport.unauthorized', 'never'],
    ['UNSUPPORTED_VERSION', 'transport.refused', 'never'],
    ['REBALANCE_IN_PROGRESS', 'transport.unavailable', { afterMs: 200 }],
    ['NOT_ENOUGH_REPLICAS', 'transport.unavailable', { afterMs: 1000 }],
  ])('takes %s for %s', (type, code, retry) => {
    expect(kafkaFault(protocol(type), { topic: 't' })).toMatchObject({ code, retry, facts: { topic: 't', reason: type } });
  });

  it('looks for the reason in what caused the error, and in the first of several', () => {
    const exceeded = new KafkaJSNumberOfRetriesExceeded(new KafkaJSConnectionError('refused'), { retryCount: 5, retryTime: 1000 });
    expect(kafkaFault(exceeded)).toMatchObject({ code: 'transport.unavailable', facts: { reason: 'KafkaJSConnectionError' } });
    expect(kafkaFault(Object.assign(new Error('several'), { errors: [protocol('INVALID_CONFIG')] }))).toMatchObject({
      code: 'transport.refused',
    });
    expect(kafkaFault('?')).toMatchObject({ code: 'transport.unavailable', facts: { reason: 'unknown' } });
    const own = new Fault('transport.closed', { retry: 'never' });
    expect(kafkaFault(own)).toBe(own);
  });
});
