import { Controller, Inject, type StreamableFile } from '@nestjs/common';
import { Project, type AcknowledgeBody } from '@pstream/api';
import { ITEM_KEYS_PER_COMMAND, MailboxView, VIEWS } from '@pstream/contracts';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { csvFile } from '../read/csv.js';
import { errorLine, ERRORS_HEADER, isReported, REPORTED } from '../read/errors-csv.js';
import { ItemErrors, type ErrorFilter } from '../read/item-errors.js';
import { Views } from '../read/views.js';
import { Sender, stepOf, type Accepted } from '../send/sender.js';

/** Items that were not exported, or only as MIME, and who accepts that. */
@Controller()
export class ErrorsController {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
    @Inject(ItemErrors) private readonly itemErrors: ItemErrors,
  ) {}

  @Handles('listMailboxErrors')
  async ofMailbox(@Request() { params: { mailboxJobId }, query }: Asked<'listMailboxErrors'>): Promise<Answered<'listMailboxErrors'>> {
    const { atLeast, limit, cursor, ...filter } = query;
    await this.views.atLeast(atLeast, [VIEWS.errors]);
    await this.#mailbox(mailboxJobId);
    return this.itemErrors.page({ mailboxJobId, ...filter }, { limit, cursor });
  }

  @Handles('listProjectErrors')
  async ofProject(@Request() { params: { projectId }, query }: Asked<'listProjectErrors'>): Promise<Answered<'listProjectErrors'>> {
    const { atLeast, limit, cursor, ...filter } = query;
    await this.views.atLeast(atLeast, [VIEWS.errors]);
    await this.#project(projectId);
    return this.itemErrors.page({ projectId, ...filter }, { limit, cursor });
  }

  @Handles('downloadProjectErrors')
  async csv(@Request() { params: { projectId }, query }: Asked<'downloadProjectErrors'>): Promise<StreamableFile> {
    await this.views.exporting(projectId);
    return csvFile('errors.csv', ERRORS_HEADER, this.#lines({ projectId, outcome: REPORTED, ...query }, projectId));
  }

  @Handles('acknowledgeMailboxErrors')
  async acknowledge(
    @Request() { caller, params: { mailboxJobId }, body: { errors, reason } }: Asked<'acknowledgeMailboxErrors'>,
  ): Promise<Answered<'acknowledgeMailboxErrors'>> {
    const { customerId, projectId } = await this.#mailbox(mailboxJobId);
    const intent = this.sender.intent(caller);
    const keys = await this.#keysOf(mailboxJobId, errors);
    const send = (itemKeys: string[]): Promise<Accepted> =>
      // The errors that match are others when the request is repeated, so the step is named by them.
      this.sender.send(stepOf(intent, ...itemKeys), 'projects', 'AcknowledgeItemErrors', {
        workgroupId: caller.principal.workgroupId,
        customerId,
        projectId,
        mailboxJobId,
        itemKeys,
        reason,
      });
    let accepted = await send(keys.slice(0, ITEM_KEYS_PER_COMMAND));
    for (let from = ITEM_KEYS_PER_COMMAND; from < keys.length; from += ITEM_KEYS_PER_COMMAND)
      accepted = await send(keys.slice(from, from + ITEM_KEYS_PER_COMMAND));
    return { id: mailboxJobId, ...accepted, acknowledged: keys.length };
  }

  async #keysOf(mailboxJobId: string, errors: AcknowledgeBody['errors']): Promise<string[]> {
    if (Array.isArray(errors)) {
      for (const key of errors) if (!(await this.itemErrors.has(mailboxJobId, key))) throw problem('item-error.unknown', 404);
      return errors;
    }
    const filter = { mailboxJobId, ...(errors === 'all' ? {} : errors), state: 'open' as const };
    const keys: string[] = [];
    for await (const { itemKey } of this.itemErrors.all(filter)) keys.push(itemKey);
    return keys;
  }

  async *#lines(filter: ErrorFilter, projectId: string): AsyncGenerator<string> {
    const mailboxes = new Map<string, { readonly source: string; readonly destination: string }>();
    for await (const { mailboxJobId, source, destination } of this.views.mailboxesOf(projectId))
      mailboxes.set(mailboxJobId, { source, destination });
    for await (const error of this.itemErrors.all(filter)) if (isReported(error)) yield errorLine(error, mailboxes.get(error.mailboxJobId));
  }

  #mailbox(mailboxJobId: string): Promise<MailboxView> {
    return this.views.need(VIEWS.mailboxes, MailboxView, mailboxJobId, 'mailbox-job.unknown');
  }

  #project(projectId: string): Promise<Project> {
    return this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
  }
}
