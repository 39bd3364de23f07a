import { itemTypes, VIEWS } from '@pstream/contracts';
import { world, newMailbox } from './fakes.fixture.js';
import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { putFolder } from './item-errors.fixture.js';
import { STATISTICS_HEADER } from './read/statistics-csv.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const call: RunningGateway['call'] = (...given) => gateway.call(...given);
const idOf = ({ body }: Reply): string => String(body['id']);
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];

const TENANT = { tenantId: 't', clientId: 'c' };
let made = 0;
const newProject = async (): Promise<{ customerId: string; projectId: string }> => {
  const customerId = idOf(await call('POST', '/v1/customers', { name: `Customer ${++made}` }));
  const sourceEndpointId = idOf(
    await call('POST', `/v1/customers/${customerId}/endpoints`, {
      name: 'tenant',
      kind: 'microsoft-365',
      ...TENANT,
      credential: { kind: 'secret', value: 's' },
    }),
  );
  const destinationEndpointId = idOf(
    await call('POST', `/v1/customers/${customerId}/endpoints`, { name: 'disk', kind: 'folder', path: '/exports' }),
  );
  const projectId = idOf(
    await call('POST', `/v1/customers/${customerId}/projects`, {
      name: 'Leavers',
      type: 'mailbox',
      sourceEndpointId,
      destinationEndpointId,
    }),
  );
  return { customerId, projectId };
};

describe('commands', () => {
  it('sent again with the same Idempotency-Key do nothing twice', async () => {
    const key = { 'idempotency-key': 'order-66' };
    const first = await call('POST', '/v1/customers', { name: 'Once' }, key);
    const second = await call('POST', '/v1/customers', { name: 'Once' }, key);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect((await call('POST', '/v1/customers', { name: 'Once' }, { 'idempotency-key': 'other' })).status).toBe(409);
  });

  it('tell a version that a query can wait for', async () => {
    const { body } = await call('POST', '/v1/customers', { name: 'Awaited' });
    expect(
      (await call('GET', `/v1/customers?atLeast=${String(body['stream'])}:${String(body['version'])}&limit=1000`)).body['items'],
    ).toContainEqual(expect.objectContaining({ name: 'Awaited' }));
    expect((await call('GET', `/v1/licences?atLeast=${String(body['stream'])}:1`)).body).toMatchObject({
      status: 400,
      code: 'request.at-least',
    });
    expect((await call('GET', '/v1/customers?atLeast=nonsense')).body).toMatchObject({ status: 400, code: 'request.invalid' });
  });

  it('travel with the id of the token, never with the token', async () => {
    await call('POST', '/v1/customers', { name: 'Travels' });
    const { meta } = JSON.parse(world.messages.at(-1) ?? '') as { meta: Record<string, string> };
    expect(meta).toEqual({
      commandId: expect.stringMatching(/^[0-9A-Z]{26}$/),
      by: expect.stringMatching(/^[0-9A-Z]{26}$/),
      at: expect.any(String),
    });
    expect(world.messages.join()).not.toContain(gateway.token);
  });
});

describe('endpoints', () => {
  it('keep their secret to the secret store', async () => {
    const { customerId } = await newProject();
    const path = `/v1/customers/${customerId}/endpoints`;
    const azure = {
      name: 'azure',
      kind: 'azure-blob',
      account: 'contosopst',
      region: 'westeurope',
      credential: { kind: 'key', value: 'canary-key-1' },
    };
    const added = await call('POST', path, azure);
    expect(added.status).toBe(201);
    const listed = await call('GET', path);
    expect(items(listed).map((endpoint) => endpoint['name'])).toEqual(['azure', 'disk', 'tenant']);
    expect(items(listed)[0]).toMatchObject({
      kind: 'azure-blob',
      settings: { account: 'contosopst', credential: 'key' },
      secretRotatedAt: null,
    });
    expect(JSON.stringify(listed.body)).not.toContain('secret:');
    expect((await call('POST', `${path}/${idOf(added)}/secret`, { value: 'canary-key-2' })).status).toBe(200);
    const values = [...gateway.secrets.values.values()];
    expect(values).toContain('canary-key-2');
    expect(values).not.toContain('canary-key-1');
    expect([...world.messages, ...gateway.logged, JSON.stringify(listed.body)].join()).not.toContain('canary-key');
  });

  it('leave no secret behind when they are refused, and seal it once when sent twice', async () => {
    const { customerId } = await newProject();
    const path = `/v1/customers/${customerId}/endpoints`;
    const before = gateway.secrets.values.size;
    const source = { name: 'taken', kind: 'microsoft-365', ...TENANT, credential: { kind: 'secret', value: 'x' } };
    expect((await call('POST', path, source)).body).toMatchObject({ status: 409, code: 'endpoint.name-taken' });
    expect(gateway.secrets.values.size).toBe(before);
    const key = { 'idempotency-key': 'k1' };
    const first = await call('POST', path, { ...source, name: 'free' }, key);
    expect((await call('POST', path, { ...source, name: 'free' }, key)).body).toEqual(first.body);
    const other = { ...source, name: 'free', credential: { kind: 'secret', value: 'z' } };
    expect((await call('POST', path, other, key)).status).toBe(422);
    expect((await call('POST', path, { ...source, name: 'late' }, { 'if-match': '"7"' })).status).toBe(412);
    expect(gateway.secrets.values.size).toBe(before + 1);
    expect([...gateway.secrets.values.values()].at(-1)).toBe('x');
  });

  it('replace a secret only when that is accepted, and finish it when the request is sent again', async () => {
    const { customerId } = await newProject();
    const { endpointId } = items(await call('GET', `/v1/customers/${customerId}/endpoints`)).find(({ name }) => name === 'tenant')!;
    const path = `/v1/customers/${customerId}/endpoints/${String(endpointId)}/secret`;
    const [ref] = [...gateway.secrets.values.keys()].slice(-1);
    const value = (): string | undefined => gateway.secrets.values.get(ref ?? '');
    const rotate = async (secret: string, headers: Record<string, string>): Promise<number> =>
      (await call('POST', path, { value: secret }, headers)).status;
    expect([await rotate('stale', { 'if-match': '"7"' }), value()]).toEqual([412, 's']);
    gateway.secrets.away = true;
    expect([await rotate('second', { 'idempotency-key': 'r1' }), value()]).toEqual([503, 's']);
    gateway.secrets.away = false;
    expect([await rotate('other', { 'idempotency-key': 'r1' }), value()]).toEqual([422, 's']);
    expect([await rotate('second', { 'idempotency-key': 'r1' }), value()]).toEqual([200, 'second']);
    expect([await rotate('third', { 'idempotency-key': 'r2' }), value()]).toEqual([200, 'third']);
    expect([await rotate('second', { 'idempotency-key': 'r1' }), value()]).toEqual([200, 'third']);
  });

  it('take credentials to encrypted addresses only, and to simulators on loopback', async () => {
    const { customerId } = await newProject();
    const source = { name: 'sim', kind: 'microsoft-365', ...TENANT, credential: { kind: 'secret', value: 'x' } };
    for (const graphUrl of [
      'http://graph.example',
      'http://127.0.0.1.evil.example',
      'ftp://127.0.0.1',
      'https://user:pw@graph.example',
      'http://169.254.169.254',
    ]) {
      expect([graphUrl, (await call('POST', `/v1/customers/${customerId}/endpoints`, { ...source, graphUrl })).status]).toEqual([
        graphUrl,
        400,
      ]);
    }
    expect(
      (
        await call('POST', `/v1/customers/${customerId}/endpoints`, {
          ...source,
          graphUrl: 'http://127.0.0.1:9000',
          authorityUrl: 'https://login.example',
        })
      ).status,
    ).toBe(201);
  });

  it('need a region, in the words of the form', async () => {
    const { customerId } = await newProject();
    const { body } = await call('POST', `/v1/customers/${customerId}/endpoints`, {
      name: 'a',
      kind: 'azure-blob',
      account: 'abc',
      credential: { kind: 'identity' },
    });
    expect(body['errors']).toEqual([{ column: 'region', code: 'field.invalid-type', message: 'This field cannot be left blank.' }]);
  });

  it('rotate only what can be rotated', async () => {
    const { customerId } = await newProject();
    const path = `/v1/customers/${customerId}/endpoints`;
    const certificate = idOf(
      await call('POST', path, {
        name: 'cert',
        kind: 'microsoft-365',
        ...TENANT,
        credential: { kind: 'certificate', thumbprintSha256: 'ab', value: 'pem' },
      }),
    );
    expect((await call('POST', `${path}/${certificate}/secret`, { value: 'y' })).body).toMatchObject({
      status: 409,
      code: 'endpoint.certificate-is-fixed',
    });
    const folder = items(await call('GET', path)).find((endpoint) => endpoint['name'] === 'disk');
    expect((await call('POST', `${path}/${String(folder?.['endpointId'])}/secret`, { value: 'y' })).body).toMatchObject({
      status: 409,
      code: 'endpoint.has-no-secret',
    });
    expect((await call('POST', `/v1/customers/other/endpoints/${certificate}/secret`, { value: 'y' })).body).toMatchObject({
      status: 404,
      code: 'endpoint.unknown',
    });
  });
});

describe('the statistics report of a project', () => {
  it('is a CSV file with a row for each mailbox, whether anything was done with it or not', async () => {
    const { projectId } = await newProject();
    await call('POST', `/v1/projects/${projectId}/mailboxes`, {
      items: [
        { source: 'ada@contoso.com', destination: 'ada.pst' },
        { source: 'eve@contoso.com', destination: 'eve.pst' },
      ],
    });
    const [ada, eve] = items(await call('GET', `/v1/projects/${projectId}/mailboxes?sort=source`)).map(({ mailboxJobId }) =>
      String(mailboxJobId),
    );
    const counted = { exported: { items: 2, bytes: 30 }, failed: { items: 0, bytes: 0 }, skipped: { items: 0, bytes: 0 } };
    const pace = { activeMs: 60_000, passiveMs: 0, items: 2, bytes: 1_048_576 };
    const types = Object.fromEntries(itemTypes.map((type) => [type, counted]));
    world.views.put(VIEWS.statistics, eve!, { mailboxJobId: eve, migrations: 1, types, total: counted, source: pace, destination: pace });
    const response = await fetch(`${gateway.url}/v1/projects/${projectId}/statistics.csv`, {
      headers: { authorization: `Bearer ${gateway.token}` },
    });
    expect([response.status, response.headers.get('content-type'), response.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="statistics.csv"',
    ]);
    const [header, ...rows] = Buffer.from(await response.arrayBuffer())
      .toString()
      .split('\r\n');
    expect(header).toBe(`\uFEFF${STATISTICS_HEADER}`);
    const zeros = (cells: number): string => Array(cells).fill('0').join(',');
    expect(rows).toEqual([
      `${ada},ada@contoso.com,ada.pst,${zeros(32)},${zeros(4)},0,,0,0,0,,Not Submitted,`,
      `${eve},eve@contoso.com,eve.pst,${zeros(4)},${Array(7).fill('2,30,0,0').join(',')},1,0,60,120,1,0,60,120,1,,Not Submitted,`,
      '',
    ]);
    expect((await call('GET', '/v1/projects/nobody/statistics.csv')).body).toMatchObject({ status: 404, code: 'project.unknown' });
  });
});

describe('advanced options of a project', () => {
  it('are replaced as a whole, and shown', async () => {
    const { projectId } = await newProject();
    const path = `/v1/projects/${projectId}`;
    expect((await call('GET', path)).body['options']).toEqual({});
    const options = { itemTypes: ['email'], itemsFrom: '2020-01-01', folderFilter: ['^Inbox/'], folderMapping: ['^Sent->Old/Sent'] };
    expect(await call('POST', `${path}/options`, options)).toMatchObject({
      status: 200,
      body: { id: projectId, stream: `project:${projectId}` },
    });
    expect((await call('GET', path)).body['options']).toEqual(options);
    await call('POST', `${path}/options`, {});
    expect((await call('GET', path)).body['options']).toEqual({});
  });

  it('tell what is wrong with an expression or a mapping', async () => {
    const { projectId } = await newProject();
    const wrong = { folderFilter: ['^Inbox/', '(Inbox'], folderMapping: ['Inbox'], itemsFrom: 'yesterday' };
    const { status, body } = await call('POST', `/v1/projects/${projectId}/options`, wrong);
    expect([status, body['code']]).toEqual([400, 'request.invalid']);
    expect((body['errors'] as { column: string }[]).map(({ column }) => column).toSorted()).toEqual([
      'folderFilter.1',
      'folderMapping.0',
      'itemsFrom',
    ]);
  });
});

describe('mailboxes of a project', () => {
  const three = { items: ['ada', 'ben', 'cleo'].map((name) => ({ source: `${name}@contoso.com`, destination: `${name}.pst` })) };

  it('are added as JSON and listed by status, in order, page by page', async () => {
    const { projectId } = await newProject();
    const added = await call('POST', `/v1/projects/${projectId}/mailboxes`, three);
    expect(added).toMatchObject({ status: 201, body: { added: 3, refused: 0, errors: [], stream: `project:${projectId}` } });
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
    const { projectId } = await newProject();
    const path = `/v1/projects/${projectId}/mailboxes`;
    const file = 'Source,Destination\nada@contoso.com,ada.pst\nben@contoso.com,ben.doc\nlate@contoso.com,late.pst\n';
    expect((await call('POST', path, '')).body).toMatchObject({ status: 400, code: 'csv.empty' });
    const whole = await call('POST', path, file);
    expect(whole.body).toMatchObject({
      status: 400,
      code: 'bulk-add.rows-at-fault',
      errors: [{ row: 3, column: 'Destination', code: 'part-name.not-pst' }],
    });
    expect((await call('GET', path)).body['total']).toBe(0);
    const partial = await call('POST', `${path}?partial=true`, file);
    expect(partial).toMatchObject({ status: 201, body: { added: 1, refused: 2 } });
    expect((partial.body['errors'] as { row: number; code: string }[]).map(({ row, code }) => [row, code])).toEqual([
      [3, 'part-name.not-pst'],
      [4, 'line-item.source-exists'],
    ]);
    expect((await call('POST', path, 'late@contoso.com,late.pst')).body).toMatchObject({
      status: 409,
      code: 'project.line-items-conflict',
      errors: [{ row: 1, column: 'Source' }],
    });
    expect((await call('POST', path, 'ADA@contoso.com,x.pst')).body).toMatchObject({
      status: 400,
      errors: [{ row: 1, column: 'Source', code: 'line-item.source-exists' }],
    });
    expect((await call('POST', `${path}?partial=true`, 'x,x.pst\n'.replace('x,', 'x@,'))).body).toMatchObject({
      status: 400,
      code: 'bulk-add.no-good-row',
    });
  });

  it('are not added twice when the file is sent again', async () => {
    const { projectId } = await newProject();
    const key = { 'idempotency-key': 'file-1' };
    const file = 'ada@contoso.com,ada.pst\nben@contoso.com,ben.pst';
    const first = await call('POST', `/v1/projects/${projectId}/mailboxes`, file, key);
    expect(first.status).toBe(201);
    expect((await call('POST', `/v1/projects/${projectId}/mailboxes`, file, key)).body).toEqual(first.body);
    expect((await call('GET', `/v1/projects/${projectId}/mailboxes`)).body['total']).toBe(2);
  });

  it('may be more than one command holds', async () => {
    const { projectId } = await newProject();
    const file = Array.from({ length: 7_000 }, (_, n) => `user${n}@${'department.'.repeat(25)}contoso.com,user${n}.pst`).join('\n');
    const before = world.messages.length;
    expect((await call('POST', `/v1/projects/${projectId}/mailboxes`, file)).body).toMatchObject({ added: 7_000, version: 3 });
    expect(world.messages.length).toBe(before + 2);
  }, 60_000);

  it('are started, and refused, one by one', async () => {
    const { projectId } = await newProject();
    await call('POST', `/v1/projects/${projectId}/mailboxes`, three);
    const all = await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' }, { prefer: 'wait=5' });
    const counts = { total: 3, done: 3, accepted: 2, rejected: 1, progress: 1 };
    const operation = { projectId, verb: 'start', kind: 'full', state: 'finished', ...counts, cause: null, shown: true };
    expect(all).toMatchObject({ status: 202, body: operation });
    const path = `/v1/operations/${String(all.body['operationId'])}`;
    expect((await call('GET', path)).body).toEqual(all.body);
    expect(items(await call('GET', `${path}/rows`))).toMatchObject([
      { row: 1, source: 'ada@contoso.com', outcome: 'accepted', version: 1, reason: null },
      { row: 2, source: 'ben@contoso.com', outcome: 'rejected', reason: { code: 'licence.not-applied', title: 'No licence applied' } },
      { row: 3, source: 'cleo@contoso.com', outcome: 'accepted' },
    ]);
    expect((await call('GET', `${path}/rows?outcome=rejected`)).body).toMatchObject({ total: 1, items: [{ source: 'ben@contoso.com' }] });
    expect(items(await call('GET', `/v1/operations?project=${projectId}`))).toEqual([all.body]);
    expect((await call('GET', '/v1/operations/unknown')).body).toMatchObject({ status: 404, code: 'operation.unknown' });

    const some = await call('POST', `/v1/projects/${projectId}/passes`, {
      kind: 'verify',
      mailboxes: ['BEN@contoso.com', 'ben@contoso.com', 'nobody@contoso.com'],
    });
    expect(some.body).toMatchObject({ accepted: 1, rejected: 1 });
    const stopped = await call('POST', `/v1/projects/${projectId}/stop`, { mailboxes: { status: ['Queued', 'Migrating'] } });
    expect(stopped.body).toMatchObject({ verb: 'stop', kind: null, accepted: 0 });
    expect((await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'everything', mailboxes: 'all' })).body).toMatchObject({
      status: 400,
      errors: [{ column: 'kind' }],
    });
    const empty = await newProject();
    expect((await call('POST', `/v1/projects/${empty.projectId}/passes`, { kind: 'full', mailboxes: 'all' })).body).toMatchObject({
      state: 'failed',
      cause: { code: 'selection.empty', title: 'No mailbox selected' },
    });
    expect((await call('POST', '/v1/projects/unknown/stop', { mailboxes: 'all' })).body).toMatchObject({ code: 'project.unknown' });
  });

  it('are one operation when a request is sent again under its key', async () => {
    const { projectId } = await newProject();
    await call('POST', `/v1/projects/${projectId}/mailboxes`, three);
    const key = { 'idempotency-key': 'start-once' };
    const first = await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' }, key);
    expect((await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' }, key)).body).toEqual(first.body);
  });

  it('show their folders and parts', async () => {
    const { projectId } = await newProject();
    const id = '01J8ZQ4N5W9K7C1B2D3E4F5G6H';
    world.views.put(VIEWS.mailboxes, id, newMailbox(id, projectId, 'dan@contoso.com', 'dan.pst'));
    putFolder(projectId, id, 'Inbox');
    world.views.put(VIEWS.parts, 'x1', {
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

describe('licences', () => {
  it('are ordered, shown and applied', async () => {
    expect((await call('POST', '/v1/orders', { quantity: 10, payment: 'card' })).body).toMatchObject({ stream: 'licence-pool:default' });
    expect((await call('GET', '/v1/licences')).body).toEqual({ workgroupId: 'default', released: 0, applied: 0, orders: [] });
    const { customerId } = await newProject();
    expect((await call('POST', `/v1/customers/${customerId}/bundles`, { users: ['a@b.co', 'c@d.co'] })).body).toMatchObject({
      state: 'failed',
      cause: {
        code: 'licence.seats-exhausted',
        detail: '2 licences are needed and 1 are free. Order more with `pstream licence order`.',
      },
    });
    expect((await call('GET', `/v1/customers/${customerId}/bundles`)).body['total']).toBe(0);
    expect((await call('POST', '/v1/customers/unknown/bundles', { users: ['a@b.co'] })).body).toMatchObject({
      status: 404,
      code: 'customer.unknown',
    });
  });
});
