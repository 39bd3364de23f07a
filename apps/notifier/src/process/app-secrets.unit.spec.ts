import { customerStream, type PublishedEvent } from '@pstream/contracts';
import { mailText } from '../render/mail-text.js';
import { AppSecrets } from './app-secrets.js';
import { House, workgroupId } from './house.fixture.js';

const DAY = 24 * 3_600_000;
const refs = { workgroupId, customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const going = new AbortController().signal;

/** A workgroup that hears of secrets, and what knows them. */
const scene = async () => {
  const house = new House();
  const at = house.clock.now();
  await house.store.append({
    context: 'projects',
    stream: customerStream('c'),
    expectedVersion: 0,
    events: [{ type: 'CustomerCreated', data: { workgroupId, customerId: 'c', name: 'Contoso', at } }],
    at,
    metadata: { commandId: 'customer', by: 'u' },
  });
  await house.subscribe('s', ['secret.ending']);
  const process = house.process();
  const secrets = new AppSecrets(process.ports, process.collector);
  const inDays = (days: number): string => new Date(Date.parse(house.clock.now()) + days * DAY).toISOString();
  const verified = (endsAt?: string): PublishedEvent => ({
    type: 'VerificationFinished',
    data: { ...refs, verdict: 'pass', ...(endsAt === undefined ? {} : { secret: { clientId: 'app', endsAt } }), at: house.clock.now() },
  });
  const told = async (): Promise<(number | undefined)[]> => {
    await secrets.warn(going);
    house.pass(3_600_000);
    await house.round(process);
    return house.delivered.flatMap(({ entries }) => entries.map(({ daysLeft }) => daysLeft));
  };
  return { house, secrets, inDays, verified, told };
};

describe('a client secret', () => {
  it('is warned of once when 30, 7 and 1 days are left, with its customer', async () => {
    const { house, secrets, inDays, verified, told } = await scene();
    await secrets.onEvent(verified(inDays(31)));
    expect(await told()).toEqual([]);
    house.pass(DAY);
    expect(await told()).toEqual([30]);
    expect(await told()).toEqual([30]);
    house.pass(23 * DAY);
    expect(await told()).toEqual([30, 7]);
    house.pass(6 * DAY);
    expect(await told()).toEqual([30, 7, 1]);
    house.pass(DAY);
    expect(await told()).toEqual([30, 7, 1]);
    expect(mailText(house.delivered[0]!).text).toContain(
      'Contoso: the client secret of the app app ends on 2026-05-01, in at most 30 days.',
    );
  });

  it('that was replaced is warned of no more, as soon as a verification has seen the new one', async () => {
    const { house, secrets, inDays, verified, told } = await scene();
    await secrets.onEvent(verified(inDays(20)));
    expect(await told()).toEqual([30]);
    await secrets.onEvent(verified(inDays(700)));
    house.pass(14 * DAY);
    expect(await told()).toEqual([30]);
  });

  it('of which the tenant says nothing is not warned of', async () => {
    const { secrets, verified, told } = await scene();
    await secrets.onEvent(verified());
    expect(await told()).toEqual([]);
  });
});
