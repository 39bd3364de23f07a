import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operationIds } from '@pstream/api';
import { CUSTOMER, sceneOfSuite, sums } from './scene.fixture.js';

const sources = (): string =>
  readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !/\.(spec|fixture)\.ts$/.test(path))
    .map((path) => readFileSync(join(import.meta.dirname, path), 'utf8'))
    .join('\n');

describe('the command line', () => {
  it('has a verb for every operation of the API', () => {
    const text = sources();
    const called = (id: string): boolean => new RegExp(`\\b${id}\\b`).test(text);
    expect(operationIds.length).toBeGreaterThan(60);
    expect(operationIds.filter((id) => !called(id))).toEqual([]);
  });
});

describe('verbs that show one thing', () => {
  const { gateway, run } = sceneOfSuite();

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

  it('show a customer, an endpoint, an operation, throughput and health', async () => {
    const customer = { customerId: CUSTOMER, name: 'Müller GmbH', createdAt: AT, sums: sums({ Completed: 3 }).sums };
    const endpoint = { endpointId: 'E2', name: 'disk', kind: 'folder', settings: { path: '/x' }, createdAt: AT, secretRotatedAt: null };
    gateway.routes.set(`GET /v1/customers/${CUSTOMER}`, { body: customer });
    gateway.routes.set(`GET /v1/customers/${CUSTOMER}/endpoints/E2`, { body: endpoint });
    gateway.routes.set('GET /v1/operations/OP', { body: operation });
    gateway.list('/v1/operations', [operation]);
    gateway.list('/v1/operations/OP/rows', [{ row: 2, source: 'ada@contoso.com', outcome: 'rejected', reason, at: AT }]);
    const minutes = [{ at: AT, items: 1200, bytes: 5_000_000, waits: { 'mailbox.requests': { times: 2, ms: 9_000 } } }];
    gateway.routes.set('GET /v1/throughput', { body: { minutes } });
    gateway.routes.set(`GET /v1/customers/${CUSTOMER}/throughput`, { body: { minutes: [] } });
    gateway.routes.set('GET /v1/health', { body: { status: 'ok', deadLetters: {}, openDeadLetters: { 'extraction.items.v1': 2 } } });
    for (const [argv, shown] of [
      [['admin', 'throughput'], `${AT}\t1200\t5000000\t9\tmailbox.requests\n`],
      [['customer', 'throughput', 'Muller GmbH'], ''],
      [['admin', 'health'], 'Status\tok\nOpen dead letters\t2\n'],
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
