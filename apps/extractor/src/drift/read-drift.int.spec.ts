import { PassRun } from '../pass-run.fixture.js';
import { TroubledSource } from '../troubled-source.fixture.js';

describe('the drift of a mailbox', () => {
  const source = new TroubledSource(['Inbox'], 7);
  const run = new PassRun(source);
  afterAll(() => run.close());

  it('says nothing of items that are in no PST, also after a retry, which leaves what was skipped', async () => {
    source.gone = (id) => id === 'Inbox-1';
    source.broken = (id) => ['Inbox-2', 'Inbox-3'].includes(id);
    await run.pass('full');
    source.broken = (id) => id === 'Inbox-2';
    await run.pass('retry-errors');
    source.trouble = () => ({ items: [], removed: source.itemsOf('Inbox').slice(0, 4), next: null });
    const drift = await run.drift();
    expect(drift).toMatchObject({ is: 'read', notes: [], next: null });
    expect(drift.is === 'read' ? drift.items.map(({ what, itemId }) => `${what} ${itemId}`) : []).toEqual(['gone Inbox-0', 'gone Inbox-3']);
  });
});
