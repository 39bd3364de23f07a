import { Controller, Inject } from '@nestjs/common';
import { Part } from '@pstream/api';
import { mailboxJobStream, MailboxView, VIEWS } from '@pstream/contracts';
import { problem } from '../door/problem.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { StoredFolders } from '../read/stored.js';
import { foldersOf } from '../read/folders.js';
import { Sums } from '../read/sums.js';
import { Views } from '../read/views.js';

/** One mailbox, and what became of it. */
@Controller()
export class MailboxesController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(Sums) private readonly sums: Sums,
  ) {}

  @Handles('getMailbox')
  async show(@Request() { params, query, setVersion }: Asked<'getMailbox'>): Promise<Answered<'getMailbox'>> {
    await this.views.atLeast(query.atLeast, [VIEWS.mailboxes]);
    setVersion(await this.views.version(VIEWS.mailboxes, mailboxJobStream(params.mailboxJobId)));
    const mailbox = await this.#mailbox(params.mailboxJobId);
    return { ...mailbox, openErrors: (await this.sums.openErrors([mailbox.mailboxJobId])).get(mailbox.mailboxJobId) ?? 0 };
  }

  @Handles('listMailboxParts')
  async parts(
    @Request() { params: { mailboxJobId }, query: { atLeast, ...page } }: Asked<'listMailboxParts'>,
  ): Promise<Answered<'listMailboxParts'>> {
    await this.views.atLeast(atLeast, [VIEWS.parts]);
    await this.#mailbox(mailboxJobId);
    return this.views.page(VIEWS.parts, Part, { mailboxJobId }, page, 'name');
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

  /** A mailbox is known once it belongs to a project; what workers report may come before that. */
  async #mailbox(mailboxJobId: string): Promise<MailboxView> {
    return this.views.need(VIEWS.mailboxes, MailboxView, mailboxJobId, 'mailbox-job.unknown');
  }
}
