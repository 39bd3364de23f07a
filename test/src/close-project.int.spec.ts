import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './support/eventually.js';
import { systemsOfSuite, type Running } from './support/running-system.js';

const start = systemsOfSuite();

type Row = { source: string; outcome: string; parts: { name: string; is: string; reason: { code: string } | null }[] };
type Project = { customerId: string; destinationEndpointId: string; closedAt: string | null };

/** Closes a project; returns what became of its mailboxes. */
const close = async ({ post, get }: Running, projectId: string, dryRun: boolean): Promise<Row[]> => {
  const { body } = await post<{ operationId: string; state: string }>(`/projects/${projectId}/close`, { parts: 'delete', dryRun });
  expect(body).toMatchObject({ state: 'finished' });
  return (await get<{ items: Row[] }>(`/operations/${body.operationId}/rows`)).body.items;
};

describe('a project that is closed', () => {
  it('takes exactly its PSTs with it, and its endpoints may go, while everything else stays', async () => {
    const system = await start({ items: 30 });
    const { projectId, mailbox, parts } = await system.prepare();
    await system.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, ({ status }) => status === 'Completed');
    const [pst] = await eventually(parts, (all) => all.length === 1 && all[0]?.state === 'verified');
    const folder = join(pst!.location!, '..');
    writeFileSync(join(folder, 'precious.pst'), 'of somebody else');

    const dry = await close(system, projectId, true);
    expect(dry).toMatchObject([{ parts: [{ name: pst!.name, is: 'would-delete', reason: null }] }]);
    expect(existsSync(pst!.location!)).toBe(true);
    const { customerId, destinationEndpointId, closedAt } = (await system.get<Project>(`/projects/${projectId}`)).body;
    expect(closedAt).toBeNull();
    const endpoint = `/customers/${customerId}/endpoints/${destinationEndpointId}`;
    expect((await system.send('DELETE', endpoint)).status).toBe(409);

    expect(await close(system, projectId, false)).toMatchObject([
      { outcome: 'accepted', parts: [{ name: pst!.name, is: 'deleted', reason: null }] },
    ]);
    expect(existsSync(pst!.location!)).toBe(false);
    expect(existsSync(join(folder, 'precious.pst'))).toBe(true);
    await eventually(
      () => system.get<Project>(`/projects/${projectId}`),
      ({ body }) => body.closedAt !== null,
    );
    expect(await eventually(parts, (all) => all.every(({ state }) => state === 'removed'))).toHaveLength(1);
    expect(await mailbox()).toMatchObject({ status: 'Completed', totals: { exported: 30 } });
    expect((await system.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' })).status).toBe(409);
    expect(await close(system, projectId, false)).toMatchObject([{ parts: [{ is: 'gone' }] }]);
    expect((await system.send('DELETE', endpoint)).status).toBe(200);
    expect((await system.get(`/projects/${projectId}/report`)).status).toBe(200);
  }, 120_000);
});
