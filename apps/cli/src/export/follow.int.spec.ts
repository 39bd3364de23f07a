import { FakeClock, waitFor } from '@pstream/testing';
import { FakeGateway, HastyClock, runner, type Ended, type RunOptions } from '../cli.fixture.js';
import { PROJECT, setScene, sums } from '../scene.fixture.js';

describe('following an export', () => {
  const gateway = new FakeGateway();
  let run: ReturnType<typeof runner>;
  let clock: FakeClock;
  let looks: number;
  let statuses: Record<string, number>;
  beforeAll(async () => {
    run = runner(await gateway.start());
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    setScene(gateway);
    clock = new FakeClock();
    looks = 0;
    statuses = { Migrating: 1 };
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => {
      looks++;
      return { body: sums(statuses) };
    });
  });

  const follow = (verb: 'watch' | 'wait', more: RunOptions = {}): Promise<Ended> => run(['export', verb, 'Leavers'], { clock, ...more });
  const asked = () => gateway.got.filter(({ path }) => path === '/v1/events');
  /** Until this many looks were taken, and the command waits for the next one. */
  const lookedAt = (times: number): Promise<unknown> =>
    waitFor(() => looks === times && clock.sleepers.some(({ inMs }) => inMs <= 30_000), { what: `look ${times}` });

  it.each(['watch', 'wait'] as const)('%s looks when something has changed, and at most once in the interval', async (verb) => {
    const ended = follow(verb);
    await lookedAt(1);
    for (let more = 0; more < 20; more++) gateway.send('changed');
    statuses = { Completed: 1 };
    await waitFor(() => asked().length === 1);
    await clock.advance(1_999);
    expect(looks).toBe(1);
    await clock.advance(1);
    expect((await ended).exitCode).toBe(0);
    expect(looks).toBe(2);
    expect(asked()[0]?.query.get('project')).toBe(PROJECT);
    await waitFor(() => gateway.listeners.size === 0, { what: 'the end of the listening' });
  });

  it('looks again after the last change, since sums come a moment later, and then ever more rarely', async () => {
    const ended = follow('wait');
    const waits: number[] = [];
    for (let look = 1; look <= 7; look++) {
      await lookedAt(look);
      const begun = clock.monotonicMs();
      while (looks === look) {
        await waitFor(() => clock.sleepers.some(({ inMs }) => inMs <= 30_000));
        await clock.advance(Math.min(...clock.sleepers.map(({ inMs }) => inMs)));
        await waitFor(() => looks > look || clock.sleepers.some(({ inMs }) => inMs > 0 && inMs <= 30_000));
      }
      waits.push((clock.monotonicMs() - begun) / 1_000);
      if (look === 6) statuses = { Completed: 1 };
    }
    expect((await ended).exitCode).toBe(0);
    expect(waits).toEqual([4, 6, 10, 18, 32, 32, 32]);
  });

  it('goes on behind the last event where a connection broke, and reads again after a reset', async () => {
    const ended = follow('watch');
    await lookedAt(1);
    const id = gateway.send('changed');
    await clock.advance(2_000);
    await lookedAt(2);
    for (const listener of gateway.listeners) listener.destroy();
    await waitFor(() => clock.sleepers.some(({ inMs }) => inMs === 250), { what: 'the wait before the next connection' });
    await clock.advance(250);
    await waitFor(() => gateway.listeners.size === 1, { what: 'the next connection' });
    expect(asked().map(({ headers }) => headers['last-event-id'])).toEqual([undefined, id]);
    statuses = { Completed: 1 };
    gateway.send('reset');
    await clock.advance(1_750);
    expect((await ended).exitCode).toBe(0);
  });

  it('takes a connection that says nothing for dead', async () => {
    const ended = follow('wait', { clock });
    await waitFor(() => gateway.listeners.size === 1);
    await lookedAt(1);
    while (asked().length < 2) {
      await clock.advance(5_000);
      await clock.yield();
    }
    statuses = { Completed: 1 };
    gateway.send('changed');
    while ((await Promise.race([ended, clock.yield()])) === undefined) await clock.advance(5_000);
    expect((await ended).exitCode).toBe(0);
  });

  it('fails where the gateway has no events, and after a minute without an answer; it never asks on its own instead', async () => {
    gateway.routes.set('GET /v1/events', { status: 404, body: { code: 'request.not-found', title: 'No such address', detail: 'Old.' } });
    expect(await follow('watch')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('No such address.') });
    gateway.routes.set('GET /v1/events', {
      status: 401,
      body: { code: 'request.unauthenticated', title: 'Sign-in needed', detail: 'No.' },
    });
    expect((await follow('watch')).exitCode).toBe(12);
    gateway.routes.set('GET /v1/events', { status: 500, body: {} });
    gateway.got.length = 0;
    expect((await follow('watch', { clock: new HastyClock() })).exitCode).toBe(1);
    expect(asked().length).toBeGreaterThan(5);
    expect(looks).toBe(0);
  });
});
