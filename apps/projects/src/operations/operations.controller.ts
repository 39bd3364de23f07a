import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { LogContext, Subscribe } from '@pstream/transport';
import { endRemoval } from '../commands/changes.js';
import { PROJECTS_PORTS, type ProjectsPorts } from '../commands/ports.js';
import { runOperation } from './run-operation.js';

/** Operations at work at once in one process; the others wait their turn. */
const AT_ONCE = 8;

/** Carries out what was requested. The request is acknowledged at the operation's end: a process that dies before leaves it to the next one. A
 *  removal of a project that was interrupted is ended too: with its roster closed it could take no mailbox any more. */
@Controller()
export class OperationsController {
  readonly #ports: ProjectsPorts;

  constructor(@Inject(PROJECTS_PORTS) ports: ProjectsPorts) {
    this.#ports = ports;
  }

  @Subscribe(eventTopic('projects'), { group: 'projects.operations.v1', concurrency: AT_ONCE })
  async run(@Payload() event: RecordedEvent<PublishedEvent>, @Ctx() context: LogContext): Promise<void> {
    if (event.type === 'OperationRequested') await runOperation(this.#ports, event.data.operationId, context.signal);
    if (event.type === 'RosterClosed') {
      const { commandId: closing, by } = event.metadata;
      await endRemoval(this.#ports, { closing, by, at: event.at }, event.data.projectId);
    }
  }
}
