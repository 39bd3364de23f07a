import type { AuditEntry, RecordedEvent } from '@pstream/contracts';
import { recorded } from '@pstream/testing';
import { audit } from './projection.js';

const AT = '2026-01-01T00:00:00.000Z';
const asked = {
  actionId: 'A',
  action: 'renameCustomer',
  who: { by: 'P', name: 'Ada', role: 'agent', signedInBy: 'token', tokenId: 'P', sessionId: null, agentId: null },
  from: { address: '127.0.0.1', forwardedFor: null, userAgent: null, requestId: 'r' },
  object: { kind: 'customer', id: 'C', name: 'Contoso' },
  ids: { customerId: 'C' },
} as const;
const begun: AuditEntry = { is: 'begun', ...asked, changes: [{ field: 'name', old: 'Contoso', new: 'Fabrikam' }] };
const ended: AuditEntry = { is: 'ended', actionId: 'A', status: 409, code: 'customer.name-taken', madeId: null };

const event = (seq: number, entry: object): RecordedEvent =>
  recorded('people', `audit:default:${seq}`, [
    {
      type: 'AuditRecorded',
      data: {
        workgroupId: 'default',
        record: JSON.stringify({ chain: 'default', seq, at: AT, previous: '', ...entry }),
        sha256: '',
        at: AT,
      },
    },
  ])[0]!;
const shown = (...events: readonly RecordedEvent[]): unknown =>
  events.reduce<ReturnType<typeof audit.evolve>>((view, one) => audit.evolve(view, one, 'A'), null);

describe('an action on record', () => {
  it('is the same, whichever of its records comes first', () => {
    const whole = shown(event(1, begun), event(2, ended));
    expect(whole).toMatchObject({
      created: true,
      seq: 1,
      person: 'P',
      objectId: 'C',
      outcome: 'refused',
      status: 409,
      code: 'customer.name-taken',
      endedAt: AT,
    });
    expect(shown(event(2, ended), event(1, begun))).toEqual(whole);
  });

  it('has no known outcome until it is answered, and is hidden until its beginning is there', () => {
    expect(shown(event(1, begun))).toMatchObject({ created: true, outcome: 'unknown', endedAt: null });
    expect(shown(event(2, ended))).toMatchObject({ created: false });
  });

  it('is about what it made', () => {
    const made = { ...ended, status: 201, code: null, madeId: 'N' };
    for (const events of [
      [event(1, begun), event(2, made)],
      [event(2, made), event(1, begun)],
    ])
      expect(shown(...events)).toMatchObject({ objectId: 'N', outcome: 'done' });
  });

  it('is nothing where its text is of a later release', () => {
    expect(audit.keys(event(1, { is: 'dreamt', actionId: 'A' }))).toEqual([]);
    expect(
      audit.keys(
        recorded('people', 'audit:default:1', [
          { type: 'AuditRecorded', data: { workgroupId: 'default', record: '{', sha256: '', at: AT } },
        ])[0]!,
      ),
    ).toEqual([]);
  });
});
