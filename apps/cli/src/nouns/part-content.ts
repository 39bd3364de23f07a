import type { Part, PartMessages } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import { CliError, usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { writeGiven, writeNew } from '../cli/config.js';
import { EXIT } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { findProject } from '../http/resolve.js';
import { count, minute, size } from '../output/format.js';
import { plain } from '../output/output.js';

/** Messages that a search or a folder prints at the most, unless asked for more. */
const MOST_LISTED = 1_000;

/** What looks into one PST of a project. */
abstract class InPart extends Command {
  /** The PST by its id or its file name. CliError with exit 3. */
  protected async part(project: string, wanted: string): Promise<{ readonly mailboxJobId: string; readonly partId: string }> {
    const { projectId } = await findProject(this.client, project);
    const { items } = await allPages((query) => this.client.listProjectParts({ params: { projectId }, query }));
    const isFinished = ({ state }: Part): boolean => state === 'sealed' || state === 'verified';
    const found = items.filter(({ partId, name }) => partId === wanted || name === wanted);
    const [one, other] = found.filter(isFinished);
    if (other !== undefined)
      throw usageError(
        `The name "${wanted}" fits several PSTs: ${found.map(({ partId }) => partId).join(', ')}.`,
        'Give one of these ids.',
      );
    if (one !== undefined) return one;
    throw new CliError(EXIT.rejected, {
      what: found.length === 0 ? `There is no PST "${wanted}" in the project.` : `The PST "${wanted}" is not finished.`,
      why: 'It was looked for by id and by its file name.',
      advice: `pstream part list ${project}`,
      details: { code: 'part.unknown' },
    });
  }
}

@Verb({ name: 'folders', about: 'Lists the folders of a finished PST, where the project allows looking into it', args: '<project> <pst>' })
class ListPartFolders extends InPart {
  async execute([project = '', pst = '']: Args): Promise<void> {
    const found = await this.client.listPartFolders({ params: await this.part(project, pst) });
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ folderId }) => folderId },
        { title: 'Messages', exact: ({ messages }) => messages, human: ({ messages }) => count(messages) },
        { title: 'Folder', exact: ({ path }) => (path.length === 0 ? '/' : path.join('/')) },
      ],
      'The PST has no folders.',
    );
    if (!found.whole) this.cli.stderr.write('There are more folders than are listed.\n');
  }
}

@Verb({
  name: 'messages',
  about: 'Lists the messages of a folder of a finished PST, or searches subjects',
  args: '<project> <pst> [folder]',
})
class ListPartMessages extends InPart {
  static readonly options = {
    subject: option('--subject <text>', 'Only messages with this text in their subject', z.string().min(1).max(200).optional()),
    most: option('--most <n>', `Most messages to list; default ${MOST_LISTED}`, z.coerce.number().int().min(1).default(MOST_LISTED)),
  };

  async execute([project = '', pst = '', folder]: Args, { subject, most }: Given<typeof ListPartMessages.options>): Promise<void> {
    if (folder === undefined && subject === undefined)
      throw usageError('Give the id of a folder, or a text with --subject.', `pstream part folders ${project} ${pst}`);
    const params = await this.part(project, pst);
    const items: PartMessages['items'][number][] = [];
    let page: PartMessages;
    let cursor: string | undefined;
    do {
      page = await this.client.listPartMessages({ params, query: { folder, subject, cursor, limit: Math.min(200, most - items.length) } });
      items.push(...page.items);
      if (subject !== undefined && this.cli.stderr.isTTY === true)
        this.cli.stderr.write(`${count(page.scanned)} of ${count(page.total)} messages searched\n`);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && items.length < most);
    await this.out.list(
      { ...page, items },
      items,
      [
        { title: 'Id', exact: ({ messageId }) => messageId },
        { title: 'Date', exact: ({ at }) => at, human: ({ at }) => minute(at) },
        { title: 'From', exact: ({ from }) => from },
        { title: 'Subject', exact: (row) => row.subject },
        {
          title: 'Size',
          exact: ({ sizeBytes }) => sizeBytes,
          human: ({ sizeBytes }) => (sizeBytes === null ? '' : size(sizeBytes)),
        },
      ],
      subject === undefined ? 'The folder has no messages.' : 'No subject has this text.',
    );
    if (cursor !== undefined) this.cli.stderr.write('There are more messages. Ask for more with --most.\n');
  }
}

@Verb({
  name: 'show',
  about: 'Prints a message in a finished PST as text, or keeps its HTML, made safe, as a page',
  args: '<project> <pst> <message>',
})
class ShowPartMessage extends InPart {
  static readonly options = {
    html: option('--html <file>', 'Write the HTML of the message, made safe, to this file', z.string().optional()),
  };

  async execute([project = '', pst = '', messageId = '']: Args, { html }: Given<typeof ShowPartMessage.options>): Promise<void> {
    const params = { ...(await this.part(project, pst)), messageId };
    if (html !== undefined) {
      await writeGiven(html, await this.client.showPartMessage({ params }));
      this.out.done({ file: html }, `The message is in ${html}.`, html);
      return;
    }
    const message = await this.client.getPartMessage({ params });
    const people = message.recipients.map(({ kind, name, address }) => `${kind} ${name ?? ''} <${address ?? ''}>`).join(', ');
    await this.out.record(message, message, [
      { title: 'Subject', exact: ({ subject }) => subject },
      { title: 'From', exact: ({ from }) => from },
      { title: 'To', exact: () => people },
      { title: 'Date', exact: ({ at }) => at, human: ({ at }) => minute(at) },
      {
        title: 'Attachments',
        exact: ({ attachments }) => attachments.map(({ attachmentId, name, bytes }) => `${attachmentId} ${name ?? ''} ${bytes}`).join(', '),
      },
    ]);
    if (this.cli.json) return;
    const lines = (message.text ?? '').split(/\r\n?|\n/).map((line) => plain(line, '\uFFFD'));
    this.cli.stdout.write(`\n${lines.join('\n')}\n`);
    if (message.text === null && message.hasHtml) this.cli.stderr.write('The message has HTML only. Keep it as a page with --html FILE.\n');
    if (message.cut) this.cli.stderr.write('The message is longer than what is shown.\n');
  }
}

@Verb({
  name: 'save',
  about: 'Saves an attachment of a message in a finished PST to a new file, not checked for anything',
  args: '<project> <pst> <message> <attachment>',
})
class SavePartAttachment extends InPart {
  static readonly options = { to: option('--to <file>', 'The file to write; must not exist', z.string()) };

  async execute(
    [project = '', pst = '', messageId = '', attachmentId = '']: Args,
    { to }: Given<typeof SavePartAttachment.options>,
  ): Promise<void> {
    const bytes = await this.client.downloadPartAttachment({ params: { ...(await this.part(project, pst)), messageId, attachmentId } });
    await writeNew(to, bytes);
    this.out.done({ file: to, bytes: bytes.length }, `${size(bytes.length)} are in ${to}.`, to);
  }
}

/** Verbs that look into a finished PST. */
export const contentVerbs: readonly CommandType[] = [ListPartFolders, ListPartMessages, ShowPartMessage, SavePartAttachment];
