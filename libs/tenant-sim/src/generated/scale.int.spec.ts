import { Client, stopAll } from '../client.fixture.js';
import { startTenant } from '../server.js';
import { generatedTenant } from './generated-tenant.js';

const MAILBOXES = 1000;
const ITEMS = 10_000;

afterAll(stopAll);

describe(`a tenant of ${MAILBOXES} mailboxes with ${ITEMS} items each`, () => {
  it('is counted, and read anywhere, without being held', async () => {
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    const sim = await startTenant({ tenant: generatedTenant({ seed: 31, mailboxes: MAILBOXES, itemsPerMailbox: ITEMS }), limits: 'off' });
    const client = new Client(sim);
    await client.signIn();
    let counted = 0;
    let sampled = 0;
    for (let n = 1; n <= MAILBOXES; n++) {
      const user = sim.contents.user(`user${n}@fabrikam.test`);
      for (const folder of sim.contents.primary(user!)!.state.folders())
        if (folder.searchOf === undefined && folder.recoverable !== true) counted += folder.count;
      if (n % 100 !== 0) continue;
      const box = client.mailbox(`user${n}@fabrikam.test`);
      // The last page of the inbox, as far in as a listing goes, and one item of it with its stream.
      const { count } = sim.contents
        .primary(user!)!
        .state.folders()
        .find((folder) => folder.wellKnownName === 'inbox')!;
      const page = await client.call(`${box}/folders/inbox/items?$top=10&$skip=${count - 10}`);
      const exported = await client.post(`${box}/exportItems`, { itemIds: [page.value.at(-1)!['id']] });
      expect([page.value.length, String(exported.at('value', 0, 'data')).length > 1000]).toEqual([10, true]);
      sampled += page.value.length;
    }
    const grownMiB = (process.memoryUsage().rss - before) / 2 ** 20;
    process.stdout.write(
      `${counted} items in ${MAILBOXES} mailboxes, ${sampled} looked at; resident set grew by ${grownMiB.toFixed(0)} MiB\n`,
    );
    expect(counted).toBe(MAILBOXES * ITEMS);
    // Held at 100 bytes an item it would be a thousand.
    expect(grownMiB).toBeLessThan(400);
    await sim.close();
  }, 120_000);
});
