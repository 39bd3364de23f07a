import { SecretSweep } from '@pstream/secrets';
import { House } from './house.fixture.js';
import { unneededAddresses } from './unneeded-addresses.js';

const never = new AbortController().signal;

describe('the search for sealed addresses that no subscription has', () => {
  it('deletes them with the second round: replaced, removed, or never added; and leaves those in use and those of others', async () => {
    const house = new House();
    const purposes = new Map(['first', 'second', 'removed', 'never'].map((name) => [`secret:${name}`, `notice:${name}`]));
    purposes.set('secret:endpoint', 'endpoint:other');
    const sweep = new SecretSweep(
      {
        list: () => Promise.resolve([...purposes].map(([ref, purpose]) => ({ ref, purpose }))),
        delete: (ref) => Promise.resolve(void purposes.delete(ref)),
      },
      unneededAddresses(house.ports()),
    );
    const address = (ref: string) => ({ host: 'hooks.contoso.com', ref });
    await house.subscribe('kept', ['pass.failed'], undefined, { kind: 'webhook', ...address('secret:first') });
    await house.subscribe('gone', ['pass.failed'], undefined, { kind: 'teams', ...address('secret:removed') });
    expect(await sweep.round(never)).toBe(0);
    await house.edit('kept', { address: address('secret:second') });
    await house.unsubscribe('gone');
    // What was on its way with the old address at that moment has still had it.
    expect(await sweep.round(never)).toBe(1);
    expect([...purposes.keys()]).not.toContain('secret:never');
    expect(await sweep.round(never)).toBe(2);
    expect([...purposes.keys()]).toEqual(['secret:second', 'secret:endpoint']);
  });
});
