import { operation, PROJECT, sceneOfSuite } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

describe('project close', () => {
  it('closes a project once that is confirmed, and prints the end statement', async () => {
    gateway.routes.set(`POST /v1/projects/${PROJECT}/close`, { status: 202, body: operation(1) });
    gateway.routes.set('GET /v1/operations/OP', { body: operation(1) });
    const pst = { partId: 'P', container: 'leavers', bytes: 2_500_000, reason: null };
    const held = { code: 'part.legal-hold', title: 'Under a legal hold', detail: 'Lift it.' };
    const parts = [
      { ...pst, name: 'ada.pst', is: 'deleted' },
      { ...pst, name: 'ada-2.pst', is: 'kept', reason: held },
    ];
    gateway.list('/v1/operations/OP/rows', [{ mailboxJobId: 'M', source: 'ada@contoso.com', outcome: 'accepted', reason: null, parts }]);
    const sent = gateway.changes.length;
    const unconfirmed = await run(['project', 'close', 'Leavers', '--delete-blobs']);
    expect(unconfirmed).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('delete the PSTs that it wrote') });
    expect(gateway.changes).toHaveLength(sent);
    const { exitCode, stdout, stderr } = await run(['project', 'close', 'Leavers', '--delete-blobs', '--yes']);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ parts: 'delete', dryRun: false });
    expect(stdout).toContain('ada@contoso.com\tada.pst\tleavers\t2500000\tdeleted\t\n');
    expect(stdout).toContain('ada@contoso.com\tada-2.pst\tleavers\t2500000\tkept\tpart.legal-hold\n');
    expect(stderr).toContain('Project Leavers is closed. PSTs: 1 deleted (2.5 MB), 1 kept (2.5 MB).');
    expect(stderr).toContain('ada-2.pst: Lift it.');
    expect(exitCode).toBe(3);
    await run(['project', 'close', 'Leavers', '--dry-run']);
    expect(JSON.parse(gateway.changes.at(-1)?.body ?? '')).toEqual({ parts: 'keep', dryRun: true });
  });
});
