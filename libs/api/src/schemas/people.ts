import {
  AgentView,
  countField,
  EditWorkgroup,
  idField,
  InviteAgent,
  field,
  ROLES,
  textField,
  timeField,
  WorkgroupView,
} from '@pstream/contracts';
import { z } from 'zod';
import { hasChange, NO_CHANGE } from './bodies.js';
import { named } from './named.js';
import { page } from './page.js';

const role = field(z.enum(ROLES), 'What the agent may do; never more than you may.', 'agent');

export const Agent = named('Agent', AgentView);
export type Agent = z.infer<typeof Agent>;
export const Agents = page('Agents', Agent, 'Agents');
export const Workgroup = named('Workgroup', WorkgroupView);
export type Workgroup = z.infer<typeof Workgroup>;

export const InviteBody = named(
  'InviteAgent',
  z.strictObject({
    email: field(InviteAgent.shape.email, 'Mail address; unique in the workgroup.', 'ada@contoso.com'),
    name: field(InviteAgent.shape.name.optional(), 'Name; without one, the address.', 'Ada Lovelace'),
    role,
  }),
);

export const AgentEditBody = named(
  'EditAgent',
  z
    .strictObject({
      role: role.optional(),
      active: field(z.boolean().optional(), 'Whether the agent is let in.', false),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

export const WorkgroupBody = named(
  'CreateWorkgroup',
  z.strictObject({
    name: field(EditWorkgroup.shape.name.unwrap(), 'Name of the workgroup.', 'Subsidiary'),
    ownerEmail: field(InviteAgent.shape.email, 'Mail address of its owner.', 'eve@contoso.com'),
  }),
);

export const WorkgroupEditBody = named(
  'EditWorkgroup',
  z
    .strictObject({
      name: field(EditWorkgroup.shape.name, 'Name of the workgroup.', 'Migrations'),
      shareProjects: field(
        z.boolean().optional(),
        'Whether every agent sees all projects; if not, owners and admins see all, others those that they created.',
        false,
      ),
    })
    .refine(hasChange, NO_CHANGE)
    .meta({ minProperties: 1 }),
);

const link = {
  code: textField('The code; it is in this answer and nowhere else.', 'psc_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt'),
  path: textField('Path to open at the address of the gateway.', '/#code=psc_0m4vQe0r2m5YkqX3v5hJ1tV7bN9cZ2aLdKfGhSjPwRt'),
  expiresAt: timeField('When the code stops working.'),
};

export const Invited = named(
  'AgentInvited',
  z.object({
    id: idField('pass', 'Id of the agent.'),
    stream: textField('Stream that holds what the command did.', 'workgroup:default'),
    version: countField('Version of the stream after this command; `atLeast` takes `<stream>:<version>`.', 1),
    ...link,
  }),
);
export type Invited = z.infer<typeof Invited>;
