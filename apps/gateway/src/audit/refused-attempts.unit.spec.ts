import { INSTALLATION_CHAIN, type AuditEntry } from '@pstream/contracts';
import { FakeClock } from '@pstream/testing';
import type { HttpRequest, Principal } from '../door/http.js';
import { RefusedAttempts } from './refused-attempts.js';
import type { Trail } from './trail.js';

const REFUSED = { status: 403, code: 'right.missing' };

const request = (address: string, principal?: Principal): HttpRequest =>
  ({
    socket: { remoteAddress: address },
    headers: {},
    operationId: 'createCustomer',
    ...(principal === undefined ? {} : { caller: { principal } }),
  }) as unknown as HttpRequest;

const viewerOf = (workgroupId: string): Principal => ({
  by: 'viewer',
  name: 'looker',
  signedInBy: 'token',
  role: 'viewer',
  rights: [],
  workgroupId,
  expiresAt: null,
});

describe('refused attempts', () => {
  it('of a workgroup are on its record, however many kinds strangers try', () => {
    const recorded: (readonly [string, AuditEntry])[] = [];
    const trail = { newId: () => 'id', record: (chain: string, entry: AuditEntry) => Promise.resolve(void recorded.push([chain, entry])) };
    const attempts = new RefusedAttempts(trail as unknown as Trail, new FakeClock(), { write: () => undefined });
    for (let stranger = 0; stranger < 200; stranger++) attempts.note(request(`2001:db8::${stranger}`), REFUSED);
    // Fifty strangers, and all others as one.
    expect(recorded.map(([chain]) => chain)).toEqual(Array(51).fill(INSTALLATION_CHAIN));
    attempts.note(request('192.0.2.1', viewerOf('theirs')), REFUSED);
    expect(recorded.at(-1)).toEqual([
      'theirs',
      expect.objectContaining({ action: 'createCustomer', who: expect.objectContaining({ name: 'looker' }) }),
    ]);
    expect(recorded).toHaveLength(52);
  });
});
