import { Controller, Header, Inject, StreamableFile } from '@nestjs/common';
import { Customer, Project } from '@pstream/api';
import { VIEWS } from '@pstream/contracts';
import { DeadLetterDesk } from '../dead-letters/dead-letter-desk.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { ChangeFeed } from '../events/change-feed.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';
import { Scope } from '../scope/scope.js';

/** Sums over everything, throughput by minute, and what changes. */
@Controller()
export class OverviewController {
  constructor(
    @Inject(Sums) private readonly sums: Sums,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(Views) private readonly views: Views,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
    @Inject(DeadLetterDesk) private readonly deadLetters: DeadLetterDesk,
  ) {}

  @Handles('getOverview')
  async overview(@Request() { caller }: Asked<'getOverview'>): Promise<Answered<'getOverview'>> {
    return { sums: await this.sums.of(await this.scope.over(caller.principal)), openDeadLetters: this.deadLetters.open };
  }

  @Handles('getThroughput')
  async throughput(@Request() { caller }: Asked<'getThroughput'>): Promise<Answered<'getThroughput'>> {
    return { minutes: await this.sums.throughput(await this.scope.over(caller.principal)) };
  }

  @Handles('getCustomerThroughput')
  async ofCustomer(
    @Request() { caller, params: { customerId } }: Asked<'getCustomerThroughput'>,
  ): Promise<Answered<'getCustomerThroughput'>> {
    await this.views.need(VIEWS.customers, Customer, customerId, 'customer.unknown');
    return { minutes: await this.sums.throughput(await this.scope.over(caller.principal, customerId)) };
  }

  @Handles('getProjectThroughput')
  async ofProject(@Request() { params: { projectId } }: Asked<'getProjectThroughput'>): Promise<Answered<'getProjectThroughput'>> {
    await this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
    return { minutes: await this.sums.throughput({ projectId }) };
  }

  // Neither a proxy nor a compressor may hold events back.
  @Header('X-Accel-Buffering', 'no')
  @Header('Cache-Control', 'no-store, no-transform')
  @Handles('listenToEvents')
  async events(@Request() { caller, query, lastEventId }: Asked<'listenToEvents'>): Promise<Answered<'listenToEvents'>> {
    return new StreamableFile(await this.feed.open(caller.principal, query, lastEventId), { type: 'text/event-stream; charset=utf-8' });
  }
}
