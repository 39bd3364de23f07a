import { Controller, Inject } from '@nestjs/common';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { Sender } from '../send/sender.js';
import { Passes } from './passes.js';

/** Starts, stops and resumes passes of selected mailboxes. */
@Controller()
export class PassesController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Passes) private readonly passes: Passes,
  ) {}

  @Handles('startPasses')
  start(
    @Request() { caller, params: { projectId }, body: { mailboxes, ...pass } }: Asked<'startPasses'>,
  ): Promise<Answered<'startPasses'>> {
    return this.passes.each(this.sender.intent(caller), projectId, mailboxes, 'StartPass', (mailboxJobId) => ({
      projectId,
      mailboxJobId,
      ...pass,
    }));
  }

  @Handles('stopPasses')
  stop(@Request() { caller, params, body }: Asked<'stopPasses'>): Promise<Answered<'stopPasses'>> {
    return this.passes.each(this.sender.intent(caller), params.projectId, body.mailboxes, 'StopPass', (mailboxJobId) => ({ mailboxJobId }));
  }

  @Handles('resumePasses')
  resume(@Request() { caller, params, body }: Asked<'resumePasses'>): Promise<Answered<'resumePasses'>> {
    return this.passes.each(this.sender.intent(caller), params.projectId, body.mailboxes, 'ResumePass', (mailboxJobId) => ({
      mailboxJobId,
    }));
  }
}
