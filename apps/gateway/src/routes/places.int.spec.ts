import { VIEWS, type PassKind, type Status } from '@pstream/contracts';
import { FakeQueue } from '../fake-places.fixture.js';
import { newMailbox, world } from '../fakes.fixture.js';
import { startGateway, type RunningGateway } from '../gateway.fixture.js';
import { AT } from '../item-errors.fixture.js';

const PROJECT = '01J8ZQ4N5W9K7C1B2D3E4F5G6P';
const ids = ['A', 'B', 'C', 'D'].map((letter) => `01J8ZQ4N5W9K7C1B2D3E4F5G7${letter}`);

describe('the place of a mailbox in the queue', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
    const settings = { type: 'mailbox', sourceEndpointId: 's', destinationEndpointId: 'd', container: 'c', partBytes: 1, options: {} };
    world.views.put(VIEWS.projects, PROJECT, {
      projectId: PROJECT,
      customerId: 'c',
      name: 'Queue',
      ...settings,
      mailboxes: 4,
      createdAt: AT,
    });
    const put = (n: number, status: Status, kind: PassKind): void => {
      const pass = { passId: `p${n}`, number: 1, kind, startedAt: AT, endedAt: null };
      world.views.put(VIEWS.mailboxes, ids[n]!, { ...newMailbox(ids[n]!, PROJECT, `u${n}@contoso.com`, `u${n}.pst`), status, pass });
    };
    put(0, 'Migrating', 'full');
    put(1, 'Queued', 'full');
    put(2, 'Queued', 'full');
    put(3, 'Queued', 'verify');
    FakeQueue.waiting = [ids[2]!, ids[1]!];
  });
  afterAll(() => gateway.close());

  it('is shown in the list, and with the mailbox; only those that wait have one', async () => {
    const { body } = await gateway.call('GET', `/v1/projects/${PROJECT}/mailboxes`);
    const rows = body['items'] as { readonly mailboxJobId: string; readonly place: number | null }[];
    expect(new Map(rows.map(({ mailboxJobId, place }) => [mailboxJobId, place]))).toEqual(
      new Map(ids.map((id, n) => [id, [null, 2, 1, null][n]])),
    );
    expect((await gateway.call('GET', `/v1/mailboxes/${ids[1]}`)).body['place']).toBe(2);
  });
});
