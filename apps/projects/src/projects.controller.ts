import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { eventTopic, type PublishedEvent, type RecordedEvent } from '@pstream/contracts';
import { serviceController, Subscribe } from '@pstream/transport';
import {
  addEndpoint,
  addLineItems,
  changeOptions,
  createCustomer,
  createDiscoveryProject,
  createProject,
  rotateEndpointSecret,
  switchViewing,
} from './commands/catalogue.js';
import { beginDiscoveryRun, endDiscoveryRun, reportDiscoveredFiles } from './commands/discovery.js';
import { acknowledgeItemErrors } from './commands/item-errors.js';
import { editEndpoint, editProject, removeCustomer, removeEndpoint, removeProject, renameCustomer } from './commands/changes.js';
import { editMailbox, removeMailbox } from './commands/mailboxes.js';
import { requestOperation } from './commands/operations.js';
import { changePlan } from './commands/plans.js';
import { PROJECTS_PORTS, type ProjectsPorts } from './commands/ports.js';
import { takenNames } from './commands/rosters.js';
import { places, plans, type Admissions } from './process/admission.js';
import { ADMISSIONS } from './process/admissions.provider.js';
import { hear } from './process/pass-process.js';

/** The message door of projects. */
export const ProjectsController = serviceController<'projects', ProjectsPorts>('projects', PROJECTS_PORTS, {
  commands: {
    CreateCustomer: createCustomer,
    AddEndpoint: addEndpoint,
    RotateEndpointSecret: rotateEndpointSecret,
    CreateProject: createProject,
    CreateDiscoveryProject: createDiscoveryProject,
    BeginDiscoveryRun: beginDiscoveryRun,
    ReportDiscoveredFiles: reportDiscoveredFiles,
    EndDiscoveryRun: endDiscoveryRun,
    ChangeOptions: changeOptions,
    SwitchViewing: switchViewing,
    AddLineItems: addLineItems,
    AcknowledgeItemErrors: acknowledgeItemErrors,
    RenameCustomer: renameCustomer,
    RemoveCustomer: removeCustomer,
    EditEndpoint: editEndpoint,
    RemoveEndpoint: removeEndpoint,
    EditProject: editProject,
    RemoveProject: removeProject,
    EditMailbox: editMailbox,
    RemoveMailbox: removeMailbox,
    ChangePlan: changePlan,
    RequestOperation: requestOperation,
  },
  queries: { Places: places, Plans: plans, TakenNames: takenNames },
});

/** Hears what extraction, building and verification report, and walks each pass to its end. */
@Controller()
export class PassProcessController {
  readonly #ports: ProjectsPorts;
  readonly #admissions: Admissions;

  constructor(@Inject(PROJECTS_PORTS) ports: ProjectsPorts, @Inject(ADMISSIONS) admissions: Admissions) {
    this.#ports = ports;
    this.#admissions = admissions;
  }

  @Subscribe(eventTopic('extraction'), { group: 'projects.passes.v1' })
  async extraction(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    await hear(this.#ports, event);
    await this.#admissions.onEvent(event);
  }

  @Subscribe(eventTopic('build'), { group: 'projects.passes.v1' })
  async build(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    await hear(this.#ports, event);
    await this.#admissions.onEvent(event);
  }

  @Subscribe(eventTopic('credentials'), { group: 'projects.passes.v1' })
  credentials(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    return hear(this.#ports, event);
  }
}

/** As many as are heard together are settled with one commit. */
const HEARD_AT_ONCE = 64;

/** Hears of passes that start, resume, stop and end, and gives them their places. */
@Controller()
export class AdmissionController {
  readonly #admissions: Admissions;

  constructor(@Inject(ADMISSIONS) admissions: Admissions) {
    this.#admissions = admissions;
  }

  @Subscribe(eventTopic('projects'), { group: 'projects.admission.v1', concurrency: HEARD_AT_ONCE })
  projects(@Payload() event: RecordedEvent<PublishedEvent>): Promise<void> {
    return this.#admissions.onEvent(event);
  }
}
