import { DEFAULT_WORKGROUP, ROLES } from '@pstream/contracts';
import { mayGive, rightsOf } from './rights.js';

describe('rights', () => {
  it.each([
    ['owner', ['system', 'workgroup.manage', 'people.manage', 'notices.manage', 'payments.record', 'exports.run'], []],
    ['admin', ['system', 'people.manage', 'payments.record', 'exports.run'], ['workgroup.manage']],
    ['agent', ['exports.run', 'exports.view', 'self'], ['people.manage', 'notices.manage', 'licences.buy', 'payments.record', 'system']],
    ['viewer', ['exports.view', 'licences.view'], ['exports.run', 'licences.buy', 'people.manage', 'system']],
    ['finance', ['licences.buy', 'payments.record', 'customers.view'], ['exports.view', 'exports.run', 'people.manage', 'system']],
  ] as const)('of %s', (role, some, none) => {
    const rights = rightsOf(role, DEFAULT_WORKGROUP);
    expect(rights).toEqual(expect.arrayContaining([...some]));
    expect(rights.filter((right) => (none as readonly string[]).includes(right))).toEqual([]);
  });

  it('over the system are for the workgroup that the installation began with', () => {
    for (const role of ROLES)
      expect(rightsOf(role, 'another').filter((right) => right === 'system' || right === 'workgroups.create')).toEqual([]);
  });

  it.each([
    ['owner', ['owner', 'admin', 'agent', 'viewer', 'finance']],
    ['admin', ['admin', 'agent', 'viewer', 'finance']],
    ['agent', ['agent', 'viewer']],
    ['viewer', ['viewer']],
    ['finance', ['finance']],
  ] as const)('are handed out by %s only as far as they are had', (own, given) => {
    expect(ROLES.filter((role) => mayGive(rightsOf(own, 'any'), role))).toEqual(given);
  });
});
