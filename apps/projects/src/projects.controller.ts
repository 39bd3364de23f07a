import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { serviceController, Subscribe } from '@pstream/transport';
import { addEndpoint, addLineItems, changeOptions, createCustomer, createProject, rotateEndpointSecret } from './commands/catalogue.js';
import { acknowledgeItemErrors } from './commands/item-errors.js';
import { editMailbox, removeMailbox } from './commands/mailboxes.js';
import { requestOperation } from './commands/operations.js';
import { PROJECTS_PORTS, type ProjectsPorts } from './commands/ports.js';
import { hear } from './process/pass-process.js';

/** The message door of projects. */
export const ProjectsController = serviceController<'projects', ProjectsPorts>('projects', PROJECTS_PORTS, {
  commands: {
    CreateCustomer: createCustomer,
    AddEndpoint: addEndpoint,
    RotateEndpointSecret: rotateEndpointSecret,
    CreateProject: createProject,
    ChangeOptions: changeOptions,
    AddLineItems: addLineItems,
    AcknowledgeItemErrors: acknowledgeItemErrors,
    EditMailbox: editMailbox,
    RemoveMailbox: removeMailbox,
    RequestOperation: requestOperation,
  },
  queries: {},
});

/** Hears what extraction, building and verification report, and walks each pass to its end. */
@Controller()
export class PassProcessController {
  readonly #ports: ProjectsPorts;

  constructor(@Inject(PROJECTS_PORTS) ports: ProjectsPorts) {
    this.#ports = ports;
  }

  @Subscribe(eventTopic('extraction'), { group: 'projects.passes.v1' })
  extraction(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    return hear(this.#ports, event);
  }

  @Subscribe(eventTopic('build'), { group: 'projects.passes.v1' })
  build(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    return hear(this.#ports, event);
  }

  @Subscribe(eventTopic('credentials'), { group: 'projects.passes.v1' })
  credentials(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    return hear(this.#ports, event);
  }
}
