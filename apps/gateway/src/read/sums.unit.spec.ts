import { VIEWS, type ItemErrorView } from '@pstream/contracts';
import { FakeClock } from '@pstream/testing';
import { FakeViews } from '../fakes.fixture.js';
import { itemError } from '../item-errors.fixture.js';
import { Sums } from './sums.js';

type Of = Parameters<Sums['of']>[0];

/** Open errors wherever a sum of them is shown: of projects A and B, of their customer, of the workgroup. */
const openErrors = async (left: Readonly<Record<'A' | 'B', readonly string[]>>, ...errors: readonly ItemErrorView[]): Promise<number[]> => {
  const views = new FakeViews();
  for (const [projectId, mailboxes] of Object.entries(left))
    views.put(VIEWS.projects, projectId, { projectId, customerId: 'C', name: projectId, left: mailboxes, shrunk: mailboxes.length > 0 });
  for (const error of errors) views.put(VIEWS.errors, `${error.mailboxJobId}/${error.itemKey}`, { customerId: 'C', ...error });
  const sums = new Sums(views, new FakeClock());
  const all: readonly Of[] = [{ projectId: 'A' }, { projectId: 'B' }, { customerId: 'C' }, 'workgroup'];
  return (await Promise.all(all.map((of) => sums.of(of)))).map((sum) => sum.openErrors);
};

describe('open errors', () => {
  const there = ['1', '2', '3'].map((key) => itemError('B', 'moved', key));
  const stays = itemError('A', 'stays', '4');

  it('of a mailbox that was moved count where it is now', async () => {
    expect(await openErrors({ A: ['moved'], B: [] }, ...there, stays)).toEqual([1, 3, 4, 4]);
  });
  it('of a mailbox that was removed count nowhere', async () => {
    expect(await openErrors({ A: ['moved'], B: ['moved'] }, ...there, stays)).toEqual([1, 0, 1, 1]);
  });
  it('that a mailbox left behind when it was moved count nowhere, also after its removal', async () => {
    const behind = itemError('A', 'moved', '5');
    expect(await openErrors({ A: ['moved'], B: [] }, behind, ...there)).toEqual([0, 3, 3, 3]);
    expect(await openErrors({ A: ['moved'], B: ['moved'] }, behind, stays)).toEqual([1, 0, 1, 1]);
  });
});
