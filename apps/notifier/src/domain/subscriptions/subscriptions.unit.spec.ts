import type { NoticeChannel, SubscriptionEvent } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decide, type SubscriptionCommand } from './decide.js';
import { evolve, noSubscriptions } from './state.js';

const at = '2026-03-31T10:00:00.000Z';
const mail: NoticeChannel = { kind: 'mail', to: ['ada@contoso.com'] };
const hook: NoticeChannel = { kind: 'webhook', host: 'hooks.contoso.com', ref: 'secret:S' };
const spec = decider<SubscriptionCommand, SubscriptionEvent, ReturnType<typeof noSubscriptions>>({
  decide,
  evolve,
  initial: noSubscriptions(),
});
const ids = (subscriptionId: string) => ({ workgroupId: 'w', subscriptionId });
const added = (id: string, name: string, channel: NoticeChannel = mail): SubscriptionEvent => ({
  type: 'SubscriptionAdded',
  data: { ...ids(id), name, kinds: ['pass.failed'], projectId: null, channel, at },
});
const add = (id: string, name: string): SubscriptionCommand => ({
  type: 'AddSubscription',
  ...ids(id),
  name,
  kinds: ['pass.failed'],
  channel: mail,
  at,
});
const edit = (id: string, change: object): SubscriptionCommand => ({ type: 'EditSubscription', ...ids(id), ...change, at });

describe('subscriptions of a workgroup', () => {
  it('are added once, under a name of their own', () => {
    spec.given().when(add('s', 'Ops')).then(added('s', 'Ops'));
    spec.given(added('s', 'Ops')).when(add('s', 'Ops')).then();
    spec
      .given(added('s', 'Ops'))
      .when(add('t', 'OPS'))
      .then(rejected('notice.name-taken', { name: 'OPS' }));
  });

  it('are at most fifty', () => {
    const all = Array.from({ length: 50 }, (_, index) => added(`s${index}`, `Ops ${index}`));
    spec
      .given(...all)
      .when(add('t', 'One more'))
      .then(rejected('notice.too-many', { most: 50 }));
  });

  it('change in what is given, and stay as they are in the rest', () => {
    spec
      .given(added('s', 'Ops'))
      .when(edit('s', { active: false, to: ['eve@contoso.com'] }))
      .then({
        type: 'SubscriptionEdited',
        data: {
          ...ids('s'),
          name: 'Ops',
          kinds: ['pass.failed'],
          projectId: null,
          channel: { kind: 'mail', to: ['eve@contoso.com'] },
          active: false,
          at,
        },
      });
    spec
      .given(added('s', 'Ops'))
      .when(edit('s', { name: 'Ops', kinds: ['pass.failed'], projectId: null }))
      .then();
    spec
      .given(added('s', 'Ops'), added('t', 'Night'))
      .when(edit('t', { name: 'ops' }))
      .then(rejected('notice.name-taken'));
    spec
      .given()
      .when(edit('s', { name: 'Ops' }))
      .then(rejected('notice.unknown', { subscriptionId: 's' }));
  });

  it('keep their channel: mail has addresses, a webhook has one to post to', () => {
    spec
      .given(added('s', 'Ops', hook))
      .when(edit('s', { to: ['eve@contoso.com'] }))
      .then(rejected('notice.other-channel', { channel: 'webhook' }));
    spec
      .given(added('s', 'Ops'))
      .when(edit('s', { address: { host: 'hooks.contoso.com', ref: 'secret:T' } }))
      .then(rejected('notice.other-channel', { channel: 'mail' }));
  });

  it('get another address with its host, at once; the same one changes nothing', () => {
    for (const host of ['hooks.contoso.com', 'other.contoso.com']) {
      const address = { host, ref: 'secret:T' };
      const { decision } = spec.given(added('s', 'Ops', hook)).when(edit('s', { address }));
      expect(decision).toMatchObject({ accepted: true, events: [{ data: { channel: { kind: 'webhook', ...address } } }] });
    }
    spec
      .given(added('s', 'Ops', hook))
      .when(edit('s', { address: { host: 'hooks.contoso.com', ref: 'secret:S' } }))
      .then();
  });

  it('are removed with the reference of what they have sealed', () => {
    spec
      .given(added('s', 'Ops', hook))
      .when({ type: 'RemoveSubscription', ...ids('s'), at })
      .then({ type: 'SubscriptionRemoved', data: { ...ids('s'), ref: 'secret:S', at } });
    const { state } = spec.given(added('s', 'Ops'), { type: 'SubscriptionRemoved', data: { ...ids('s'), at } });
    expect(state.size).toBe(0);
  });

  it('hear of what happens from when they were added, however often they change', () => {
    const later = edit('s', { active: false });
    const { decision } = spec.given(added('s', 'Ops')).when({ ...later, at: '2026-04-01T10:00:00.000Z' });
    const events = decision.accepted ? decision.events : [];
    expect(spec.given(added('s', 'Ops'), ...events).state.get('s')).toMatchObject({ active: false, addedAt: at });
  });
});
