import type { Subscription } from './queries.js';
import { addCommand, bodyOf, changeOf, editCommand, fieldOf, requiredIn, valuesOf } from './subscription.js';

const MAIL: Subscription = {
  subscriptionId: 'S',
  workgroupId: 'default',
  name: 'Ops',
  kinds: ['pass.failed', 'secret.ending'],
  projectId: null,
  channel: 'mail',
  to: ['ada@contoso.com', 'ben@contoso.com'],
  host: null,
  active: true,
  addedAt: '2026-12-01T00:00:00.000Z',
};
const HOOK: Subscription = { ...MAIL, channel: 'webhook', to: [], host: 'hooks.contoso.com' };

describe('a subscription', () => {
  it('is added as its form says, with a command that means the same', () => {
    const values = { ...valuesOf(), name: 'Night shift', to: 'ada@contoso.com, ben@contoso.com\n' };
    expect(bodyOf(values)).toMatchObject({ name: 'Night shift', channel: { kind: 'mail', to: MAIL.to } });
    expect(bodyOf(values).kinds).not.toContain('pass.started');
    expect(addCommand(values)).toBe("pstream notice add 'Night shift' --mail ada@contoso.com ben@contoso.com");
    expect(addCommand({ ...values, 'pass.held': '', projectId: 'P' })).toBe(
      "pstream notice add 'Night shift' --mail ada@contoso.com ben@contoso.com --about pass.completed,pass.completed-with-errors,pass.failed,pass.silent,licence.released,licence.ending,secret.ending --project P",
    );
  });

  it('never has the address of a webhook in a command', () => {
    const values = { ...valuesOf(), name: 'Tickets', channel: 'webhook', url: ' https://hooks.contoso.com/?sig=1 ' };
    expect(bodyOf(values).channel).toEqual({ kind: 'webhook', url: 'https://hooks.contoso.com/?sig=1' });
    expect(addCommand(values)).toBe('pstream notice add Tickets --webhook-file address.txt');
    expect(editCommand(HOOK, { ...valuesOf(HOOK), url: 'https://hooks.contoso.com/?sig=2' })).toBe(
      'pstream notice edit S --address-file address.txt',
    );
  });

  it('is changed by what differs alone', () => {
    expect(changeOf(MAIL, valuesOf(MAIL))).toBeUndefined();
    expect(changeOf(HOOK, valuesOf(HOOK))).toBeUndefined();
    const values = { ...valuesOf(MAIL), to: 'ada@contoso.com', 'pass.failed': '', projectId: 'P' };
    expect(changeOf(MAIL, values)).toEqual({ to: ['ada@contoso.com'], kinds: ['secret.ending'], projectId: 'P' });
    expect(editCommand(MAIL, values)).toBe('pstream notice edit S --mail ada@contoso.com --about secret.ending --project P');
    expect(changeOf({ ...MAIL, projectId: 'P' }, valuesOf(MAIL))).toEqual({ projectId: null });
  });

  it('needs an address unless it keeps its own', () => {
    expect(requiredIn(valuesOf(), true)).toEqual(['name', 'to']);
    expect(requiredIn({ ...valuesOf(), channel: 'teams' }, true)).toEqual(['name', 'url']);
    expect(requiredIn(valuesOf(HOOK), false)).toEqual(['name']);
  });

  it('shows faults at their fields', () => {
    expect([fieldOf('channel.to.0'), fieldOf('channel.url'), fieldOf('kinds'), fieldOf('to.1')]).toEqual([
      'to',
      'url',
      'pass.started',
      'to',
    ]);
  });
});
