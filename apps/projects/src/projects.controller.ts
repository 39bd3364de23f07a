import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  AddEndpoint,
  AddLineItems,
  ChangeOptions,
  CreateCustomer,
  CreateProject,
  eventTopic,
  parseCommand,
  pattern,
  RequestOperation,
  ResumePass,
  RotateEndpointSecret,
  StartPass,
  StopPass,
  type CommandMeta,
  type CommandReply,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { Answer, Subscribe } from '@pstream/transport';
import type { z } from 'zod';
import { addEndpoint, addLineItems, changeOptions, createCustomer, createProject, rotateEndpointSecret } from './commands/catalogue.js';
import { resumePass, startOne, stopPass } from './commands/passes.js';
import { requestOperation } from './commands/operations.js';
import { PROJECTS_PORTS, type ProjectsPorts } from './commands/ports.js';
import { hear } from './process/pass-process.js';

type Handler<B> = (ports: ProjectsPorts, meta: CommandMeta, body: B) => Promise<CommandReply>;

/** The message door of projects: one pattern per command. */
@Controller()
export class ProjectsController {
  readonly #ports: ProjectsPorts;

  constructor(@Inject(PROJECTS_PORTS) ports: ProjectsPorts) {
    this.#ports = ports;
  }

  @Answer(pattern('projects', 'CreateCustomer'))
  createCustomer(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(CreateCustomer, createCustomer, message);
  }

  @Answer(pattern('projects', 'AddEndpoint'))
  addEndpoint(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(AddEndpoint, addEndpoint, message);
  }

  @Answer(pattern('projects', 'RotateEndpointSecret'))
  rotateEndpointSecret(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(RotateEndpointSecret, rotateEndpointSecret, message);
  }

  @Answer(pattern('projects', 'CreateProject'))
  createProject(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(CreateProject, createProject, message);
  }

  @Answer(pattern('projects', 'ChangeOptions'))
  changeOptions(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(ChangeOptions, changeOptions, message);
  }

  @Answer(pattern('projects', 'AddLineItems'))
  addLineItems(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(AddLineItems, addLineItems, message);
  }

  @Answer(pattern('projects', 'StartPass'))
  startPass(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(StartPass, startOne, message);
  }

  @Answer(pattern('projects', 'StopPass'))
  stopPass(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(StopPass, (ports, meta, { mailboxJobId }) => stopPass(ports, meta, mailboxJobId), message);
  }

  @Answer(pattern('projects', 'ResumePass'))
  resumePass(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(ResumePass, (ports, meta, { mailboxJobId }) => resumePass(ports, meta, mailboxJobId), message);
  }

  @Answer(pattern('projects', 'RequestOperation'))
  requestOperation(@Payload() message: unknown): Promise<CommandReply> {
    return this.#handle(RequestOperation, requestOperation, message);
  }

  async #handle<S extends z.ZodType>(schema: S, handler: Handler<z.infer<S>>, message: unknown): Promise<CommandReply> {
    const parsed = parseCommand(schema, message);
    return parsed.ok ? handler(this.#ports, parsed.value.meta, parsed.value.body) : parsed.error;
  }
}

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
