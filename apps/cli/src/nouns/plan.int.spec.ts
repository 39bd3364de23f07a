import { CUSTOMER, PROJECT, sceneOfSuite } from '../scene.fixture.js';

const AT = '2026-03-01T10:42:00.000Z';
const { gateway, run } = sceneOfSuite();

const sent = (): unknown => JSON.parse(gateway.changes.at(-1)?.body ?? '');

describe('a pause', () => {
  it.each([
    [['admin', 'pause'], ['admin', 'resume'], '/v1/admin/plan'],
    [['project', 'pause', 'Leavers'], ['project', 'resume', 'Leavers'], `/v1/projects/${PROJECT}/plan`],
  ])('%j asks for a reason, and %j ends it', async (pause, resume, path) => {
    gateway.routes.set(`PATCH ${path}`, { body: { id: 'all', stream: 'admission', version: 4 } });
    expect(await run([...pause, '--reason', 'moving'])).toMatchObject({ exitCode: 0, stdout: 'paused\n' });
    expect(sent()).toEqual({ paused: { reason: 'moving' } });
    expect(await run(resume)).toMatchObject({ exitCode: 0, stdout: 'resumed\n' });
    expect(sent()).toEqual({ paused: null });
    for (const argv of [pause, [...pause, '--reason', ' ']]) expect((await run(argv)).exitCode).toBe(2);
  });
});

const plan = {
  projectId: PROJECT,
  name: 'Leavers',
  running: 2,
  waiting: 1_200,
  submitted: 3,
  nextAt: AT,
  heldBy: null,
  opensAt: null,
  maxMailboxes: 4,
  window: null,
  endpointLimit: 6,
};

describe('the list of plans', () => {
  const list = (all: string | null, own: string | null): void => {
    const paused = (reason: string | null): object | null => (reason === null ? null : { reason, by: 'eve', since: AT });
    const items = [{ ...plan, paused: paused(own) }];
    gateway.routes.set('GET /v1/plans', { body: { items, total: 1, limit: 100, next: null, paused: paused(all) } });
  };
  const line = `${PROJECT}\tLeavers\t2\t1200\t3\t${AT}\t4\t\t\t`;

  it.each([
    [null, null, ''],
    [null, 'ours', 'ours'],
    ['moving', 'ours', 'moving'],
  ])('says what is paused by all (%s) and by itself (%s)', async (all, own, shown) => {
    list(all, own);
    expect((await run(['plan', 'list'])).stdout).toBe(`${line}\t${shown}\t6\n`);
    expect(gateway.got).toHaveLength(1);
  });
});

describe('a limit and a window', () => {
  const path = `/v1/projects/${PROJECT}/plan`;
  const berlin = { from: '20:00', to: '06:00', zone: 'Europe/Berlin' };
  const all = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  it.each([
    [['--max-mailboxes', '4'], { maxMailboxes: 4 }],
    [['--max-mailboxes', 'none', '--window', 'none'], { maxMailboxes: null, window: null }],
    [['--window', '20:00-06:00[Europe/Berlin]'], { window: { ...berlin, days: all } }],
    [['--window', '20:00-06:00[Europe/Berlin]', '--days', 'Mon, fri'], { window: { ...berlin, days: ['mon', 'fri'] } }],
    [['--window', '20:00-06:00'], { window: { ...berlin, zone: 'UTC', days: all } }],
  ])('%j', async (options, body) => {
    gateway.routes.set(`PATCH ${path}`, { body: { id: PROJECT, stream: 'admission', version: 4 } });
    expect((await run(['project', 'plan', 'Leavers', ...options])).exitCode).toBe(0);
    expect(sent()).toEqual(body);
  });
  it.each([
    [['--max-mailboxes', '0'], '--max-mailboxes'],
    [['--window', '8pm-6am'], 'Give times and a zone'],
    [['--window', '20:00-26:00'], 'Give a time of day'],
    [['--window', '20:00-06:00[Mars/Base]'], 'Give a time zone'],
    [['--window', '20:00-06:00', '--days', 'monday'], 'Give days'],
    [['--days', 'mon'], 'Give --window'],
  ])('%j is refused', async (options, why) => {
    const { exitCode, stderr } = await run(['project', 'plan', 'Leavers', ...options]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(why)]);
  });
  it('are shown where neither is given', async () => {
    gateway.routes.set(`GET ${path}`, { body: { ...plan, paused: { reason: 'ours', by: 'eve', since: AT } } });
    const { exitCode, stdout } = await run(['project', 'plan', 'Leavers']);
    expect([exitCode, stdout.split('\n').filter((line) => /^(At most|Waiting|Paused)/.test(line))]).toEqual([
      0,
      ['Waiting\t1200', 'At most\t4', 'Paused\tours'],
    ]);
  });
  it('of a workgroup', async () => {
    gateway.routes.set('PATCH /v1/workgroup/plan', { body: { id: 'w', stream: 'admission', version: 4 } });
    for (const [given, maxMailboxes] of [
      ['12', 12],
      ['none', null],
    ] as const) {
      expect(await run(['workgroup', 'limit', given])).toMatchObject({ exitCode: 0, stdout: `${given}\n` });
      expect(sent()).toEqual({ maxMailboxes });
    }
    expect((await run(['workgroup', 'limit', 'many'])).exitCode).toBe(2);
  });
  it('of an endpoint', async () => {
    gateway.routes.set('GET /v1/customers', {
      body: { items: [{ customerId: CUSTOMER, name: 'Contoso' }], total: 1, limit: 100, next: null },
    });
    const found = [{ endpointId: PROJECT, name: 'Tenant' }];
    gateway.routes.set(`GET /v1/customers/${CUSTOMER}/endpoints`, { body: { items: found, total: 1, limit: 100, next: null } });
    gateway.routes.set(`PATCH /v1/customers/${CUSTOMER}/endpoints/${PROJECT}/plan`, {
      body: { id: PROJECT, stream: 'admission', version: 4 },
    });
    expect(await run(['endpoint', 'limit', 'Contoso', 'Tenant', '6'])).toMatchObject({ exitCode: 0, stdout: '6\n' });
    expect(sent()).toEqual({ maxMailboxes: 6 });
    expect((await run(['endpoint', 'limit', 'Contoso', 'Tenant', '0'])).exitCode).toBe(2);
  });
});
