import { Controller, Inject } from '@nestjs/common';
import { Part } from '@pstream/api';
import { mailboxJobStream, MailboxView, sumOfTypes, VIEWS } from '@pstream/contracts';
import { assertNever } from '@pstream/kernel';
import { ask, type LogClient } from '@pstream/transport';
import { COMMANDS } from '@pstream/wiring';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { StoredFolders, StoredStatistics } from '../read/stored.js';
import { foldersOf } from '../read/folders.js';
import { NameHolders } from '../read/name-holders.js';
import { QueuePlaces } from '../read/places.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';
import { Sender } from '../send/sender.js';

/** One mailbox, and what became of it. */
@Controller()
export class MailboxesController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Sums) private readonly sums: Sums,
    @Inject(QueuePlaces) private readonly places: QueuePlaces,
    @Inject(Sender) private readonly sender: Sender,
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(NameHolders) private readonly holders: NameHolders,
  ) {}

  @Handles('getMailbox')
  async show(@Request() { params, query, setVersion }: Asked<'getMailbox'>): Promise<Answered<'getMailbox'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.mailboxes]);
    setVersion(await this.views.version(VIEWS.mailboxes, mailboxJobStream(params.mailboxJobId)));
    const mailbox = await this.#mailbox(params.mailboxJobId);
    const { mailboxJobId } = mailbox;
    const openErrors = (await this.sums.openErrors([mailbox])).get(mailboxJobId) ?? 0;
    const [shown] = await this.places.with([{ ...mailbox, openErrors }]);
    return shown!;
  }

  @Handles('editMailbox')
  async edit(@Request() { caller, params: { mailboxJobId }, body }: Asked<'editMailbox'>): Promise<Answered<'editMailbox'>> {
    const { projectId } = await this.#mailbox(mailboxJobId);
    const reply = await this.sender.ask(this.sender.intent(caller), 'projects', 'EditMailbox', { mailboxJobId, projectId, ...body });
    if (!reply.accepted) throw await this.holders.problemFor(caller, reply.rejection);
    return { id: mailboxJobId, stream: reply.stream, version: reply.version };
  }

  @Handles('removeMailbox')
  async remove(@Request() { caller, params: { mailboxJobId }, query }: Asked<'removeMailbox'>): Promise<Answered<'removeMailbox'>> {
    // Sent again after it was carried out, it gets the same answer.
    const projectId = await this.views.projectOf(mailboxJobId);
    const body = { mailboxJobId, projectId, stop: query.stop === 'true' };
    return { id: mailboxJobId, ...(await this.sender.send(this.sender.intent(caller), 'projects', 'RemoveMailbox', body)) };
  }

  @Handles('listMailboxParts')
  async parts(
    @Request() { params: { mailboxJobId }, query: { atLeast, ...page } }: Asked<'listMailboxParts'>,
  ): Promise<Answered<'listMailboxParts'>> {
    await this.views.atLeast(atLeast, [VIEWS.parts]);
    await this.#mailbox(mailboxJobId);
    return this.views.page(VIEWS.parts, Part, { mailboxJobId }, page, 'name');
  }

  @Handles('listMailboxPasses')
  async passes(
    @Request() { params: { mailboxJobId }, query: { atLeast } }: Asked<'listMailboxPasses'>,
  ): Promise<Answered<'listMailboxPasses'>> {
    await this.views.atLeast(atLeast, [VIEWS.statistics]);
    await this.#mailbox(mailboxJobId);
    const { passes = {} } = (await this.views.get(VIEWS.statistics, StoredStatistics, mailboxJobId)) ?? {};
    const items = Object.entries(passes).flatMap(([passId, { kind, number, completed, replaced, runs, sealed, failed, skipped }]) => {
      // What is heard of a pass before its start waits for that.
      if (kind === null) return [];
      const counts = { exported: sealed, failed: sumOfTypes(failed).items, skipped: sumOfTypes(skipped).items };
      return [{ passId, number, kind, completed: completed === true, replaced: replaced === true, runs: [...runs], ...counts }];
    });
    return { items: items.sort((a, b) => a.number - b.number) };
  }

  @Handles('listMailboxFolders')
  async folders(
    @Request() { params: { mailboxJobId }, query: { atLeast, limit, cursor } }: Asked<'listMailboxFolders'>,
  ): Promise<Answered<'listMailboxFolders'>> {
    await this.views.atLeast(atLeast, [VIEWS.folders]);
    await this.#mailbox(mailboxJobId);
    const all = foldersOf((await this.views.get(VIEWS.folders, StoredFolders, mailboxJobId)) ?? { folders: {} });
    // The cursor is the key of the last folder of the page before.
    const from = cursor === undefined ? 0 : all.findIndex(({ folderKey }) => folderKey === cursor) + 1;
    if (cursor !== undefined && from === 0) throw problem('request.bad-cursor', 400);
    const items = all.slice(from, from + limit);
    return { items, total: all.length, limit, next: from + limit < all.length ? (items.at(-1)?.folderKey ?? null) : null };
  }

  @Handles('getMailboxDrift')
  async drift(@Request() { params: { mailboxJobId }, query: { cursor } }: Asked<'getMailboxDrift'>): Promise<Answered<'getMailboxDrift'>> {
    await this.#mailbox(mailboxJobId);
    const reply = await ask(this.commands, 'extractor', 'ReadDrift', { mailboxJobId, cursor: cursor ?? null });
    switch (reply.is) {
      case 'read': {
        const { is: _is, ...drift } = reply;
        return drift;
      }
      case 'nothing-exported':
        throw problem('mailbox-job.nothing-exported', 409);
      case 'bad-cursor':
        throw problem('request.bad-cursor', 400);
      case 'refused': {
        const { code, advice } = reply.cause;
        throw problem('mailbox-job.not-readable', 409, { cause: code, ...(advice === undefined ? {} : { advice }) });
      }
      default:
        return assertNever(reply);
    }
  }

  @Handles('listSuperseded')
  async superseded(
    @Request() { params: { mailboxJobId }, query: { limit, cursor } }: Asked<'listSuperseded'>,
  ): Promise<Answered<'listSuperseded'>> {
    await this.#mailbox(mailboxJobId);
    const reply = await ask(this.commands, 'extractor', 'ListSuperseded', { mailboxJobId, cursor: cursor ?? null, limit });
    if (reply.is === 'bad-cursor') throw problem('request.bad-cursor', 400);
    const { items, total, next } = reply;
    return { items, total, limit, next };
  }

  /** A mailbox is known once it belongs to a project; what workers report may come before that. */
  async #mailbox(mailboxJobId: string): Promise<MailboxView> {
    return this.views.need(VIEWS.mailboxes, MailboxView, mailboxJobId, 'mailbox-job.unknown');
  }
}
