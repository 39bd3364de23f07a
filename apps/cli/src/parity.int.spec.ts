import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operationIds } from '@pstream/api';
import { FakeGateway, runner, type Ended } from './cli.fixture.js';
import { CUSTOMER, setScene, sums } from './scene.fixture.js';

/** Operations that no verb calls, each with the reason. */
const WITHOUT_A_VERB: Readonly<Record<string, string>> = {
  getHealth: 'for probes of whoever runs the system, without a token',
  getThroughput: 'minutes of a day, for charts',
  getCustomerThroughput: 'minutes of a day, for charts',
  getProjectThroughput: 'minutes of a day, for charts',
};

const sources = (): string =>
  readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(path))
    .map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'))
    .join('\n');

describe('the command line', () => {
  it('has a verb for every operation of the API', () => {
    const text = sources();
    const called = (id: string): boolean => new RegExp(`\\b${id}\\b`).test(text);
    expect(operationIds.filter((id) => !called(id) && WITHOUT_A_VERB[id] === undefined)).toEqual([]);
    expect(Object.keys(WITHOUT_A_VERB).filter((id) => called(id) || !operationIds.some((known) => known === id))).toEqual([]);
  });
});

describe('verbs that show one thing', () => {
  const gateway = new FakeGateway();
  let run: (argv: readonly string[]) => Promise<Ended>;
  beforeAll(async () => {
    run = runner(await gateway.start());
    setScene(gateway);
  });
  afterAll(() => gateway.stop());

  const AT = '2026-03-01T10:42:00.000Z';
  const reason = { code: 'licence.not-applied', title: 'No licence', detail: 'Apply one.' };
  const operation = {
    operationId: 'OP',
    verb: 'start',
    state: 'finished',
    total: 2,
    accepted: 1,
    rejected: 1,
    cause: null,
    createdAt: AT,
    endedAt: AT,
  };

  it('show a customer, an endpoint and an operation', async () => {
    const customer = { customerId: CUSTOMER, name: 'Müller GmbH', createdAt: AT, sums: sums({ Completed: 3 }).sums };
    const endpoint = { endpointId: 'E2', name: 'disk', kind: 'folder', settings: { path: '/x' }, createdAt: AT, secretRotatedAt: null };
    gateway.routes.set(`GET /v1/customers/${CUSTOMER}`, { body: customer });
    gateway.routes.set(`GET /v1/customers/${CUSTOMER}/endpoints/E2`, { body: endpoint });
    gateway.routes.set('GET /v1/operations/OP', { body: operation });
    gateway.list('/v1/operations', [operation]);
    gateway.list('/v1/operations/OP/rows', [{ row: 2, source: 'ada@contoso.com', outcome: 'rejected', reason, at: AT }]);
    for (const [argv, shown] of [
      [['customer', 'show', 'Muller GmbH'], 'Statuses\t3 Completed\n'],
      [['endpoint', 'show', CUSTOMER, 'disk'], 'path\t/x\n'],
      [['operation', 'list'], 'OP\tstart\tfinished\t2\t1\t1\t'],
      [['operation', 'show', 'OP'], 'Refused\t1\n'],
      [['operation', 'rows', 'OP', '--outcome', 'rejected'], '2\tada@contoso.com\trejected\tlicence.not-applied\tApply one.\t'],
    ] as const) {
      const { exitCode, stdout } = await run(argv);
      expect([argv, exitCode]).toEqual([argv, 0]);
      expect(stdout).toContain(shown);
    }
    expect(JSON.parse((await run(['operation', 'show', 'OP', '--json'])).stdout)).toEqual(operation);
  });
});
