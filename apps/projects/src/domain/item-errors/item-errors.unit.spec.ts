import type { ItemErrorEvent } from '@pstream/contracts';
import { decider } from '@pstream/testing';
import { decide, evolve, noItemErrors, type ItemErrorCommand } from './decide.js';

const refs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm' };
const at = '2026-03-01T00:00:00.000Z';
const acknowledge = (itemKeys: string[], reason = 'Agreed.'): ItemErrorCommand => ({
  type: 'AcknowledgeItemErrors',
  ...refs,
  itemKeys,
  reason,
  by: 'T',
  at,
});
const acknowledged = (itemKeys: string[], reason = 'Agreed.'): ItemErrorEvent => ({
  type: 'ItemErrorsAcknowledged',
  data: { ...refs, itemKeys, reason, by: 'T', at },
});
const errors = () => decider({ decide, evolve, initial: noItemErrors() });

describe('errors of items', () => {
  it('are acknowledged by somebody and for a reason', () =>
    errors()
      .given()
      .when(acknowledge(['k', 'l']))
      .then(acknowledged(['k', 'l'])));
  it('are acknowledged once', () =>
    errors()
      .given(acknowledged(['k']))
      .when(acknowledge(['k', 'l', 'l']))
      .then(acknowledged(['l'])));
  it('need no event when there is nothing to acknowledge', () => {
    errors().given().when(acknowledge([])).then();
    errors()
      .given(acknowledged(['k']))
      .when(acknowledge(['k']))
      .then();
  });
  it('may be acknowledged for another reason later', () =>
    errors()
      .given(acknowledged(['k']))
      .when(acknowledge(['k'], 'Sent by mail.'))
      .then(acknowledged(['k'], 'Sent by mail.')));
  it('of many items are in events that stay small', () => {
    const keys = Array.from({ length: 1_001 }, (_, n) => `k${n}`);
    errors()
      .given()
      .when(acknowledge(keys))
      .then(acknowledged(keys.slice(0, 500)), acknowledged(keys.slice(500, 1_000)), acknowledged(keys.slice(1_000)));
  });
});
