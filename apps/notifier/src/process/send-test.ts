import { outboxStream, type NoticeEntry, type SendTest, type SendTestReply } from '@pstream/contracts';
import { subscriptionOf } from '../commands/ports.js';
import { sampleOf } from '../render/samples.js';
import { aboutTest, outboxIdOf, type Outboxes, type OutboxPorts } from './outboxes.js';

/** Sends one notice now and says what came of it; asked again with the same id, it says so again and sends nothing. */
export const sendTest = async (
  ports: OutboxPorts,
  outboxes: Outboxes,
  { workgroupId, subscriptionId, testId, about }: SendTest,
): Promise<SendTestReply> => {
  if ((await subscriptionOf(ports, { workgroupId, subscriptionId })) === undefined)
    return { outcome: 'unknown-subscription', code: null, advice: null };
  const of = { workgroupId, subscriptionId, about: aboutTest(testId) };
  const test = { kind: 'test', at: ports.clock.now() } as const;
  const entry: NoticeEntry = about === undefined ? test : { ...sampleOf(about), ...test, sampleOf: about };
  await outboxes.collect(of, entry, [testId]);
  // The same test may be under way already, asked for by a request that is sent again.
  await outboxes.advanceNext(of);
  const last = (await ports.store.read(outboxStream(outboxIdOf(of)))).at(-1);
  if (last?.type === 'NoticeSent') return { outcome: 'sent', code: null, advice: null };
  const { code, advice = null } = last?.type === 'NoticeGivenUp' ? last.data : { code: 'notice.no-answer' };
  return { outcome: 'failed', code, advice };
};
