import { VIEWS } from '@pstream/contracts';
import { newMailbox, world } from '../fakes.fixture.js';
import { startGateway, type Reply, type RunningGateway } from '../gateway.fixture.js';
import { AT, itemError, putErrors, putFolder } from '../item-errors.fixture.js';

const PROJECT = '01J8ZQ4N5W9K7C1B2D3E4F5G6B';
const CUSTOMER = '01J8ZQ4N5W9K7C1B2D3E4F5G6A';
const [ADA, EVE] = ['01J8ZQ4N5W9K7C1B2D3E4F5G6H', '01J8ZQ4N5W9K7C1B2D3E4F5G6J'] as const;
const mended = { passId: 'q', number: 2, at: AT };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  world.views.documents.get(VIEWS.errors)?.clear();
  world.views.put(VIEWS.projects, PROJECT, {
    projectId: PROJECT,
    customerId: CUSTOMER,
    name: 'Leavers',
    type: 'mailbox',
    sourceEndpointId: 's',
    destinationEndpointId: 'd',
    container: 'c',
    partBytes: 1,
    options: {},
    mailboxes: 2,
    createdAt: AT,
  });
  for (const [id, name] of [
    [ADA, 'ada'],
    [EVE, 'eve'],
  ] as const) {
    world.views.put(VIEWS.mailboxes, id, { ...newMailbox(id, PROJECT, `${name}@contoso.com`, `${name}.pst`), customerId: CUSTOMER });
    putFolder(PROJECT, id, `Inbox of ${name}`);
  }
  putErrors(
    itemError(PROJECT, ADA, 'a1'),
    itemError(PROJECT, ADA, 'a2', { outcome: 'skipped', code: 'item.gone' }),
    itemError(PROJECT, ADA, 'a3', { state: 'mended', mended }),
    itemError(PROJECT, EVE, 'e1', { itemDate: null }),
  );
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
      { ...itemError(PROJECT, ADA, 'a1'), folderPath: 'Inbox of ada' },
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
      { itemKey: 'a1', acknowledged: { by: 'T', reason: 'Agreed.', at: AT } },
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
    putErrors(itemError(PROJECT, ADA, 'a4'));
    expect((await acknowledge('all', key)).body).toMatchObject({ acknowledged: 1 });
    expect(await acknowledge('all', key)).toMatchObject({ status: 200, body: { acknowledged: 0 } });
    expect(await keys(`/v1/mailboxes/${ADA}/errors`)).toEqual([]);
  });
  it('of many items is cut into commands that stay small', async () => {
    const many = Array.from({ length: 5_001 }, (_, n) => `m${n}`);
    putErrors(...many.map((key) => itemError(PROJECT, ADA, key)));
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
    expect(await report()).toBe(
      `\uFEFF${header}${ADA},ada@contoso.com,ada.pst,Email,2019-04-01T08:15:00Z,9,graph.item-corrupt,\r\n${EVE},eve@contoso.com,eve.pst,Email,,9,graph.item-corrupt,\r\n`,
    );
    expect((await call('GET', '/v1/projects/nobody/errors.csv')).body).toMatchObject({ status: 404, code: 'project.unknown' });
  });
  it('may have those that were mended or accepted', async () => {
    expect((await report('?state=all')).split('\r\n')).toHaveLength(5);
    expect((await report('?state=acknowledged')).split('\r\n')).toHaveLength(2);
  });
});
