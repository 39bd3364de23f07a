import { FakeGateway, runner, type Ended, type RunOptions } from '../cli.fixture.js';
import { PROJECT, setScene } from '../scene.fixture.js';

const AT = '2026-03-01T10:42:00.000Z';
const gateway = new FakeGateway();
let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
beforeAll(async () => {
  run = runner(await gateway.start());
});
beforeEach(() => setScene(gateway));
afterAll(() => gateway.stop());

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

describe('the list of plans', () => {
  const plan = { projectId: PROJECT, name: 'Leavers', running: 2, waiting: 1_200, submitted: 3, nextAt: AT };
  const list = (all: string | null, own: string | null): void => {
    const paused = (reason: string | null): object | null => (reason === null ? null : { reason, by: 'eve', since: AT });
    const items = [{ ...plan, paused: paused(own) }];
    gateway.routes.set('GET /v1/plans', { body: { items, total: 1, limit: 100, next: null, paused: paused(all) } });
  };
  const line = `${PROJECT}\tLeavers\t2\t1200\t3\t${AT}`;

  it.each([
    [null, null, ''],
    [null, 'ours', 'ours'],
    ['moving', 'ours', 'moving'],
  ])('says what is paused by all (%s) and by itself (%s)', async (all, own, shown) => {
    list(all, own);
    expect((await run(['plan', 'list'])).stdout).toBe(`${line}\t${shown}\n`);
  });
});
