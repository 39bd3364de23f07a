import { FakeGateway, runner, type Ended, type RunOptions } from '../cli.fixture.js';
import { AT, sums as scene } from '../scene.fixture.js';

const PATH = '/v1/admin/dead-letters';
const ID = 'extraction.work.v1:17';
const letter = {
  id: ID,
  topic: 'extraction.work.v1',
  partition: 2,
  offset: '1204',
  group: 'extractor.work.v1',
  code: 'work-unit.unreadable',
  facts: { fields: ['kind: Invalid input'] },
  at: AT,
  key: '01J8ZQ4N5W9K7C1B2D3E4F5G6C',
  bytes: 2_048,
  whole: true,
  state: 'open',
  settled: null,
};
const one = `${PATH}/${encodeURIComponent(ID)}`;

describe('dead letters', () => {
  const gateway = new FakeGateway();
  let run: (argv: readonly string[], options?: RunOptions) => Promise<Ended>;
  beforeAll(async () => {
    run = runner(await gateway.start());
  });
  beforeEach(() => {
    gateway.routes.clear();
    gateway.got.length = 0;
  });
  afterAll(() => gateway.stop());

  it('are listed; by default those that are open', async () => {
    gateway.list(PATH, [letter]);
    expect((await run(['admin', 'dead-letters', 'list'])).stdout).toBe(
      `${ID}\topen\twork-unit.unreadable\textractor.work.v1\t${letter.key}\t2048\t${AT}\n`,
    );
    expect(gateway.got.at(-1)?.query.get('state')).toBe('open');
    await run(['admin', 'dead-letters', 'list', '--state', 'all', '--topic', letter.topic]);
    expect(Object.fromEntries(gateway.got.at(-1)?.query ?? [])).toMatchObject({ state: 'all', topic: letter.topic });
    gateway.list(PATH, []);
    expect((await run(['admin', 'dead-letters', 'list'], { tty: true })).stdout).toBe('No dead letter is open.\n');
  });

  it('that are open are in the overview', async () => {
    const { sums } = scene({ Completed: 2 });
    gateway.routes.set('GET /v1/overview', {
      body: { sums: { ...sums, mailboxes: 2 }, openDeadLetters: { 'extraction.items.v1': 2, 'build.events.v1': 1 } },
    });
    expect((await run(['admin', 'overview'])).stdout).toContain('Open dead letters\t3\n');
    expect((await run(['admin', 'overview'], { tty: true })).stdout).toMatch(
      /Open dead letters +2 in extraction.items.v1, 1 in build.events.v1; see pstream admin dead-letters list/,
    );
    gateway.routes.set('GET /v1/overview', { body: { sums: { ...sums, mailboxes: 2 }, openDeadLetters: {} } });
    expect((await run(['admin', 'overview'], { tty: true })).stdout).toMatch(/Open dead letters +none/);
  });

  it('are shown with what is known, and the first bytes where these are no mail', async () => {
    gateway.routes.set(`GET ${one}`, { body: { ...letter, preview: { hex: '7b7d', text: '{}' } } });
    const { stdout } = await run(['admin', 'dead-letters', 'show', ID]);
    expect(stdout).toContain('Facts\t{"fields":["kind: Invalid input"]}\n');
    expect(stdout).toContain('First bytes\t7b7d\nas text\t{}\n');
    gateway.routes.set(`GET ${one}`, { body: { ...letter, preview: null } });
    expect((await run(['admin', 'dead-letters', 'show', ID])).stdout).toContain('First bytes\t\n');
  });

  it('are replayed one after another, until one is refused', async () => {
    gateway.routes.set(`POST ${one}/replay`, { body: { ...letter, state: 'replayed', settled: { by: 'T', at: AT } } });
    expect(await run(['admin', 'dead-letters', 'replay', ID, ID], { tty: true })).toMatchObject({
      exitCode: 0,
      stdout: 'Dead letters replayed: 2.\n',
    });
    expect(gateway.changes).toHaveLength(2);
    gateway.routes.set(`POST ${PATH}/x/replay`, {
      status: 404,
      body: { status: 404, code: 'dead-letter.unknown', title: 'No such dead letter', detail: 'There is no dead letter with this id.' },
    });
    expect(await run(['admin', 'dead-letters', 'replay', 'x', ID])).toMatchObject({ exitCode: 3 });
    expect(gateway.changes).toHaveLength(3);
  });

  it('are dropped with --yes only', async () => {
    gateway.routes.set(`POST ${one}/drop`, { body: { ...letter, state: 'dropped', settled: { by: 'T', at: AT } } });
    const { exitCode, stderr } = await run(['admin', 'dead-letters', 'drop', ID]);
    expect([exitCode, stderr, gateway.changes]).toEqual([
      2,
      expect.stringContaining('This would drop dead letters (1), which can then no longer be replayed. Nothing has been changed.'),
      [],
    ]);
    const dropped = await run(['admin', 'dead-letters', 'drop', ID, '--yes', '--json']);
    expect([dropped.exitCode, JSON.parse(dropped.stdout)]).toMatchObject([0, { items: [{ id: ID, state: 'dropped' }] }]);
  });
});
