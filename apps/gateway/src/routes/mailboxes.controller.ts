import { Controller, Get, Inject, Param } from '@nestjs/common';
import { VIEWS } from '@pstream/contracts';
import type { z } from 'zod';
import { Folders, ItemErrors, Parts } from '../api/answers.js';
import { ErrorQuery, OneQuery, PageQuery } from '../api/requests.js';
import { Route } from '../api/route.js';
import { ItemError, Mailbox, Part, type FolderSums } from '../api/views.js';
import { ValidQuery } from '../door/params.js';
import { StoredFolders } from '../read/stored.js';
import { foldersOf } from '../read/sums.js';
import { Views, type PageOf } from '../read/views.js';
import { errorFilter } from './projects.controller.js';

/** One mailbox, and what became of it. */
@Controller('v1/mailboxes/:mailboxJobId')
export class MailboxesController {
  constructor(@Inject(Views) private readonly views: Views) {}

  @Get()
  @Route({ summary: 'Shows a mailbox: status, sums, checks', query: OneQuery, answer: Mailbox })
  async show(@Param('mailboxJobId') mailboxJobId: string, @ValidQuery(OneQuery) { atLeast }: OneQuery): Promise<z.infer<typeof Mailbox>> {
    await this.views.atLeast(atLeast, [VIEWS.mailboxes]);
    return this.#mailbox(mailboxJobId);
  }

  @Get('errors')
  @Route({ summary: 'Lists the items of a mailbox that were not exported, or only as MIME', query: ErrorQuery, answer: ItemErrors })
  async errors(
    @Param('mailboxJobId') mailboxJobId: string,
    @ValidQuery(ErrorQuery) query: ErrorQuery,
  ): Promise<PageOf<z.infer<typeof ItemError>>> {
    await this.views.atLeast(query.atLeast, [VIEWS.errors]);
    await this.#mailbox(mailboxJobId);
    return this.views.page(VIEWS.errors, ItemError, { mailboxJobId, ...errorFilter(query) }, query, 'code');
  }

  @Get('parts')
  @Route({ summary: 'Lists the PSTs of a mailbox', query: PageQuery, answer: Parts })
  async parts(
    @Param('mailboxJobId') mailboxJobId: string,
    @ValidQuery(PageQuery) { atLeast, ...page }: PageQuery,
  ): Promise<PageOf<z.infer<typeof Part>>> {
    await this.views.atLeast(atLeast, [VIEWS.parts]);
    await this.#mailbox(mailboxJobId);
    return this.views.page(VIEWS.parts, Part, { mailboxJobId }, page, 'name');
  }

  @Get('folders')
  @Route({ summary: 'Lists the folders of a mailbox with the sum of each', query: PageQuery, answer: Folders })
  async folders(
    @Param('mailboxJobId') mailboxJobId: string,
    @ValidQuery(PageQuery) { atLeast, limit, offset }: PageQuery,
  ): Promise<PageOf<FolderSums>> {
    await this.views.atLeast(atLeast, [VIEWS.folders]);
    await this.#mailbox(mailboxJobId);
    const all = foldersOf((await this.views.get(VIEWS.folders, StoredFolders, mailboxJobId)) ?? { folders: {} });
    return { items: all.slice(offset, offset + limit), total: all.length, limit, offset };
  }

  /** A mailbox is known once it belongs to a project; what workers report may come before that. */
  async #mailbox(mailboxJobId: string): Promise<z.infer<typeof Mailbox>> {
    return this.views.need(VIEWS.mailboxes, Mailbox, mailboxJobId, 'mailbox-job.unknown');
  }
}
