import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, COMMANDS, EVENT_STORE } from '@pstream/wiring';
import { ask, command, type LogClient } from '@pstream/transport';
import { keepStates, PROJECTS_PORTS, type ProjectsPorts } from './commands/ports.js';
import { OperationsController } from './operations/operations.controller.js';
import { ReconcileService } from './process/reconcile.service.js';
import type { AdmissionLimits } from './domain/admission/decide.js';
import { PlansService } from './process/plans.service.js';
import { admissionsProvider } from './process/admissions.provider.js';
import { UnneededSecretsService } from './process/unneeded-secrets.service.js';
import { AdmissionController, PassProcessController, ProjectsController } from './projects.controller.js';

const ports: FactoryProvider<ProjectsPorts> = {
  provide: PROJECTS_PORTS,
  useFactory: (store: EventStore, commands: LogClient, clock: Clock): ProjectsPorts => ({
    store,
    kept: keepStates(),
    clock,
    coverage: (query) => ask(commands, 'licensing', 'Coverage', query),
    settleParts: (query) => ask(commands, 'pst-builder', 'SettleParts', query),
    applyBundles: (meta, body) => command(commands, 'licensing', 'ApplyBundles', meta, body),
  }),
  inject: [EVENT_STORE, COMMANDS, CLOCK],
};

/** How many mailboxes may be worked on at once. */
export type ProjectsOptions = { readonly mailboxes: number; readonly mailboxesPerTenant: number; readonly mailboxesPerProject: number };

/** Customers, endpoints, projects, the passes of their mailboxes, who of them is next, and operations over many of them. */
@Module({})
export class ProjectsModule {
  static with({ mailboxes: total, mailboxesPerTenant: perEndpoint, mailboxesPerProject: perProject }: ProjectsOptions): DynamicModule {
    const limits: AdmissionLimits = { total, perEndpoint, perProject };
    return {
      module: ProjectsModule,
      controllers: [ProjectsController, PassProcessController, AdmissionController, OperationsController],
      providers: [ports, admissionsProvider(limits), ReconcileService, PlansService, UnneededSecretsService],
    };
  }
}
