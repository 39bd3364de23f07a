import type { Message } from 'kafkajs';
import { TopicSender } from './topic-sender.js';

const messages = (...values: string[]): Message[] => values.map((value) => ({ key: 'k', value }));
const valuesOf = (sent: readonly Message[]): string => sent.map(({ value }) => String(value)).join('');

describe('topic sender', () => {
  it('puts sends that come together into one request, within the bytes a request may have', async () => {
    const requests: string[] = [];
    const sender = new TopicSender((sent) => {
      requests.push(valuesOf(sent));
      return Promise.resolve();
    }, 10);
    await Promise.all([sender.send(messages('a', 'b'), [4, 4]), sender.send(messages('c', 'd', 'e'), [2, 12, 3]), sender.send([], [])]);
    expect(requests).toEqual(['abc', 'd', 'e']);
    await sender.send(messages('f'), [1]);
    expect(requests.at(-1)).toBe('f');
  });

  it('ends every send that had a part in a failed request, sends nothing more of it, and goes on with the others', async () => {
    const requests: string[] = [];
    const broken = new Error('no');
    const sender = new TopicSender((sent) => {
      requests.push(valuesOf(sent));
      return valuesOf(sent).includes('x') ? Promise.reject(broken) : Promise.resolve();
    }, 10);
    const outcomes = await Promise.allSettled([
      sender.send(messages('a', 'b'), [5, 5]),
      sender.send(messages('x', 'y'), [9, 9]),
      sender.send(messages('c'), [5]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(requests).toEqual(['ab', 'x', 'c']);
  });
});
