import type { Facts } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import { Outage } from './outage.js';

describe('outage', () => {
  it('is one line when it begins and one when everything answers again', async () => {
    const clock = new FakeClock();
    const lines: { readonly event: string; readonly facts: Facts }[] = [];
    const outage = new Outage(clock, (_level, event, facts) => lines.push({ event, facts }));
    const [send, one, other] = [{ name: 'send' }, { name: 'group a' }, { name: 'group a' }];
    outage.over(send);
    outage.failed(send, 'KafkaJSConnectionError');
    outage.failed(send, 'KafkaJSConnectionError');
    outage.failed(one, 'no-heartbeat');
    outage.failed(other, 'no-heartbeat');
    await clock.advance(9_000);
    outage.over(send);
    outage.over(one);
    expect(lines).toEqual([{ event: 'transport.outage', facts: { part: 'send', reason: 'KafkaJSConnectionError' } }]);
    outage.over(other);
    outage.over(other);
    expect(lines.slice(1)).toEqual([{ event: 'transport.recovered', facts: { part: 'group a', outageMs: 9_000 } }]);
  });
});
