import type { PartStore } from '@pstream/blob';
import { verificationStream, type PassSettings } from '@pstream/contracts';
import { memoryEventStore } from '@pstream/event-store';
import type { GraphClient } from '@pstream/graph';
import { Fault } from '@pstream/kernel';
import { FakeClock } from '@pstream/testing';
import { verify, type VerificationPorts } from './verification.js';

const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: 'x' };
const settings = { type: 'mailbox', source: 'ann@contoso.com', sourceEndpoint: { clientId: 'app' } } as PassSettings;
const refused = (): Promise<never> => Promise.reject(new Fault('graph.unauthorized', { retry: 'never', advice: 'Look.' }));

/** What is on record at the end of a verification whose tenant answers nothing but, perhaps, when the secret ends. */
const ended = async (secretEndsAt: () => Promise<string | null>): Promise<unknown> => {
  const store = memoryEventStore();
  const ports: VerificationPorts = {
    store,
    clock: new FakeClock(),
    client: async () => ({ signIn: refused, close: async () => undefined }) as unknown as GraphClient,
    parts: async () => ({}) as PartStore,
    check: refused,
    secretEndsAt,
  };
  await verify(ports, refs, settings, new AbortController().signal);
  const last = (await store.read(verificationStream('x'))).at(-1);
  return last?.type === 'VerificationFinished' ? [last.data.verdict, last.data.secret] : last?.type;
};

describe('the end of the client secret', () => {
  const endsAt = '2026-05-01T00:00:00.000Z';

  it('is on record with the end of a verification, whatever that came to', async () => {
    expect(await ended(async () => endsAt)).toEqual(['fail', { clientId: 'app', endsAt }]);
  });

  it('is not there where the tenant does not say, or does not answer, which changes nothing else', async () => {
    expect(await ended(async () => null)).toEqual(['fail', undefined]);
    expect(await ended(refused)).toEqual(['fail', undefined]);
  });
});
