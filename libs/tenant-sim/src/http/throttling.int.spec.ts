import { FakeClock } from '@pstream/testing';
import { start, stopAll } from '../client.fixture.js';

afterEach(stopAll);

const BOX = 'user1@fabrikam.test';

describe('throttling and outages', () => {
  it('refuses the fifth call in flight of one app to one mailbox, and no other mailbox', async () => {
    const client = await start({
      faults: { rules: [{ on: 'exportItems', mailbox: BOX, effect: 'hang' }] },
      limits: { concurrent: 4, requests: 1000, windowMs: 600_000, retryAfterSeconds: 3 },
    });
    const url = `${client.mailbox(BOX)}/exportItems`;
    const stop = new AbortController();
    const hung = Array.from({ length: 4 }, () =>
      client
        .call(url, { method: 'POST', body: '{"itemIds":["x"]}', headers: { 'content-type': 'application/json' }, signal: stop.signal })
        .catch(() => 'stopped'),
    );
    while (client.sim.requests.filter((each) => each.operation === 'exportItems').length < 4)
      await new Promise((resolve) => setImmediate(resolve));
    const fifth = await client.call(`${client.mailbox(BOX)}/folders`);
    expect([fifth.status, fifth.at('error', 'code'), fifth.headers.get('retry-after')]).toEqual([429, 'ApplicationThrottled', '3']);
    expect(fifth.at('error', 'message')).toContain('MailboxConcurrency');
    expect((await client.call(`${client.mailbox('user2@fabrikam.test')}/folders`)).status).toBe(200);
    expect(client.sim.requests.map((each) => each.concurrent)).toContain(5);
    stop.abort();
    expect(await Promise.all(hung)).toEqual(['stopped', 'stopped', 'stopped', 'stopped']);
    while (client.sim.requests.some((each) => each.operation === 'exportItems' && each.milliseconds === undefined))
      await new Promise((resolve) => setImmediate(resolve));
    expect((await client.call(`${client.mailbox(BOX)}/folders`)).status).toBe(200);
  });

  it('refuses calls over the number per window, throttled ones counted, until the window is over', async () => {
    const clock = new FakeClock();
    const client = await start({ clock, limits: { concurrent: 4, requests: 3, windowMs: 600_000 } });
    const statuses = async (count: number): Promise<number[]> => {
      const found: number[] = [];
      for (let n = 0; n < count; n++) found.push((await client.call(`${client.mailbox(BOX)}/folders`)).status);
      return found;
    };
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
    await clock.advance(600_000);
    expect(await statuses(1)).toEqual([200]);
  });

  it('throttles by script with and without Retry-After, with any code', async () => {
    const client = await start({
      faults: {
        rules: [
          { on: 'folders', effect: 'throttle', retryAfterSeconds: 9, times: 1 },
          { on: 'folders', effect: 'throttle', nth: 2, times: 1, code: 'TooManyRequests' },
        ],
      },
    });
    const [first, second, third] = [
      await client.call(`${client.mailbox(BOX)}/folders`),
      await client.call(`${client.mailbox(BOX)}/folders`),
      await client.call(`${client.mailbox(BOX)}/folders`),
    ];
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '9']);
    expect([second.status, second.headers.get('retry-after'), second.at('error', 'code')]).toEqual([429, null, 'TooManyRequests']);
    expect(third.status).toBe(200);
  });

  it('moves a mailbox for minutes, in which everything on it fails', async () => {
    const clock = new FakeClock();
    const client = await start({
      clock,
      faults: { rules: [{ on: '*', mailbox: BOX, effect: 'unavailable', nth: 2, forSeconds: 180, retryAfterSeconds: 30 }] },
    });
    const call = async (): Promise<unknown[]> => {
      const answer = await client.call(`${client.mailbox(BOX)}/folders`);
      return [answer.status, answer.at('error', 'code')];
    };
    expect(await call()).toEqual([200, undefined]);
    expect(await call()).toEqual([503, 'ErrorMailboxMoveInProgress']);
    await clock.advance(179_000);
    expect(await call()).toEqual([503, 'ErrorMailboxMoveInProgress']);
    expect((await client.call(`${client.mailbox('user2@fabrikam.test')}/folders`)).status).toBe(200);
    await clock.advance(2_000);
    expect(await call()).toEqual([200, undefined]);
  });

  it('answers 504, any other error, and errors without a body', async () => {
    const client = await start({
      faults: {
        rules: [
          { on: 'folders', effect: 'timeout', times: 1 },
          { on: 'folders', effect: 'error', status: 401, code: 'x', emptyBody: true, nth: 2, times: 1 },
          { on: 'folders', effect: 'error', status: 500, code: 'ErrorInternalServerError', nth: 1, times: 1 },
        ],
      },
    });
    const [first, second, third] = [
      await client.call(`${client.mailbox(BOX)}/folders`),
      await client.call(`${client.mailbox(BOX)}/folders`),
      await client.call(`${client.mailbox(BOX)}/folders`),
    ];
    expect([first.status, second.status, second.text, third.status]).toEqual([504, 401, '', 200]);
  });

  it('names each answer, and gives the caller its own request id back', async () => {
    const client = await start();
    const answer = await client.call('/v1.0/users/nobody@x.test', { headers: { 'client-request-id': 'mine' } });
    expect(answer.headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers.get('client-request-id')).toBe('mine');
    expect(answer.at('error', 'innerError', 'request-id')).toBe(answer.headers.get('request-id'));
  });

  it('keeps a log of what was asked', async () => {
    const client = await start();
    await client.call(`${client.mailbox(BOX)}/folders?$top=1`);
    expect(client.sim.requests.at(-1)).toMatchObject({
      operation: 'folders',
      status: 200,
      concurrent: 1,
      mailbox: { userPrincipalName: BOX, kind: 'primary' },
      version: 'v1.0',
      batched: false,
    });
    expect(client.sim.requests.at(-1)?.bytes).toBeGreaterThan(50);
  });
});
