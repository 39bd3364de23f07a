import { itemErrorsStream, type AcknowledgeItemErrors, type CommandMeta, type CommandReply } from '@pstream/contracts';
import { itemErrors } from './aggregates.js';
import { run, type ProjectsPorts } from './ports.js';

/** Records that somebody accepts the errors of some items of a mailbox. */
export const acknowledgeItemErrors = (ports: ProjectsPorts, meta: CommandMeta, body: AcknowledgeItemErrors): Promise<CommandReply> =>
  run(ports, itemErrors, itemErrorsStream(body.mailboxJobId), { type: 'AcknowledgeItemErrors', ...body, by: meta.by, at: meta.at }, meta);
