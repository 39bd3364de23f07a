import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { EndpointTest } from '@pstream/api';
import { systemClock } from '@pstream/kernel';
import { EXPORT_ROLES, generatedTenant, startTenant, type ClientCredential, type RunningTenant } from '@pstream/tenant-sim';
import { azuriteServer, tempDir } from '@pstream/testing';
import { accessOf, startFleet, type Access, type Fleet } from './support/fleet.js';

jest.setTimeout(300_000);

const USER = 'user1@fabrikam.test';
const SECRETS = { least: 'Canary~least-rights', noExport: 'Canary~no-export', noItems: 'Canary~no-items', old: 'Canary~expired' } as const;
const LEAST = EXPORT_ROLES.filter((role) => /^(User|MailboxFolder|MailboxItem)\./.test(role));
const without = (role: string): readonly string[] => LEAST.filter((each) => each !== role);
const credentials: readonly ClientCredential[] = [
  { secret: SECRETS.least, roles: LEAST },
  { secret: SECRETS.noExport, roles: without('MailboxItem.Export.All') },
  { secret: SECRETS.noItems, roles: without('MailboxItem.Read.All') },
  { secret: SECRETS.old, error: 7000222 },
];

const azurite = await azuriteServer();
const onAzurite = 'skipped' in azurite ? it.skip : it;

describe('the test of an endpoint', () => {
  const dir = tempDir();
  let sim: RunningTenant;
  let fleet: Fleet;
  let customer: string;
  beforeAll(async () => {
    sim = await startTenant({
      tenant: generatedTenant({ seed: 5, mailboxes: 2, itemsPerMailbox: 40, sizeProfile: 'tiny' }),
      credentials,
      usersWithoutMailbox: ['guest@fabrikam.test'],
    });
    fleet = await startFleet(dir, [USER], { clock: systemClock });
    const { body } = await fleet.get<{ items: { customerId: string }[] }>('/customers');
    customer = `/customers/${body.items[0]!.customerId}`;
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
    if (!('skipped' in azurite)) await azurite.close();
  });

  const source = (secret: string, more: Partial<Access> = {}): object => {
    const { secret: _secret, ...access } = { ...accessOf(sim), ...more };
    return { name: 'tried', kind: 'microsoft-365', ...access, credential: { kind: 'secret', value: secret } };
  };
  const test = async (endpoint: object, more: object = {}): Promise<EndpointTest> => {
    const { status, body } = await fleet.post<EndpointTest>(`${customer}/endpoint-tests`, { endpoint, ...more });
    expect(status).toBe(200);
    return body;
  };
  const verdicts = ({ steps }: EndpointTest): string => steps.map(({ name, verdict }) => `${name} ${verdict}`).join(', ');
  const sealed = (): string[] => readdirSync(join(dir, 'data', 'secrets')).filter((name) => !name.startsWith('.') && !name.includes('key'));
  const exports = (): number => sim.requests.filter(({ operation }) => operation === 'exportItems').length;

  it('passes with the least permissions, and exports one item of the mailbox that was named', async () => {
    const before = exports();
    const done = await test(source(SECRETS.least), { mailbox: USER });
    expect(verdicts(done)).toBe(
      'sign in pass, permissions pass, find user pass, mailboxes pass, folders pass, item pass, export pass, scope skipped',
    );
    expect([done.verdict, done.mailbox, exports() - before]).toEqual(['pass', USER, 1]);
    expect(done.steps.find(({ name }) => name === 'export')?.found).toMatch(/^One item came as \d+ bytes/);
  });

  it('finds a mailbox where none was named, and exports nothing of it', async () => {
    const before = exports();
    const done = await test(source(SECRETS.least));
    expect([done.verdict, done.mailbox, exports() - before]).toEqual(['pass', USER, 0]);
    expect(done.steps.find(({ name }) => name === 'export')).toMatchObject({
      verdict: 'skipped',
      found: 'To have one item exported, and dropped again, name a mailbox.',
    });
  });

  it.each([
    ['an expired secret', SECRETS.old, 'sign in', 'entra.secret-expired', 1],
    ['no right to list items', SECRETS.noItems, 'item', 'graph.mailbox-forbidden', 6],
    ['no right to export', SECRETS.noExport, 'export', 'graph.mailbox-forbidden', 7],
  ])('names the step that fails for %s, with what to do', async (_title, secret, name, code, step) => {
    const done = await test(source(secret), { mailbox: USER });
    const wrong = done.steps.filter(({ verdict }) => verdict === 'fail');
    expect(done.verdict).toBe('fail');
    expect(wrong).toEqual([{ step, name, verdict: 'fail', code, found: null, advice: expect.stringMatching(/\w{3,}/) }]);
    expect(done.steps.slice(step).map(({ verdict }) => verdict)).toEqual(done.steps.slice(step).map(() => 'skipped'));
    expect(JSON.stringify(done)).not.toContain(secret);
  });

  it('says that nothing answers at the address', async () => {
    const done = await test(source(SECRETS.least, { authorityUrl: 'http://127.0.0.1:9' }));
    expect([done.verdict, done.steps[0]?.name, done.steps[0]?.verdict]).toEqual(['fail', 'sign in', 'fail']);
  });

  it('saves nothing of what was given', async () => {
    const endpoints = await fleet.get<{ total: number }>(`${customer}/endpoints`);
    expect(endpoints.body.total).toBe(0);
    expect(sealed()).toEqual([]);
  });

  it('tries a saved endpoint, with the secret that is sealed', async () => {
    const { body } = await fleet.post<{ id: string }>(`${customer}/endpoints`, source(SECRETS.noExport));
    await fleet.shows(`${customer}/endpoints`, body as never);
    const done = await fleet.post<EndpointTest>(`${customer}/endpoints/${body.id}/test`, { mailbox: USER });
    expect([done.status, done.body.verdict, sealed().length]).toEqual([200, 'fail', 1]);
    const unknown = await fleet.post(`${customer}/endpoints/01J8ZQ4N5W9K7C1B2D3E4F5G6Z/test`, {});
    expect(unknown).toMatchObject({ status: 404, body: { code: 'endpoint.unknown' } });
  });

  it('writes, reads and deletes a probe in a folder', async () => {
    const path = join(dir, 'probe');
    const done = await test({ name: 'tried', kind: 'folder', path }, { container: 'mailboxes' });
    expect(verdicts(done)).toBe('container pass, write pass, read pass, delete pass');
    expect(readdirSync(join(path, 'mailboxes'))).toEqual([]);
    const refused = await test({ name: 'tried', kind: 'folder', path: '/proc/1/exports' });
    expect(verdicts(refused)).toBe('container fail, write skipped, read skipped, delete skipped');
    expect(refused.steps[0]).toMatchObject({ code: expect.stringContaining('destination.'), advice: expect.stringMatching(/\w/) });
  });

  onAzurite('makes the container of a storage account, and says what the account is', async () => {
    if ('skipped' in azurite) return;
    const { account, endpoint, key } = azurite;
    const target = { name: 'tried', kind: 'azure-blob', account, endpoint, region: 'westeurope', credential: { kind: 'key', value: key } };
    const container = `tried-${process.pid}`;
    const done = await test(target, { container });
    expect(verdicts(done)).toMatch(
      /^container pass, write pass, read pass, delete pass, account pass, soft delete \w+, public access pass$/,
    );
    expect(done.steps[0]?.found).toBe(`${container} was not there and has been made.`);
    expect((await test(target, { container })).steps[0]?.found).toBe(`${container} is there.`);
    const wrong = { kind: 'key', value: Buffer.alloc(64, 7).toString('base64') };
    const refused = await test({ ...target, credential: wrong }, { container });
    expect(verdicts(refused)).toBe('container skipped, write fail, read skipped, delete skipped, account skipped');
    expect(refused.steps[1]?.code).toBe('destination.forbidden');
  });
});
