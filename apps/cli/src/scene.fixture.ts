import type { Mailbox } from '@pstream/api';
import { noItems } from '@pstream/contracts';
import { FakeGateway, runner } from './cli.fixture.js';

// A customer with two endpoints, a project and a mailbox.

export const AT = '2026-01-01T00:00:00.000Z';
export const CUSTOMER = '01J8ZQ4N5W9K7C1B2D3E4F5G6A';
export const PROJECT = '01J8ZQ4N5W9K7C1B2D3E4F5G6B';
export const MAILBOX = '01J8ZQ4N5W9K7C1B2D3E4F5G6C';
export const done = { id: CUSTOMER, stream: `customer:${CUSTOMER}`, version: 1 };
export const mailbox: Mailbox = {
  mailboxJobId: MAILBOX,
  projectId: PROJECT,
  customerId: CUSTOMER,
  source: 'ada@contoso.com',
  destination: 'ada.pst',
  status: 'Completed with errors',
  pass: { passId: 'p', number: 2, kind: 'full', startedAt: AT, startAt: null, endedAt: AT },
  totals: { discovered: 1_200, exported: 1_190, skipped: 8, failed: 2 },
  mime: 3,
  doubts: 2,
  superseded: 0,
  openErrors: 1,
  place: null,
  leftOut: 0,
  waits: {},
  priority: 0,
  held: null,
  progressAt: null,
  listing: 'finished',
  extracted: { items: 1_198, bytes: 123_456_789 },
  folders: 7,
  foldersNotListed: 1,
  parts: 1,
  cause: null,
  checks: [{ step: 1, name: 'token', verdict: 'fail', code: 'graph.unauthorized', advice: 'Check the secret.' }],
  found: { kind: 'shared', archive: true, readable: false },
};
export const sums = (statuses: Record<string, number>, totals = noItems, unaccounted = 0, held: Record<string, number> = {}) => ({
  projectId: PROJECT,
  name: 'Leavers',
  sums: {
    statuses,
    totals,
    unaccounted,
    listing: 'finished',
    extracted: { items: 0, bytes: 0 },
    parts: 0,
    mime: 0,
    foldersNotListed: 0,
    waits: {},
    held,
    doubts: 0,
    superseded: 0,
    openErrors: 0,
  },
});

/** An operation at its end. */
export const operation = (accepted: number, rejected = 0) => ({
  operationId: 'OP',
  state: 'finished',
  total: accepted + rejected,
  done: accepted + rejected,
  accepted,
  rejected,
  cause: null,
  shown: true,
});

/** Makes the gateway forget everything but these. */
export const setScene = (gateway: FakeGateway): void => {
  gateway.routes.clear();
  gateway.got.length = 0;
  gateway.list('/v1/customers', [{ customerId: CUSTOMER, workgroupId: 'default', name: 'Müller GmbH', createdAt: AT }]);
  gateway.list('/v1/projects', [
    {
      projectId: PROJECT,
      customerId: CUSTOMER,
      name: 'Leavers',
      type: 'mailbox',
      container: 'migrationwiz',
      options: {},
      mailboxes: 1,
      createdAt: AT,
    },
  ]);
  gateway.list(`/v1/projects/${PROJECT}/mailboxes`, [mailbox]);
  gateway.list(`/v1/customers/${CUSTOMER}/endpoints`, [
    {
      endpointId: 'E1',
      customerId: CUSTOMER,
      name: 'tenant',
      kind: 'microsoft-365',
      settings: { tenantId: 't' },
      createdAt: AT,
      secretRotatedAt: null,
    },
    {
      endpointId: 'E2',
      customerId: CUSTOMER,
      name: 'disk',
      kind: 'folder',
      settings: { path: '/x' },
      createdAt: AT,
      secretRotatedAt: null,
    },
  ]);
};

/** The scene for a suite, set again before each test, and command lines that speak to its gateway. */
export const sceneOfSuite = (): { readonly gateway: FakeGateway; readonly run: ReturnType<typeof runner> } => {
  const gateway = new FakeGateway();
  let url = '';
  beforeAll(async () => {
    url = await gateway.start();
  });
  beforeEach(() => setScene(gateway));
  afterAll(() => gateway.stop());
  return { gateway, run: (argv, options) => runner(url)(argv, options) };
};
