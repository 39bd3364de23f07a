import { Controller, Inject, Param, Post } from '@nestjs/common';
import { PassResults } from '../api/answers.js';
import { SelectionBody, StartBody } from '../api/requests.js';
import { Route } from '../api/route.js';
import type { Caller } from '../door/http.js';
import { ByCaller, ValidBody } from '../door/params.js';
import { Sender } from '../send/sender.js';
import { Passes } from './passes.js';

/** Starts, stops and resumes passes of selected mailboxes. */
@Controller('v1/projects/:projectId')
export class PassesController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Passes) private readonly passes: Passes,
  ) {}

  @Post('passes')
  @Route({ summary: 'Starts a pass of each selected mailbox', body: StartBody, answer: PassResults })
  start(
    @ByCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @ValidBody(StartBody) { mailboxes, ...pass }: StartBody,
  ): Promise<PassResults> {
    return this.passes.each(this.sender.intent(caller), projectId, mailboxes, 'StartPass', (mailboxJobId) => ({
      projectId,
      mailboxJobId,
      ...pass,
    }));
  }

  @Post('stop')
  @Route({ summary: 'Stops the pass of each selected mailbox', body: SelectionBody, answer: PassResults })
  stop(
    @ByCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @ValidBody(SelectionBody) { mailboxes }: SelectionBody,
  ): Promise<PassResults> {
    return this.passes.each(this.sender.intent(caller), projectId, mailboxes, 'StopPass', (mailboxJobId) => ({ mailboxJobId }));
  }

  @Post('resume')
  @Route({ summary: 'Goes on with the stopped or failed pass of each selected mailbox', body: SelectionBody, answer: PassResults })
  resume(
    @ByCaller() caller: Caller,
    @Param('projectId') projectId: string,
    @ValidBody(SelectionBody) { mailboxes }: SelectionBody,
  ): Promise<PassResults> {
    return this.passes.each(this.sender.intent(caller), projectId, mailboxes, 'ResumePass', (mailboxJobId) => ({ mailboxJobId }));
  }
}
