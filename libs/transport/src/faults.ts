import { Fault } from '@pstream/kernel';

/** The partition belongs to somebody else now. */
export const notOwnerFault = (topic: string, partition: number, group: string): Fault =>
  new Fault('transport.not-owner', { retry: 'never', facts: { topic, partition, group } });

/** The transport has been closed. */
export const closedFault = (): Fault => new Fault('transport.closed', { retry: 'never' });

/** Nobody has created the topic. */
export const unknownTopicFault = (topic: string): Fault =>
  new Fault('transport.topic-unknown', { retry: 'never', facts: { topic }, advice: 'Name the topic in ensureTopics first.' });

/** The record is larger than the log takes. */
export const tooLargeFault = (topic: string, bytes: number, limit: number): Fault =>
  new Fault('transport.record-too-large', {
    retry: 'never',
    facts: { topic, bytes, limit },
    advice: 'Put the value into Blob and send a claim for it.',
  });
