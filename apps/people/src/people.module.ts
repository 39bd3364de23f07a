import { Module } from '@nestjs/common';
import { keptInMemory, type EventStore } from '@pstream/event-store';
import { EVENT_STORE } from '@pstream/wiring';
import { AuditTrail } from './audit/audit-trail.js';
import type { PeoplePorts } from './commands/handlers.js';
import { PEOPLE_PORTS, PeopleController } from './people.controller.js';

/** Workgroups, and the people who work in them. */
@Module({
  controllers: [PeopleController],
  providers: [
    {
      provide: PEOPLE_PORTS,
      useFactory: (store: EventStore): PeoplePorts => ({ store, kept: keptInMemory(16), trail: new AuditTrail(store) }),
      inject: [EVENT_STORE],
    },
  ],
})
export class PeopleModule {}
