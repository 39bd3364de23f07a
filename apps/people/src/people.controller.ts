import { serviceController } from '@pstream/transport';
import {
  acceptInvitation,
  createWorkgroup,
  editAgent,
  editWorkgroup,
  inviteAgent,
  readAudit,
  recordAudit,
  removeAgent,
  type PeoplePorts,
} from './commands/handlers.js';

/** Name under which the module hands the ports to the controller. */
export const PEOPLE_PORTS = Symbol('PeoplePorts');

/** The message door of people. */
export const PeopleController = serviceController<'people', PeoplePorts>('people', PEOPLE_PORTS, {
  commands: {
    CreateWorkgroup: createWorkgroup,
    EditWorkgroup: editWorkgroup,
    InviteAgent: inviteAgent,
    AcceptInvitation: acceptInvitation,
    EditAgent: editAgent,
    RemoveAgent: removeAgent,
    RecordAudit: recordAudit,
  },
  queries: { ReadAudit: readAudit },
});
