import { startGateway, type Reply, type RunningGateway } from './gateway.fixture.js';
import { projectIn } from './project.fixture.js';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const WAIT = { prefer: 'wait=20' };
const items = ({ body }: Reply): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];
const row = { source: 'ada@contoso.com', destination: 'ada.pst' };

/** Ada in a project, and the archives of the same people, which go to the same container. */
const scene = async (): Promise<{ readonly archives: string; readonly holder: string }> => {
  const { customerId, projectId } = await projectIn(gateway);
  await gateway.call('POST', `/v1/projects/${projectId}/mailboxes`, { items: [row] });
  const [held] = items(await gateway.call('GET', `/v1/projects/${projectId}/mailboxes`));
  const { sourceEndpointId, destinationEndpointId } = (await gateway.call('GET', `/v1/projects/${projectId}`)).body;
  const body = { name: 'Archives', type: 'archive', sourceEndpointId, destinationEndpointId };
  const archives = String((await gateway.call('POST', `/v1/customers/${customerId}/projects`, body)).body['id']);
  return { archives, holder: String(held?.['mailboxJobId']) };
};
const NAMED = /^The mailbox ada@contoso\.com of the project "Leavers" writes to this PST name .+ such as ada-archive\.pst,/;

describe('a PST name that is taken', () => {
  it('names its holder when mailboxes are added', async () => {
    const { archives } = await scene();
    const { body } = await gateway.call('POST', `/v1/projects/${archives}/mailboxes`, { items: [row] });
    expect(body).toMatchObject({ status: 409, code: 'project.line-items-conflict' });
    expect(body['errors']).toEqual([{ row: 1, column: 'destination', code: 'mailbox.name-taken', message: expect.stringMatching(NAMED) }]);
  });

  it('names its holder when a mailbox is edited', async () => {
    const { archives, holder } = await scene();
    await gateway.call('POST', `/v1/projects/${archives}/mailboxes`, { items: [{ ...row, destination: 'other.pst' }] });
    const [own] = items(await gateway.call('GET', `/v1/projects/${archives}/mailboxes`));
    const { body } = await gateway.call('PATCH', `/v1/mailboxes/${String(own?.['mailboxJobId'])}`, { destination: 'ada.pst' });
    expect(body).toMatchObject({
      status: 409,
      code: 'mailbox.name-taken',
      detail: expect.stringMatching(NAMED),
      facts: { offer: 'ada-archive.pst', holder },
    });
  });

  it('names its holder in the rows of an operation', async () => {
    const { archives } = await scene();
    await gateway.call('PATCH', `/v1/projects/${archives}`, { container: 'elsewhere' });
    await gateway.call('POST', `/v1/projects/${archives}/mailboxes`, { items: [row] });
    await gateway.call('PATCH', `/v1/projects/${archives}`, { container: 'migrationwiz' });
    const { body } = await gateway.call('POST', `/v1/projects/${archives}/passes`, { kind: 'verify', mailboxes: 'all' }, WAIT);
    const rows = items(await gateway.call('GET', `/v1/operations/${String(body['operationId'])}/rows`));
    expect(rows).toMatchObject([{ outcome: 'rejected', reason: { code: 'mailbox.name-taken', detail: expect.stringMatching(NAMED) } }]);
  });

  it('does not say who holds it where that is a mailbox of another workgroup', async () => {
    await projectIn(gateway, '/exports/shared').then(({ projectId }) =>
      gateway.call('POST', `/v1/projects/${projectId}/mailboxes`, { items: [row] }),
    );
    const taken = async (call: RunningGateway['call']): Promise<Reply['body']> => {
      const { projectId } = await projectIn({ call }, '/exports/shared');
      return (await call('POST', `/v1/projects/${projectId}/mailboxes`, { items: [row] })).body;
    };
    const ours = await taken((...given) => gateway.call(...given));
    expect(ours['errors']).toMatchObject([{ message: expect.stringMatching(/^The mailbox ada@/) }]);
    const { code } = (await gateway.call('POST', '/v1/workgroups', { name: 'Other', ownerEmail: 'eve@contoso.com' })).body;
    const session = await gateway.bare('POST', '/v1/sessions', { code });
    const cookie = (session.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '';
    const body = await taken((method, path, sent) => gateway.bare(method, path, sent, { cookie, 'x-pstream-csrf': '1' }));
    expect(body['errors']).toMatchObject([{ message: expect.stringMatching(/^A mailbox of another project writes/) }]);
    expect(JSON.stringify(body)).not.toMatch(/ada@|Leavers|holder/);
  });
});
