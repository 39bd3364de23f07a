import { Module } from '@nestjs/common';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, COMMANDS, EVENT_STORE } from '@pstream/wiring';
import { ask, command, type LogClient } from '@pstream/transport';
import { keepStates, PROJECTS_PORTS, type ProjectsPorts } from './commands/ports.js';
import { OperationsController } from './operations/operations.controller.js';
import { ReconcileService } from './process/reconcile.service.js';
import { PassProcessController, ProjectsController } from './projects.controller.js';

/** Customers, endpoints, projects, the passes of their mailboxes, and operations over many of them. */
@Module({
  controllers: [ProjectsController, PassProcessController, OperationsController],
  providers: [
    {
      provide: PROJECTS_PORTS,
      useFactory: (store: EventStore, commands: LogClient, clock: Clock): ProjectsPorts => ({
        store,
        kept: keepStates(),
        clock,
        coverage: (query) => ask(commands, 'licensing', 'Coverage', query),
        applyBundles: (meta, body) => command(commands, 'licensing', 'ApplyBundles', meta, body),
      }),
      inject: [EVENT_STORE, COMMANDS, CLOCK],
    },
    ReconcileService,
  ],
})
export class ProjectsModule {}
