import { connectTenant } from '@pstream/graph';
import { systemClock, systemRandom } from '@pstream/kernel';
import { EXPORT_ROLES, generatedTenant, startTenant, type RunningTenant } from '@pstream/tenant-sim';

const SECRET = 'Canary~ends';
const secretEndsAt = '2026-05-01T00:00:00.000Z';

describe('the end of a client secret', () => {
  let sim: RunningTenant;
  afterEach(() => sim.close());

  const asked = async (roles: readonly string[]): Promise<unknown> => {
    const tenant = generatedTenant({ seed: 9, mailboxes: 1, itemsPerMailbox: 1, archives: 0, sizeProfile: 'tiny' });
    sim = await startTenant({ tenant, credentials: [{ secret: SECRET, secretEndsAt, roles }] });
    const { tenantId, clientId, graphUrl, authorityUrl } = sim;
    const connection = { tenantId, clientId, graphUrl, authorityUrl, credential: { kind: 'secret' as const, secret: SECRET } };
    const client = connectTenant(connection, { clock: systemClock, random: systemRandom });
    try {
      return [await client.secretEndsAt(), sim.requests.filter(({ operation }) => operation === 'applications').length];
    } finally {
      await client.close();
    }
  };

  it('is known to an app that may read apps, and not asked for by others', async () => {
    expect(await asked([...EXPORT_ROLES, 'Application.Read.All'])).toEqual([secretEndsAt, 1]);
    await sim.close();
    expect(await asked(EXPORT_ROLES)).toEqual([null, 0]);
  });
});
