import { Module } from '@nestjs/common';
import { pattern, type CoverageReply } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { COMMANDS, EVENT_STORE } from '@pstream/wiring';
import type { LogClient } from '@pstream/transport';
import { lastValueFrom } from 'rxjs';
import { PassProcessController, PROJECTS_PORTS, ProjectsController } from './projects.controller.js';
import type { ProjectsPorts } from './commands/ports.js';

/** Customers, endpoints, projects, and the passes of their mailboxes. */
@Module({
  controllers: [ProjectsController, PassProcessController],
  providers: [
    {
      provide: PROJECTS_PORTS,
      useFactory: (store: EventStore, commands: LogClient): ProjectsPorts => ({
        store,
        coverage: (query) => lastValueFrom(commands.send<CoverageReply>(pattern('licensing', 'Coverage'), query)),
      }),
      inject: [EVENT_STORE, COMMANDS],
    },
  ],
})
export class ProjectsModule {}
