import { VIEWS } from '@pstream/contracts';
import { startGateway, type RunningGateway } from './gateway.fixture.js';

const AT = '2026-01-01T00:00:00.000Z';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

type Error = { readonly projectId: string; readonly mailboxJobId: string; readonly itemKey: string };
const error = (projectId: string, mailboxJobId: string, itemKey: string): Error => ({ projectId, mailboxJobId, itemKey });

/** Open errors wherever a sum of them is shown: of projects A and B, of their customer, of the workgroup. */
const openErrors = async (left: Readonly<Record<'A' | 'B', readonly string[]>>, ...errors: readonly Error[]): Promise<unknown[]> => {
  await gateway.put(VIEWS.customers, 'C', { customerId: 'C', workgroupId: 'default', name: 'Contoso', createdAt: AT });
  for (const [projectId, mailboxes] of Object.entries(left))
    await gateway.put(VIEWS.projects, projectId, {
      projectId,
      customerId: 'C',
      name: projectId,
      type: 'mailbox',
      sourceEndpointId: 's',
      destinationEndpointId: 'd',
      container: 'c',
      partBytes: 1,
      options: {},
      mailboxes: 1,
      createdAt: AT,
      left: mailboxes,
      shrunk: mailboxes.length > 0,
    });
  const idOf = ({ mailboxJobId, itemKey }: Error): string => `${mailboxJobId}/${itemKey}`;
  for (const one of errors) await gateway.put(VIEWS.errors, idOf(one), { customerId: 'C', outcome: 'failed', state: 'open', ...one });
  const shown: unknown[] = [];
  for (const path of ['/v1/projects/A', '/v1/projects/B', '/v1/customers/C', '/v1/overview'])
    shown.push(((await gateway.call('GET', path)).body['sums'] as { openErrors: unknown }).openErrors);
  for (const one of errors) await gateway.put(VIEWS.errors, idOf(one), null);
  return shown;
};

describe('open errors', () => {
  const there = ['1', '2', '3'].map((key) => error('B', 'moved', key));
  const stays = error('A', 'stays', '4');

  it('of a mailbox that was moved count where it is now', async () => {
    expect(await openErrors({ A: ['moved'], B: [] }, ...there, stays)).toEqual([1, 3, 4, 4]);
  });
  it('of a mailbox that was removed count nowhere', async () => {
    expect(await openErrors({ A: ['moved'], B: ['moved'] }, ...there, stays)).toEqual([1, 0, 1, 1]);
  });
  it('that a mailbox left behind when it was moved count nowhere, also after its removal', async () => {
    const behind = error('A', 'moved', '5');
    expect(await openErrors({ A: ['moved'], B: [] }, behind, ...there)).toEqual([0, 3, 3, 3]);
    expect(await openErrors({ A: ['moved'], B: ['moved'] }, behind, stays)).toEqual([1, 0, 1, 1]);
  });
});
