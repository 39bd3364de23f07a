import { Controller, Inject } from '@nestjs/common';
import { VIEWS } from '@pstream/contracts';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { Operations } from './operations.js';

/** What was requested for many mailboxes or users, and how far it is. */
@Controller()
export class OperationsController {
  constructor(
    @Inject(Operations) private readonly operations: Operations,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Handles('listOperations')
  async list(@Request() { caller, query: { atLeast, project, ...page } }: Asked<'listOperations'>): Promise<Answered<'listOperations'>> {
    await this.views.atLeast(atLeast, [VIEWS.operations]);
    return this.operations.list(caller, project, page);
  }

  @Handles('getOperation')
  async show(@Request() { caller, params, query }: Asked<'getOperation'>): Promise<Answered<'getOperation'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.operations]);
    return this.operations.show(caller, params.operationId);
  }

  @Handles('listOperationRows')
  async rows(
    @Request() { caller, params: { operationId }, query: { atLeast, outcome, ...page } }: Asked<'listOperationRows'>,
  ): Promise<Answered<'listOperationRows'>> {
    await this.views.atLeast(atLeast, [VIEWS.operationRows]);
    return this.operations.rows(caller, operationId, outcome, page);
  }
}
