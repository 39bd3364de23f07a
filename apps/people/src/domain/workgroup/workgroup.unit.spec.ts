import { INVITATION_MS, type PeopleEvent, type Role } from '@pstream/contracts';
import { decider, rejected } from '@pstream/testing';
import { decide, type WorkgroupCommand } from './decide.js';
import { evolve, noWorkgroup } from './state.js';

const at = '2026-01-01T00:00:00.000Z';
const expiresAt = new Date(Date.parse(at) + INVITATION_MS).toISOString();
const workgroupId = 'default';
const workgroup = (id = workgroupId) => decider({ decide, evolve, initial: noWorkgroup(id) });
const invite = (agentId: string, email: string, role: Role = 'agent'): WorkgroupCommand => ({
  type: 'InviteAgent',
  at,
  workgroupId,
  agentId,
  email,
  name: agentId,
  role,
});
const invited = (agentId: string, role: Role = 'agent'): PeopleEvent => ({
  type: 'AgentInvited',
  data: { workgroupId, agentId, email: `${agentId}@contoso.com`, name: agentId, role, expiresAt, at },
});
const data = (agentId: string) => ({ workgroupId, agentId, at });
const accepted = (agentId: string): PeopleEvent => ({ type: 'InvitationAccepted', data: data(agentId) });
const deactivated = (agentId: string): PeopleEvent => ({ type: 'AgentDeactivated', data: data(agentId) });
const accept = (agentId: string, when = at): WorkgroupCommand => ({ type: 'AcceptInvitation', ...data(agentId), at: when });
const edit = (agentId: string, change: { role?: Role; active?: boolean }): WorkgroupCommand => ({
  type: 'EditAgent',
  ...data(agentId),
  ...change,
});
const remove = (agentId: string): WorkgroupCommand => ({ type: 'RemoveAgent', ...data(agentId) });

describe('a workgroup', () => {
  it('is there from the beginning if it is the default one, and created otherwise', () => {
    const renamed: PeopleEvent = { type: 'WorkgroupRenamed', data: { workgroupId, name: 'Night shift', at } };
    workgroup().given().when({ type: 'EditWorkgroup', workgroupId, name: 'Night shift', at }).then(renamed);
    workgroup('W').given().when({ type: 'EditWorkgroup', workgroupId: 'W', name: 'x', at }).then(rejected('workgroup.unknown'));
    const created: PeopleEvent = { type: 'WorkgroupCreated', data: { workgroupId: 'W', name: 'Other', at } };
    workgroup('W').given().when({ type: 'CreateWorkgroup', workgroupId: 'W', name: 'Other', at }).then(created);
    workgroup('W').given(created).when({ type: 'CreateWorkgroup', workgroupId: 'W', name: 'Again', at }).then();
  });
  it('records only what is different', () => {
    workgroup().given().when({ type: 'EditWorkgroup', workgroupId, shareProjects: true, at }).then();
    workgroup()
      .given()
      .when({ type: 'EditWorkgroup', workgroupId, shareProjects: false, at })
      .then({ type: 'ProjectSharingChanged', data: { workgroupId, shareProjects: false, at } });
  });
});

describe('an invitation', () => {
  it('is made once for an address, whatever its case', () => {
    workgroup().given().when(invite('ada', 'ada@contoso.com')).then(invited('ada'));
    workgroup().given(invited('ada')).when(invite('eve', 'ADA@contoso.com')).then(rejected('agent.address-taken'));
    workgroup().given(invited('ada')).when(invite('ada', 'ada@contoso.com')).then();
  });
  it('is accepted in time, and again without an effect', () => {
    workgroup().given(invited('ada')).when(accept('ada')).then(accepted('ada'));
    workgroup().given(invited('ada')).when(accept('ada', expiresAt)).then(rejected('agent.invitation-over'));
    workgroup().given(invited('ada'), accepted('ada')).when(accept('ada', expiresAt)).then();
    workgroup().given().when(accept('ada')).then(rejected('agent.unknown'));
  });
  it('of somebody who was deactivated or removed opens nothing', () => {
    workgroup().given(invited('ada'), deactivated('ada')).when(accept('ada')).then(rejected('agent.invitation-over'));
    workgroup()
      .given(invited('ada'), { type: 'AgentRemoved', data: data('ada') })
      .when(accept('ada'))
      .then(rejected('agent.unknown'));
  });
  it('can be made again for an address that was removed', () => {
    workgroup()
      .given(invited('ada'), { type: 'AgentRemoved', data: data('ada') })
      .when(invite('ada2', 'ada@contoso.com'))
      .then({ type: 'AgentInvited', data: { ...data('ada2'), email: 'ada@contoso.com', name: 'ada2', role: 'agent', expiresAt } });
  });
});

describe('an agent', () => {
  it('gets another role, is let in or not, and both at once', () => {
    const given = [invited('ada'), accepted('ada')];
    workgroup()
      .given(...given)
      .when(edit('ada', { role: 'viewer' }))
      .then({ type: 'AgentRoleChanged', data: { ...data('ada'), role: 'viewer' } });
    workgroup()
      .given(...given)
      .when(edit('ada', { active: false }))
      .then(deactivated('ada'));
    workgroup()
      .given(...given, deactivated('ada'))
      .when(edit('ada', { active: true, role: 'admin' }))
      .then({ type: 'AgentRoleChanged', data: { ...data('ada'), role: 'admin' } }, { type: 'AgentActivated', data: data('ada') });
    workgroup()
      .given(...given)
      .when(edit('ada', { role: 'agent', active: true }))
      .then();
  });
  it('who is the last owner stays one', () => {
    const given = [invited('ada', 'owner'), accepted('ada'), invited('eve', 'owner')];
    for (const command of [edit('ada', { role: 'admin' }), edit('ada', { active: false }), remove('ada')])
      workgroup()
        .given(...given)
        .when(command)
        .then(rejected('agent.last-owner'));
    workgroup()
      .given(...given, accepted('eve'))
      .when(edit('ada', { role: 'admin' }))
      .then({ type: 'AgentRoleChanged', data: { ...data('ada'), role: 'admin' } });
    workgroup()
      .given(...given)
      .when(remove('eve'))
      .then({ type: 'AgentRemoved', data: data('eve') });
  });
});
