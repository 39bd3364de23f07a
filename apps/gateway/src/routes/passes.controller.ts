import { Controller, Inject } from '@nestjs/common';
import { Project, type Operation, type Selection } from '@pstream/api';
import { VIEWS, type OperationWork } from '@pstream/contracts';
import type { Caller } from '../door/http.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Views } from '../read/views.js';
import { Scope } from '../scope/scope.js';
import { Operations, selectionOf } from './operations.js';

/** Requests that passes of selected mailboxes start, stop or go on, that the mailboxes leave their project, and that it is closed. */
@Controller()
export class PassesController {
  constructor(
    @Inject(Operations) private readonly operations: Operations,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(Views) private readonly views: Views,
  ) {}

  @Handles('startPasses')
  start(
    @Request() { caller, params: { projectId }, body: { mailboxes, ...pass } }: Asked<'startPasses'>,
  ): Promise<Answered<'startPasses'>> {
    return this.#request(caller, projectId, { verb: 'start', ...pass }, mailboxes);
  }

  @Handles('prioritiseMailboxes')
  prioritise(
    @Request() { caller, params, body: { mailboxes, priority } }: Asked<'prioritiseMailboxes'>,
  ): Promise<Answered<'prioritiseMailboxes'>> {
    return this.#request(caller, params.projectId, { verb: 'prioritise', priority }, mailboxes);
  }

  @Handles('stopPasses')
  stop(@Request() { caller, params, body }: Asked<'stopPasses'>): Promise<Answered<'stopPasses'>> {
    return this.#request(caller, params.projectId, { verb: 'stop' }, body.mailboxes);
  }

  @Handles('resumePasses')
  resume(@Request() { caller, params, body: { mailboxes, ...how } }: Asked<'resumePasses'>): Promise<Answered<'resumePasses'>> {
    return this.#request(caller, params.projectId, { verb: 'resume', ...how }, mailboxes);
  }

  @Handles('removeMailboxes')
  remove(@Request() { caller, params, body: { mailboxes, stop } }: Asked<'removeMailboxes'>): Promise<Answered<'removeMailboxes'>> {
    return this.#request(caller, params.projectId, { verb: 'remove', stop }, mailboxes);
  }

  @Handles('moveMailboxes')
  async move(@Request() { caller, params, body: { mailboxes, toProjectId } }: Asked<'moveMailboxes'>): Promise<Answered<'moveMailboxes'>> {
    // The only id of something owned that stands in a body and not within what the path names.
    const refused = await this.scope.refusal(caller.principal, { projectId: toProjectId });
    if (refused !== undefined) throw refused;
    return this.#request(caller, params.projectId, { verb: 'move', toProjectId }, mailboxes);
  }

  @Handles('startOver')
  startOver(@Request() { caller, params, body: { mailboxes, parts } }: Asked<'startOver'>): Promise<Answered<'startOver'>> {
    return this.#request(caller, params.projectId, { verb: 'start-over', parts }, mailboxes);
  }

  @Handles('closeProject')
  close(@Request() { caller, params, body: { parts, dryRun } }: Asked<'closeProject'>): Promise<Answered<'closeProject'>> {
    return this.#request(caller, params.projectId, { verb: 'close', parts, dryRun }, 'all');
  }

  async #request(caller: Caller, projectId: string, work: OperationWork, mailboxes: Selection): Promise<Operation> {
    const { customerId } = await this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
    return this.operations.request(caller, { customerId, projectId, work, selection: selectionOf(mailboxes) });
  }
}
