import type { Added, Customer, Done, Endpoint, Mailbox, OperationRow, Problem, Project, ProjectDetail } from '@pstream/api';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './support/eventually.js';
import { systemsOfSuite } from './support/running-system.js';

const start = systemsOfSuite();
type List<T> = { readonly items: T[] };

describe('a project with a typo', () => {
  it('is mended, completes, and leaves everything as it was when it is taken apart', async () => {
    const { get, post, send, shows, prepare } = await start({ items: 12 });
    const { projectId, sourceId, mailbox, parts } = await prepare();
    const detail = async (): Promise<ProjectDetail> => (await get<ProjectDetail>(`/projects/${projectId}`)).body;
    const listed = async (): Promise<Mailbox[]> => (await get<List<Mailbox>>(`/projects/${projectId}/mailboxes`)).body.items;
    const made = async (method: string, path: string, body?: unknown): Promise<Done> => {
      const answer = await send<Done>(method, path, body);
      expect([path, answer.status]).toEqual([path, 200]);
      return answer.body;
    };

    // The good row is misspelt, and another row is nobody.
    const { mailboxJobId } = await mailbox();
    await shows(`/projects/${projectId}/mailboxes`, await made('PATCH', `/mailboxes/${mailboxJobId}`, { source: 'usr1@fabrikam.test' }));
    await post(`/projects/${projectId}/mailboxes`, { items: [{ source: 'nobody@fabrikam.test', destination: 'nobody.pst' }] });
    await eventually(listed, (all) => all.length === 2);
    const { customerId } = await mailbox();
    await post(`/customers/${customerId}/bundles`, { users: ['usr1@fabrikam.test', 'nobody@fabrikam.test'] });
    await post('/orders', { quantity: 2, payment: 'card' });
    await post(`/customers/${customerId}/bundles`, { users: ['usr1@fabrikam.test', 'nobody@fabrikam.test'] });
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(listed, (all) => all.every(({ status }) => status === 'Failed'));

    const edited = await made('PATCH', `/mailboxes/${mailboxJobId}`, { source: 'user1@fabrikam.test' });
    await shows(`/projects/${projectId}/mailboxes`, edited);
    expect(await listed()).toMatchObject([{ status: 'Failed' }, { source: 'user1@fabrikam.test', status: 'Not Submitted', cause: null }]);
    const nobody = (await listed()).find(({ source }) => source.startsWith('nobody'))!;
    await made('DELETE', `/mailboxes/${nobody.mailboxJobId}`);
    expect((await send('GET', `/mailboxes/${nobody.mailboxJobId}`)).status).toBe(404);
    expect(
      (await post<{ accepted: unknown[] }>(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' })).body.accepted,
    ).toHaveLength(1);
    await eventually(mailbox, ({ status }) => status === 'Completed');
    const done = await eventually(detail, ({ sums }) => sums.statuses.Completed === 1);
    expect(done).toMatchObject({
      mailboxes: 1,
      sums: { mailboxes: 1, statuses: { Completed: 1 }, totals: { discovered: 12, exported: 12, skipped: 0, failed: 0 }, unaccounted: 0 },
    });

    // Its settings and its name.
    await shows(`/projects/${projectId}`, await made('PATCH', `/projects/${projectId}`, { name: 'Mended', container: 'elsewhere' }));
    expect(await detail()).toMatchObject({ name: 'Mended', container: 'elsewhere' });

    // Taken apart, from the inside out; what is still needed stays.
    const codeOf = async (path: string): Promise<string> => (await send<Problem>('DELETE', path)).body.code;
    const endpoint = `/customers/${customerId}/endpoints/${sourceId}`;
    expect([await codeOf(endpoint), await codeOf(`/projects/${projectId}`), await codeOf(`/customers/${customerId}`)]).toEqual([
      'endpoint.in-use',
      'project.not-empty',
      'customer.not-empty',
    ]);
    const pst = (await eventually(parts, ([part]) => part?.state === 'verified'))[0]?.location ?? '';
    await shows(`/projects/${projectId}`, await made('DELETE', `/mailboxes/${mailboxJobId}`));
    await eventually(detail, ({ sums }) => sums.mailboxes === 0 && sums.totals.exported === 0);
    expect(existsSync(pst)).toBe(true);
    const gone = await made('DELETE', `/projects/${projectId}`);
    await eventually(
      () => get<List<Project>>('/projects'),
      ({ body }) => body.items.length === 0,
    );
    expect(gone.stream).toBe(`project:${projectId}`);
    expect((await get(`/projects/${projectId}`)).status).toBe(404);
    for (const { endpointId } of (await get<List<Endpoint>>(`/customers/${customerId}/endpoints`)).body.items)
      await made('DELETE', `/customers/${customerId}/endpoints/${endpointId}`);
    await eventually(
      () => get<List<Endpoint>>(`/customers/${customerId}/endpoints`),
      ({ body }) => body.items.length === 0,
    );
    await shows('/customers', await made('PATCH', `/customers/${customerId}`, { name: 'Contoso Ltd' }));
    await made('DELETE', `/customers/${customerId}`);
    await eventually(
      () => get<List<Customer>>('/customers'),
      ({ body }) => body.items.length === 0,
    );
    for (const name of ['Contoso', 'Contoso Ltd']) expect((await post('/customers', { name })).status).toBe(201);
  }, 120_000);
});

describe('a file that is not ours under the name of a PST', () => {
  it('is answered with another name, and the export goes on', async () => {
    const { post, send, prepare, out } = await start({ items: 12 });
    const { projectId, mailbox, parts } = await prepare();
    mkdirSync(join(out, 'mailboxes'), { recursive: true });
    writeFileSync(join(out, 'mailboxes', 'user1.pst'), 'somebody else was here');
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const failed = await eventually(mailbox, ({ status }) => status === 'Failed');
    expect(failed.cause).toMatchObject({ code: 'part.foreign-blob', facts: { name: 'user1.pst' } });
    expect((await send('PATCH', `/mailboxes/${failed.mailboxJobId}`, { destination: 'user1-b.pst' })).status).toBe(200);
    await eventually(mailbox, ({ status, totals }) => status === 'Not Submitted' && totals.discovered === 0);
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const done = await eventually(mailbox, ({ status }) => status === 'Completed');
    expect(done.totals).toEqual({ discovered: 12, exported: 12, skipped: 0, failed: 0 });
    expect(await eventually(parts, (all) => all.some(({ state }) => state === 'verified'))).toContainEqual(
      expect.objectContaining({ name: 'user1-b.pst', items: 12, ordinal: 1 }),
    );
    expect(readFileSync(join(out, 'mailboxes', 'user1.pst'), 'utf8')).toBe('somebody else was here');
  }, 120_000);
});

describe('a file that is not ours under a name that a mailbox will need', () => {
  it('is found by Verify, and answered with a free name', async () => {
    const { get, post, prepare, out } = await start({ items: 12 });
    const { projectId, mailbox, parts } = await prepare();
    mkdirSync(join(out, 'mailboxes'), { recursive: true });
    writeFileSync(join(out, 'mailboxes', 'user1.002.pst'), 'somebody else was here');
    const verify = { kind: 'verify', mailboxes: 'all' };
    await post(`/projects/${projectId}/passes`, verify);
    const failed = await eventually(mailbox, ({ status }) => status === 'Verification failed');
    expect(failed.cause).toMatchObject({ code: 'part.foreign-blob', facts: { name: 'user1.002.pst' } });
    expect(failed.checks.at(-1)).toMatchObject({ name: 'destination', verdict: 'fail', code: 'part.foreign-blob' });

    const { body: operation } = await post<{ operationId: string }>(`/projects/${projectId}/passes`, { ...verify, rename: true });
    const rows = await get<List<OperationRow>>(`/operations/${operation.operationId}/rows`);
    expect(rows.body.items).toMatchObject([{ outcome: 'accepted', renamed: 'user1-2.pst' }]);
    expect(await eventually(mailbox, ({ status }) => status === 'Verified')).toMatchObject({ destination: 'user1-2.pst', cause: null });
    await post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, ({ status }) => status === 'Completed');
    expect(await eventually(parts, ([part]) => part?.state === 'verified')).toMatchObject([{ name: 'user1-2.pst', items: 12 }]);

    // What passes of the mailbox wrote is not foreign, also where it starts over.
    await post(`/projects/${projectId}/passes`, verify);
    expect(await eventually(mailbox, ({ pass }) => pass?.number === 4 && pass.endedAt !== null)).toMatchObject({ status: 'Completed' });
    await post(`/projects/${projectId}/start-over`, { mailboxes: 'all', parts: 'delete' });
    await post(`/projects/${projectId}/passes`, verify);
    expect(await eventually(mailbox, ({ pass }) => pass?.number === 5 && pass.endedAt !== null)).toMatchObject({ status: 'Verified' });
  }, 120_000);
});

describe('a mailbox and an archive project with the same file names and container', () => {
  it('are refused at import, and the offer is taken only if so asked', async () => {
    const { get, post, shows, prepare } = await start({ items: 1 });
    const { projectId } = await prepare();
    const { customerId, sourceEndpointId, destinationEndpointId, container } = (await get<Project>(`/projects/${projectId}`)).body;
    const settings = { name: 'Archives', type: 'archive', sourceEndpointId, destinationEndpointId, container };
    const { body: made } = await post<Done>(`/customers/${customerId}/projects`, settings);
    await shows(`/projects/${made.id}`, made);
    const path = `/projects/${made.id}/mailboxes`;
    const rows = {
      items: [
        { source: 'other@fabrikam.test', destination: 'other.pst' },
        { source: 'user1@fabrikam.test', destination: 'User1.pst' },
      ],
    };
    const refused = await post<Problem>(path, rows);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        code: 'project.line-items-conflict',
        errors: [{ row: 2, column: 'destination', code: 'mailbox.name-taken', message: expect.stringContaining('User1-archive.pst') }],
      },
    });
    expect(await post<Added>(`${path}?rename=true`, rows)).toMatchObject({
      status: 201,
      body: { added: 2, refused: 0, renamed: [{ row: 2, destination: 'User1-archive.pst' }], errors: [] },
    });
    const { items } = (
      await eventually(
        () => get<List<Mailbox>>(path),
        ({ body }) => body.items.length === 2,
      )
    ).body;
    expect(items.map(({ destination }) => destination)).toEqual(['other.pst', 'User1-archive.pst']);
    const again = await post<Added>(`${path}?rename=true`, { items: [{ source: 'third@fabrikam.test', destination: 'user1.pst' }] });
    expect(again.body.renamed).toEqual([{ row: 1, destination: 'user1-archive-2.pst' }]);
  }, 120_000);
});
