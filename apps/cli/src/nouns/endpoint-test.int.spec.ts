import { FakeGateway, runner, type Ended } from '../cli.fixture.js';
import { CUSTOMER, done, setScene } from '../scene.fixture.js';

describe('the test of an endpoint', () => {
  const gateway = new FakeGateway();
  let run: (argv: readonly string[], options?: { stdin?: string }) => Promise<Ended>;
  beforeAll(async () => {
    run = runner(await gateway.start());
  });
  beforeEach(() => setScene(gateway));
  afterAll(() => gateway.stop());

  const SIGN_IN = { step: 1, name: 'sign in', verdict: 'pass', code: null, found: 'The token lasts 3599 seconds.', advice: null };
  const EXPORT = { step: 2, name: 'export', verdict: 'fail', code: 'graph.mailbox-forbidden', found: null, advice: 'Grant it.' };
  const WARNING = { ...EXPORT, verdict: 'warn', code: 'graph.excess-permission', advice: 'Take it away.' };
  const add = ['endpoint', 'add-source', CUSTOMER, 'New', '--tenant-id', 't', '--client-id', 'c', '--secret-file', '-'];
  const bodies = (path: string): unknown[] =>
    gateway.changes.filter((got) => got.path.endsWith(path)).map(({ body }) => JSON.parse(body) as unknown);

  it('shows each step, and ends with 1 where one failed', async () => {
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints/E1/test`, {
      body: { verdict: 'fail', mailbox: 'ada@contoso.com', steps: [SIGN_IN, EXPORT] },
    });
    expect(await run(['endpoint', 'test', CUSTOMER, 'Tenant', '--mailbox', 'ada@contoso.com'])).toMatchObject({
      exitCode: 1,
      stdout: '1\tsign in\tpass\t\tThe token lasts 3599 seconds.\t\n2\texport\tfail\tgraph.mailbox-forbidden\t\tGrant it.\n',
    });
    expect(bodies('/test')).toEqual([{ mailbox: 'ada@contoso.com' }]);
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints/E1/test`, { body: { verdict: 'pass', mailbox: null, steps: [SIGN_IN] } });
    expect((await run(['endpoint', 'test', CUSTOMER, 'Tenant'])).exitCode).toBe(0);
  });

  it('keeps an endpoint that fails from being added', async () => {
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoint-tests`, {
      body: { verdict: 'fail', mailbox: null, steps: [SIGN_IN, EXPORT] },
    });
    const { exitCode, stdout, stderr } = await run([...add, '--test', '--mailbox', 'ada@contoso.com'], { stdin: 'secret' });
    expect([exitCode, stderr]).toEqual([1, 'The endpoint was not added, because a step failed.\n']);
    expect(stdout).toContain('graph.mailbox-forbidden');
    expect(bodies('/endpoint-tests')).toMatchObject([
      { endpoint: { name: 'New', credential: { kind: 'secret', value: 'secret' } }, mailbox: 'ada@contoso.com' },
    ]);
    expect(bodies('/endpoints')).toEqual([]);
  });

  it('repeats warnings, and adds the endpoint', async () => {
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoint-tests`, {
      body: { verdict: 'pass', mailbox: null, steps: [SIGN_IN, WARNING] },
    });
    gateway.routes.set(`POST /v1/customers/${CUSTOMER}/endpoints`, { status: 201, body: done });
    expect(await run([...add, '--test'], { stdin: 'secret' })).toMatchObject({ exitCode: 0, stderr: 'export: Take it away.\n' });
    expect(bodies('/endpoints')).toHaveLength(1);
  });

  it('is asked for where something is given to test with', async () => {
    const { exitCode, stderr } = await run([...add, '--mailbox', 'ada@contoso.com'], { stdin: 'secret' });
    expect([exitCode, gateway.changes.length]).toEqual([2, 0]);
    expect(stderr).toContain('Give --test too.');
  });
});
