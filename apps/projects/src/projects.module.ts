import { Module } from '@nestjs/common';
import { pattern, type CommandReply, type CoverageReply } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import type { Clock } from '@pstream/kernel';
import { CLOCK, COMMANDS, EVENT_STORE } from '@pstream/wiring';
import type { LogClient } from '@pstream/transport';
import { lastValueFrom } from 'rxjs';
import { keepStates, PROJECTS_PORTS, type ProjectsPorts } from './commands/ports.js';
import { OperationsController } from './operations/operations.controller.js';
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
        coverage: (query) => lastValueFrom(commands.send<CoverageReply>(pattern('licensing', 'Coverage'), query)),
        applyBundles: (meta, body) => lastValueFrom(commands.send<CommandReply>(pattern('licensing', 'ApplyBundles'), { meta, body })),
      }),
      inject: [EVENT_STORE, COMMANDS, CLOCK],
    },
  ],
})
export class ProjectsModule {}
