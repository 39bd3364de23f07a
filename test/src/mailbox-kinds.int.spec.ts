import { jest } from '@jest/globals';
import type { MailboxView } from '@pstream/contracts';
import { systemClock } from '@pstream/kernel';
import { EXPORT_ROLES, generatedTenant, startTenant, type RunningTenant, type SimUser, type UserPurpose } from '@pstream/tenant-sim';
import { tempDir } from '@pstream/testing';
import { eventually } from './support/eventually.js';
import { accessOf, startFleet, type Fleet, type Kind } from './support/fleet.js';

jest.setTimeout(300_000);

const PURPOSES: readonly UserPurpose[] = ['user', 'shared', 'room', 'equipment', 'linked', 'others'];
const addressOf = (n: number): string => `user${String(n)}@fabrikam.test`;
const USERS = [...PURPOSES.map((_, at) => addressOf(at + 1)), 'unlicensed@fabrikam.test', 'group@fabrikam.test'];
const UNASKED = 'Canary~no-settings';

describe('Verify Credentials', () => {
  let sim: RunningTenant;
  let fleet: Fleet;
  beforeAll(async () => {
    const generated = generatedTenant({ seed: 9, mailboxes: PURPOSES.length, itemsPerMailbox: 20, archives: 2, sizeProfile: 'tiny' });
    const users = generated.users.map((user, at): SimUser => ({ ...user, purpose: PURPOSES[at]! }));
    sim = await startTenant({
      tenant: { ...generated, users },
      usersWithoutMailbox: ['unlicensed@fabrikam.test'],
      credentials: [{}, { secret: UNASKED, roles: EXPORT_ROLES.filter((role) => role !== 'MailboxSettings.Read') }].map((each) => ({
        secret: 'Canary~all',
        ...each,
      })),
    });
    fleet = await startFleet(tempDir(), USERS, { clock: systemClock });
  });
  afterAll(async () => {
    await fleet.close();
    await sim.close();
  });

  const verify = async (secret: string, kind: Kind = {}): Promise<{ readonly projectId: string; readonly found: unknown }> => {
    const { projectId } = await fleet.addAll(USERS, { ...accessOf(sim), secret }, kind);
    await fleet.post(`/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' });
    const views = await eventually(
      async () => (await fleet.get<{ items: MailboxView[] }>(`/projects/${projectId}/mailboxes`)).body.items,
      (all) => all.length === USERS.length && all.every(({ pass }) => typeof pass?.endedAt === 'string'),
      120_000,
      200,
    );
    const bySource = new Map(views.map(({ source, found }) => [source, found]));
    return {
      projectId,
      found: USERS.map((user) => {
        const found = bySource.get(user);
        return found === null || found === undefined ? null : [found.kind, found.archive, found.readable];
      }),
    };
  };

  it('says what each mailbox is, whether it has an archive, and whether it can be read', async () => {
    const { projectId, found } = await verify('Canary~all');
    expect(found).toEqual([
      ['user', true, true],
      ['shared', true, true],
      ['room', false, true],
      ['equipment', false, true],
      ['linked', false, true],
      ['other', false, true],
      ['not-online', false, false],
      ['not-found', false, false],
    ]);
    const csv = await fleet.file(`/projects/${projectId}/verification.csv`);
    const lines = csv.replace('\uFEFF', '').trim().split('\r\n');
    expect(lines[0]).toBe(
      'Mailbox Id,Source Email Address,Destination Email Address,Status,Kind,Archive,Readable,Failed Check,Code,What to do',
    );
    const columns = lines.slice(1).map((line) => line.split(',').slice(1, 9).join(','));
    expect(columns.toSorted()).toEqual(
      [
        'user1@fabrikam.test,user1.pst,Verified,user,yes,yes,,',
        'user2@fabrikam.test,user2.pst,Verified,shared,yes,yes,,',
        'user3@fabrikam.test,user3.pst,Verified,room,no,yes,,',
        'user4@fabrikam.test,user4.pst,Verified,equipment,no,yes,,',
        'user5@fabrikam.test,user5.pst,Verified,linked,no,yes,,',
        'user6@fabrikam.test,user6.pst,Verified,other,no,yes,,',
        'unlicensed@fabrikam.test,unlicensed.pst,Verification failed,not-online,no,no,mailboxes,graph.mailbox-not-online',
        'group@fabrikam.test,group.pst,Verification failed,not-found,no,no,find user,graph.user-not-found',
      ].toSorted(),
    );
  });

  it('of archives says whether there is one', async () => {
    const { found } = await verify('Canary~all', { type: 'archive' });
    expect((found as unknown[]).slice(0, 3)).toEqual([
      ['user', true, true],
      ['shared', true, true],
      ['room', false, false],
    ]);
  });

  it('is not kept from verifying where it may not ask what the mailbox is', async () => {
    const { found } = await verify(UNASKED);
    expect((found as unknown[]).slice(0, 2)).toEqual([
      ['unknown', true, true],
      ['unknown', true, true],
    ]);
  });
});
