import { VIEWS } from '@pstream/contracts';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { newMailbox } from './mailbox.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

describe('mailboxes of a project', () => {
  const WAIT = { prefer: 'wait=20' };
  const three = { items: ['ada', 'ben', 'cleo'].map((name) => ({ source: `${name}@contoso.com`, destination: `${name}.pst` })) };

  it('are added as JSON and listed by status, in order, page by page', async () => {
    const { projectId } = await projectIn(gateway);
    const added = await call('POST', `/v1/projects/${projectId}/mailboxes`, three);
    expect(added).toMatchObject({ status: 201, body: { added: 3, refused: 0, errors: [], stream: `roster:${projectId}` } });
    const listed = await call('GET', `/v1/projects/${projectId}/mailboxes?sort=-source&limit=2`);
    expect(listed.body).toMatchObject({ total: 3, limit: 2, next: expect.any(String) });
    const rest = await call('GET', `/v1/projects/${projectId}/mailboxes?sort=-source&limit=2&cursor=${String(listed.body['next'])}`);
    expect([items(rest).map((mailbox) => mailbox['source']), rest.body['next']]).toEqual([['ada@contoso.com'], null]);
    expect(items(listed).map((mailbox) => mailbox['source'])).toEqual(['cleo@contoso.com', 'ben@contoso.com']);
    expect(items(listed)[0]).not.toHaveProperty('live');
    const searched = await call('GET', `/v1/projects/${projectId}/mailboxes?search=en%40&sort=-source`);
    expect([searched.body['total'], items(searched).map((mailbox) => mailbox['source'])]).toEqual([1, ['ben@contoso.com']]);
    expect((await call('GET', `/v1/projects/${projectId}/mailboxes?search=`)).status).toBe(400);
    expect(await call('GET', `/v1/projects/${projectId}/mailboxes?cursor=nonsense`)).toMatchObject({
      status: 400,
      body: { code: 'request.bad-cursor' },
    });
    expect((await call('GET', `/v1/projects/${projectId}/mailboxes?status=Completed,Failed`)).body['total']).toBe(0);
    expect((await call('GET', `/v1/projects/${projectId}/mailboxes?status=Done`)).body).toMatchObject({
      status: 400,
      errors: [{ column: 'status.0' }],
    });
    expect((await call('GET', `/v1/projects/${projectId}`)).body).toMatchObject({
      name: 'Leavers',
      container: 'migrationwiz',
      sums: { statuses: { 'Not Submitted': 3 }, unaccounted: 0 },
    });
  });

  it('are added from a Bulk Add file, all or none unless partial is asked for', async () => {
    const { projectId } = await projectIn(gateway);
    const path = `/v1/projects/${projectId}/mailboxes`;
    const file = 'Source,Destination\nada@contoso.com,ada.pst\nben@contoso.com,ben.doc\nlate@contoso.com,late.pst\n';
    // Somebody else has added one that the list of mailboxes does not show yet.
    await call('POST', path, 'late@contoso.com,before.pst');
    const [late] = items(await call('GET', path));
    await gateway.put(VIEWS.mailboxes, String(late?.['mailboxJobId']), null);
    expect((await call('POST', path, '')).body).toMatchObject({ status: 400, code: 'csv.empty' });
    const whole = await call('POST', path, file);
    expect(whole.body).toMatchObject({
      status: 400,
      code: 'bulk-add.rows-at-fault',
      errors: [
        { row: 3, column: 'Destination', code: 'part-name.not-pst' },
        { row: 4, column: 'Source', code: 'line-item.source-exists' },
      ],
    });
    expect((await call('GET', path)).body['total']).toBe(0);
    const partial = await call('POST', `${path}?partial=true`, file);
    expect(partial).toMatchObject({ status: 201, body: { added: 1, refused: 2 } });
    expect((partial.body['errors'] as { row: number; code: string }[]).map(({ row, code }) => [row, code])).toEqual([
      [3, 'part-name.not-pst'],
      [4, 'line-item.source-exists'],
    ]);
    expect((await call('POST', path, 'ADA@contoso.com,x.pst')).body).toMatchObject({
      status: 400,
      errors: [{ row: 1, column: 'Source', code: 'line-item.source-exists' }],
    });
    expect((await call('POST', `${path}?partial=true`, 'x,x.pst\n'.replace('x,', 'x@,'))).body).toMatchObject({
      status: 400,
      code: 'bulk-add.no-good-row',
    });
  });

  it('are added by one of two files that are sent at the same time', async () => {
    const { projectId } = await projectIn(gateway);
    const add = (name: string): Promise<Reply> => call('POST', `/v1/projects/${projectId}/mailboxes`, `ada@contoso.com,${name}.pst`);
    const [first, second] = (await Promise.all([add('one'), add('two')])).toSorted((a, b) => a.status - b.status);
    expect(first?.status).toBe(201);
    expect(second?.body['errors']).toMatchObject([{ row: 1, column: 'Source', code: 'line-item.source-exists' }]);
    expect((await call('GET', `/v1/projects/${projectId}/mailboxes`)).body['total']).toBe(1);
  });

  it('are not added twice when the file is sent again', async () => {
    const { projectId } = await projectIn(gateway);
    const key = { 'idempotency-key': 'file-1' };
    const file = 'ada@contoso.com,ada.pst\nben@contoso.com,ben.pst';
    const first = await call('POST', `/v1/projects/${projectId}/mailboxes`, file, key);
    expect(first.status).toBe(201);
    expect((await call('POST', `/v1/projects/${projectId}/mailboxes`, file, key)).body).toEqual(first.body);
    expect((await call('GET', `/v1/projects/${projectId}/mailboxes`)).body['total']).toBe(2);
  });

  it('may be more than one command holds', async () => {
    const { projectId } = await projectIn(gateway);
    const file = Array.from({ length: 7_000 }, (_, n) => `user${n}@${'department.'.repeat(25)}contoso.com,user${n}.pst`).join('\n');
    const before = gateway.messages.length;
    expect((await call('POST', `/v1/projects/${projectId}/mailboxes`, file)).body).toMatchObject({ added: 7_000, refused: 0 });
    expect(gateway.messages.slice(before).filter((message) => message.includes('"items"'))).toHaveLength(2);
  }, 60_000);

  it('are started, and refused, one by one', async () => {
    const { customerId, projectId } = await projectIn(gateway);
    await call('POST', `/v1/projects/${projectId}/mailboxes`, three);
    await call('POST', '/v1/orders', { quantity: 2, payment: 'card' });
    await call('POST', `/v1/customers/${customerId}/bundles`, { users: ['ada@contoso.com', 'cleo@contoso.com'] }, WAIT);
    const all = await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' }, WAIT);
    const counts = { total: 3, done: 3, accepted: 2, rejected: 1, progress: 1 };
    const operation = { projectId, verb: 'start', kind: 'full', state: 'finished', ...counts, cause: null, shown: true };
    expect(all).toMatchObject({ status: 202, body: operation });
    const path = `/v1/operations/${String(all.body['operationId'])}`;
    expect((await call('GET', path)).body).toEqual(all.body);
    expect(items(await call('GET', `${path}/rows`))).toMatchObject([
      { row: 1, source: 'ada@contoso.com', outcome: 'accepted', version: expect.any(Number), reason: null },
      { row: 2, source: 'ben@contoso.com', outcome: 'rejected', reason: { code: 'licence.not-applied', title: 'No licence applied' } },
      { row: 3, source: 'cleo@contoso.com', outcome: 'accepted' },
    ]);
    expect((await call('GET', `${path}/rows?outcome=rejected`)).body).toMatchObject({ total: 1, items: [{ source: 'ben@contoso.com' }] });
    expect(items(await call('GET', `/v1/operations?project=${projectId}`))).toEqual([all.body]);
    expect((await call('GET', '/v1/operations/unknown')).body).toMatchObject({ status: 404, code: 'operation.unknown' });

    const verify = { kind: 'verify', mailboxes: ['BEN@contoso.com', 'ben@contoso.com', 'nobody@contoso.com'] };
    const some = await call('POST', `/v1/projects/${projectId}/passes`, verify, WAIT);
    expect(some.body).toMatchObject({ accepted: 1, rejected: 1 });
    const selection = { mailboxes: { status: ['Submitted', 'Queued'] } };
    const stopped = await call('POST', `/v1/projects/${projectId}/stop`, selection, WAIT);
    expect(stopped.body).toMatchObject({ verb: 'stop', kind: null, accepted: 2 });
    expect((await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'everything', mailboxes: 'all' })).body).toMatchObject({
      status: 400,
      errors: [{ column: 'kind' }],
    });
    const empty = await projectIn(gateway);
    expect((await call('POST', `/v1/projects/${empty.projectId}/passes`, { kind: 'full', mailboxes: 'all' }, WAIT)).body).toMatchObject({
      state: 'failed',
      cause: { code: 'selection.empty', title: 'No mailbox selected' },
    });
    expect((await call('POST', '/v1/projects/unknown/stop', { mailboxes: 'all' })).body).toMatchObject({ code: 'project.unknown' });
  });

  it('are one operation when a request is sent again under its key', async () => {
    const { projectId } = await projectIn(gateway);
    await call('POST', `/v1/projects/${projectId}/mailboxes`, three);
    const key = { 'idempotency-key': 'start-once' };
    const start = (): Promise<Reply> => call('POST', `/v1/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' }, key);
    const first = await start();
    expect((await start()).body['operationId']).toBe(first.body['operationId']);
    expect((await call('GET', `/v1/operations?project=${projectId}`)).body['total']).toBe(1);
  });

  it('show their folders and parts', async () => {
    const { projectId } = await projectIn(gateway);
    const id = '01J8ZQ4N5W9K7C1B2D3E4F5G6H';
    await gateway.put(VIEWS.mailboxes, id, newMailbox(id, projectId, 'dan@contoso.com', 'dan.pst'));
    const folder = { name: 'Inbox', parent: null, containerClass: 'IPF.Note', left: null, wellKnownName: 'inbox', expected: 2 };
    const sums = { totals: { discovered: 2, exported: 1, skipped: 0, failed: 1 }, mime: 1, doubts: 1, notListed: null };
    await gateway.put(VIEWS.folders, id, { mailboxJobId: id, projectId, folders: { f: { ...folder, ...sums } } });
    await gateway.put(VIEWS.parts, 'x1', {
      partId: 'x1',
      projectId,
      mailboxJobId: id,
      passId: 'p',
      ordinal: 1,
      name: 'dan.pst',
      container: 'c',
      state: 'verified',
      location: 'l',
      bytes: 9,
      items: 1,
      sha256: 'h',
      sealedAt: 'now',
      verifiedAt: 'now',
    });
    expect((await call('GET', `/v1/mailboxes/${id}`)).body).toMatchObject({ source: 'dan@contoso.com' });
    expect(items(await call('GET', `/v1/mailboxes/${id}/folders`))).toEqual([
      {
        folderKey: 'f',
        path: 'Inbox',
        containerClass: 'IPF.Note',
        wellKnownName: 'inbox',
        expected: 2,
        left: null,
        target: null,
        totals: { discovered: 2, exported: 1, skipped: 0, failed: 1 },
        mime: 1,
        doubts: 1,
        unaccounted: 0,
        listed: true,
        cause: null,
        attempts: 0,
      },
    ]);
    for (const owner of [`mailboxes/${id}`, `projects/${projectId}`]) {
      expect(items(await call('GET', `/v1/${owner}/parts`))).toMatchObject([{ name: 'dan.pst', state: 'verified' }]);
    }
    expect((await call('GET', '/v1/mailboxes/unknown/parts')).body).toMatchObject({ status: 404, code: 'mailbox-job.unknown' });
  });
});
