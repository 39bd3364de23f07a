import { buildStream, extractionStream, type DiscoveredFolder, type ItemOutcome } from '@pstream/contracts';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

const AT = '2026-01-01T00:00:00.000Z';
const MAILBOX = { id: 'MBX', version: 'v1.0' } as const;
const OUTCOME = {
  itemId: 'AAMk=',
  folderKey: 'f',
  mailbox: MAILBOX,
  itemType: 'IPM.Note',
  itemDate: '2019-04-01T08:15:00Z',
  sizeBytes: 9,
  attempts: 3,
  code: 'graph.item-corrupt',
  at: AT,
};
const INBOX: DiscoveredFolder = {
  key: 'f',
  id: 'FOLDER',
  parent: null,
  name: 'Inbox',
  containerClass: 'IPF.Note',
  wellKnownName: 'inbox',
  hidden: false,
  expected: 2,
  mailbox: MAILBOX,
};
const mended = (id: string) => ({ passId: `second of ${id}`, number: 2, at: AT });

let gateway: RunningGateway;
let [PROJECT, CUSTOMER, ADA, EVE] = ['', '', '', ''];
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const refsOf = (mailboxJobId: string, passId = `pass of ${mailboxJobId}`) => ({
  workgroupId: 'default',
  customerId: CUSTOMER,
  projectId: PROJECT,
  mailboxJobId,
  passId,
});
/** What a pass reports of items of a mailbox, as its workers do. */
const report = (mailboxJobId: string, items: readonly (Partial<ItemOutcome> & { readonly itemKey: string })[]): Promise<void> => {
  const refs = refsOf(mailboxJobId);
  const events = items.map((item) => ({
    type: item.code === 'item.gone' ? ('ItemSkipped' as const) : ('ItemFailed' as const),
    data: { ...refs, ...OUTCOME, ...item },
  }));
  return gateway.record('extraction', extractionStream(refs.passId), ...events);
};

/** A new project with two mailboxes and their errors for each test. */
beforeEach(async () => {
  ({ projectId: PROJECT, customerId: CUSTOMER } = await projectIn(gateway));
  const rows = ['ada', 'eve'].map((name) => ({ source: `${name}@contoso.com`, destination: `${name}.pst` }));
  await call('POST', `/v1/projects/${PROJECT}/mailboxes`, { items: rows });
  [ADA = '', EVE = ''] = (await list(`/v1/projects/${PROJECT}/mailboxes?sort=source`)).map(({ mailboxJobId }) => String(mailboxJobId));
  for (const [id, name] of [
    [ADA, 'ada'],
    [EVE, 'eve'],
  ] as const) {
    const refs = refsOf(id);
    const folders = [{ ...INBOX, name: `Inbox of ${name}` }];
    await gateway.record('extraction', extractionStream(refs.passId), {
      type: 'FoldersDiscovered',
      data: { ...refs, folders, last: true, at: AT },
    });
  }
  await report(ADA, [{ itemKey: 'a1' }, { itemKey: 'a2', code: 'item.gone' }, { itemKey: 'a3' }]);
  const { itemDate: _date, ...undated } = OUTCOME;
  await gateway.record('extraction', extractionStream(refsOf(EVE).passId), {
    type: 'ItemFailed',
    data: { ...refsOf(EVE), ...undated, itemKey: 'e1' },
  });
  const { passId, ...retry } = mended(ADA);
  await gateway.record('build', buildStream(passId), { type: 'ItemsMended', data: { ...refsOf(ADA, passId), ...retry, itemKeys: ['a3'] } });
});

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const list = async (path: string): Promise<Record<string, unknown>[]> =>
  (await call('GET', path)).body['items'] as Record<string, unknown>[];
const sorted = (values: readonly unknown[]): string[] => values.map(String).toSorted();
const keys = async (path: string): Promise<string[]> => sorted((await list(path)).map(({ itemKey }) => itemKey));
const acknowledge = (errors: unknown, headers: Record<string, string> = {}, reason = 'Agreed.'): Promise<Reply> =>
  call('POST', `/v1/mailboxes/${ADA}/errors/acknowledge`, { errors, reason }, headers);

describe('errors of items', () => {
  it('are shown with all that is known of the item, and the path of its folder', async () => {
    expect(await list(`/v1/mailboxes/${ADA}/errors?outcome=failed`)).toEqual([
      {
        projectId: PROJECT,
        mailboxJobId: ADA,
        passId: `pass of ${ADA}`,
        itemKey: 'a1',
        itemId: 'AAMk=',
        folderKey: 'f',
        folderPath: 'Inbox of ada',
        outcome: 'failed',
        state: 'open',
        itemType: 'IPM.Note',
        itemDate: '2019-04-01T08:15:00Z',
        sizeBytes: 9,
        code: 'graph.item-corrupt',
        advice: null,
        fallback: null,
        doubts: [],
        attempts: 3,
        firstSeenAt: AT,
        lastSeenAt: AT,
        mended: null,
        acknowledged: null,
      },
    ]);
    expect(sorted((await list(`/v1/projects/${PROJECT}/errors?outcome=failed`)).map(({ folderPath }) => folderPath))).toEqual([
      'Inbox of ada',
      'Inbox of eve',
    ]);
  });
  it('are those that are open, unless others are asked for', async () => {
    expect(await keys(`/v1/mailboxes/${ADA}/errors`)).toEqual(['a1', 'a2']);
    expect(await keys(`/v1/mailboxes/${ADA}/errors?state=mended`)).toEqual(['a3']);
    expect(await keys(`/v1/mailboxes/${ADA}/errors?state=all`)).toEqual(['a1', 'a2', 'a3']);
    expect(await keys(`/v1/projects/${PROJECT}/errors`)).toEqual(['a1', 'a2', 'e1']);
    expect(await keys(`/v1/projects/${PROJECT}/errors?code=item.gone`)).toEqual(['a2']);
    expect((await call('GET', `/v1/mailboxes/${ADA}/errors?state=lost`)).body).toMatchObject({ status: 400, code: 'request.invalid' });
  });
  it('that are open are counted with the mailbox and with its project', async () => {
    expect((await call('GET', `/v1/mailboxes/${ADA}`)).body['openErrors']).toBe(1);
    expect((await list(`/v1/projects/${PROJECT}/mailboxes`)).map(({ openErrors }) => openErrors)).toEqual([1, 1]);
    expect((await call('GET', `/v1/projects/${PROJECT}`)).body).toMatchObject({ sums: { openErrors: 2 } });
    await acknowledge(['a1']);
    expect((await call('GET', `/v1/mailboxes/${ADA}`)).body['openErrors']).toBe(0);
    expect((await call('GET', `/v1/projects/${PROJECT}`)).body).toMatchObject({ sums: { openErrors: 1 } });
  });
  it('of nobody are not found', async () => {
    expect((await call('GET', '/v1/mailboxes/unknown/errors')).body).toMatchObject({ status: 404, code: 'mailbox-job.unknown' });
    expect((await call('POST', '/v1/mailboxes/unknown/errors/acknowledge', { errors: 'all', reason: 'x' })).body).toMatchObject({
      status: 404,
      code: 'mailbox-job.unknown',
    });
  });
});

describe('acknowledging errors', () => {
  it('of one item takes it out of the open ones, and says by whom and why', async () => {
    expect((await acknowledge(['a1'])).body).toMatchObject({ id: ADA, stream: `item-errors:${ADA}`, acknowledged: 1 });
    expect(await keys(`/v1/mailboxes/${ADA}/errors`)).toEqual(['a2']);
    expect(await list(`/v1/mailboxes/${ADA}/errors?state=acknowledged`)).toMatchObject([
      { itemKey: 'a1', acknowledged: { by: expect.stringMatching(/^[0-9A-Z]{26}$/), reason: 'Agreed.', at: expect.any(String) } },
    ]);
  });
  it('by a filter takes those that match and are open', async () => {
    expect((await acknowledge({ code: 'item.gone' })).body).toMatchObject({ acknowledged: 1 });
    expect(await keys(`/v1/mailboxes/${ADA}/errors`)).toEqual(['a1']);
    expect((await acknowledge('all')).body).toMatchObject({ acknowledged: 1 });
    expect(await keys(`/v1/mailboxes/${ADA}/errors?state=acknowledged`)).toEqual(['a1', 'a2']);
    expect(await keys(`/v1/mailboxes/${EVE}/errors`)).toEqual(['e1']);
  });
  it('sent again with the same key finishes what is left, and then does nothing', async () => {
    const key = { 'idempotency-key': 'acknowledge' };
    expect((await acknowledge('all', key)).body).toMatchObject({ acknowledged: 2 });
    await report(ADA, [{ itemKey: 'a4' }]);
    expect((await acknowledge('all', key)).body).toMatchObject({ acknowledged: 1 });
    expect(await acknowledge('all', key)).toMatchObject({ status: 200, body: { acknowledged: 0 } });
    expect(await keys(`/v1/mailboxes/${ADA}/errors`)).toEqual([]);
  });
  it('of many items is cut into commands that stay small', async () => {
    await report(
      ADA,
      Array.from({ length: 5_001 }, (_, n) => ({ itemKey: `m${n}` })),
    );
    expect((await acknowledge({ outcome: 'failed' })).body).toMatchObject({ acknowledged: 5_002 });
    expect((await call('GET', `/v1/mailboxes/${ADA}/errors?outcome=failed`)).body['total']).toBe(0);
  });
  it('needs items that are there, a reason, and no empty filter', async () => {
    expect((await acknowledge(['a1', 'nobody'])).body).toMatchObject({ status: 404, code: 'item-error.unknown' });
    for (const reply of [await acknowledge({}), await acknowledge([]), await acknowledge('all', {}, ' ')])
      expect(reply.body).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(await keys(`/v1/mailboxes/${ADA}/errors`)).toEqual(['a1', 'a2']);
  });
});

describe('the errors report of a project', () => {
  const header = 'Mailbox Id,Source Email Address,Destination Email Address,Type,Date,Size (bytes),Error,Subject\r\n';
  const report = async (query = ''): Promise<string> => {
    const response = await fetch(`${gateway.url}/v1/projects/${PROJECT}/errors.csv${query}`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    return Buffer.from(await response.arrayBuffer()).toString();
  };
  it('is a CSV file of the failed items that are open, with the date of each item', async () => {
    const lines = [
      `${ADA},ada@contoso.com,ada.pst,Email,2019-04-01T08:15:00Z,9,graph.item-corrupt,\r\n`,
      `${EVE},eve@contoso.com,eve.pst,Email,,9,graph.item-corrupt,\r\n`,
    ];
    expect(await report()).toBe(`\uFEFF${header}${lines.toSorted().join('')}`);
    expect((await call('GET', '/v1/projects/nobody/errors.csv')).body).toMatchObject({ status: 404, code: 'project.unknown' });
  });
  it('may have those that were mended or accepted', async () => {
    expect((await report('?state=all')).split('\r\n')).toHaveLength(5);
    expect((await report('?state=acknowledged')).split('\r\n')).toHaveLength(2);
  });
});
