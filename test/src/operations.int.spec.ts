import { join } from 'node:path';
import type { Mailbox, Operation } from '@pstream/api';
import { startChild, tempDir, type Child } from '@pstream/testing';
import { apiOf, type Api } from './support/api.js';
import { eventually } from './support/eventually.js';

const MAIN = join(import.meta.dirname, '../../apps/standalone/dist/main.js');
const MAILBOXES = 1_500;
/** Nothing listens there, so every verification fails soon. */
const NOWHERE = 'http://127.0.0.1:9';

/** The embedded system in a process of its own, which may be killed and started again on the same data. */
const start = async (
  dir: string,
  ready = /Data: +\S+/,
): Promise<{ readonly child: Child; readonly url: string; readonly token: string | undefined }> => {
  const child = await startChild({
    name: 'pstream',
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', MAIN],
    env: { PSTREAM_DATA: join(dir, 'data'), PSTREAM_PORT: '0', PSTREAM_LOG: 'error' },
    readyLine: ready,
  });
  return { child, url: /Address: (\S+)/.exec(child.output())?.[1] ?? '', token: /Token: +(\S+)/.exec(child.output())?.[1] };
};

const prepare = async ({ make, shows }: Api, dir: string): Promise<string> => {
  const customer = await make('/customers', { name: 'Contoso' });
  await shows('/customers', customer);
  const source = await make(`/customers/${customer.id}/endpoints`, {
    name: 'Nowhere',
    kind: 'microsoft-365',
    tenantId: 'contoso.example',
    clientId: '00000000-0000-0000-0000-000000000000',
    credential: { kind: 'secret', value: 'nothing' },
    graphUrl: NOWHERE,
    authorityUrl: NOWHERE,
  });
  const target = await make(`/customers/${customer.id}/endpoints`, { name: 'Folder', kind: 'folder', path: join(dir, 'out') });
  const project = await make(`/customers/${customer.id}/projects`, {
    name: 'Leavers',
    type: 'mailbox',
    sourceEndpointId: source.id,
    destinationEndpointId: target.id,
    container: 'leavers',
  });
  await shows(`/projects/${project.id}`, project);
  const items = Array.from({ length: MAILBOXES }, (_, n) => ({ source: `user${n}@contoso.example`, destination: `user${n}.pst` }));
  await shows(`/projects/${project.id}/mailboxes`, await make(`/projects/${project.id}/mailboxes`, { items }));
  return project.id;
};

describe('an operation over many mailboxes', () => {
  it('goes on after the process was killed, and starts each pass once', async () => {
    const dir = tempDir();
    const first = await start(dir, /Token: +\S+/);
    const before = apiOf({ url: first.url, firstToken: first.token });
    const projectId = await prepare(before, dir);
    const { body: requested } = await before.request<Operation>(`/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' });
    await eventually(
      () => before.get<Operation>(`/operations/${requested.operationId}`),
      ({ body }) => body.done > 0,
      120_000,
      5,
    );
    first.child.signal('SIGKILL');
    await first.child.exited;

    const second = await start(dir);
    const after = apiOf({ url: second.url, firstToken: first.token });
    const { body } = await eventually(
      () => after.get<Operation>(`/operations/${requested.operationId}`),
      ({ status, body: now }) => status === 200 && now.state === 'finished' && now.shown,
      240_000,
    );
    expect(body).toMatchObject({ total: MAILBOXES, done: MAILBOXES, accepted: MAILBOXES, rejected: 0, progress: 1 });
    const mailboxes = await after.all<Mailbox>(`/projects/${projectId}/mailboxes`);
    expect(mailboxes.map(({ pass }) => pass?.number)).toEqual(Array(MAILBOXES).fill(1));
    await second.child.stop();
  }, 600_000);
});
