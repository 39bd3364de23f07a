import { z } from 'zod';
import { writeGiven } from '../cli/config.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findProject } from '../http/resolve.js';
import { minute } from '../output/format.js';

@Verb({
  name: 'share',
  about: 'Makes a link that shows the report of a project to whoever has it, and prints it this once',
  args: '<project>',
})
class ShareReport extends Command {
  static readonly options = {
    days: option(
      '--days <n>',
      'Days until it shows nothing any more; default 7, at most 90',
      z.coerce.number().int().min(1).max(90).default(7),
    ),
  };

  async execute([project = '']: Args, { days }: Given<typeof ShareReport.options>): Promise<void> {
    const { projectId, name } = await findProject(this.client, project);
    const made = await this.client.createReportLink({ params: { projectId }, body: { days } });
    const address = new URL(made.path, this.cli.config.url).href;
    this.out.done({ ...made, address }, `The report of ${name}, until ${minute(made.expiresAt)}, shown this once: ${address}`, address);
  }
}

@Verb({ name: 'links', about: 'Lists the open links to the report of a project', args: '<project>' })
class ListReportLinks extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const found = await this.client.listReportLinks({ params: { projectId } });
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ linkId }) => linkId },
        { title: 'Made by', exact: ({ madeBy }) => madeBy },
        { title: 'Made', exact: ({ createdAt }) => createdAt, human: ({ createdAt }) => minute(createdAt) },
        { title: 'Expires', exact: ({ expiresAt }) => expiresAt, human: ({ expiresAt }) => minute(expiresAt) },
      ],
      'No open links.',
    );
  }
}

@Verb({ name: 'unshare', about: 'Revokes a link to the report of a project, at once', args: '<project> <link>' })
class RevokeReportLink extends Command {
  async execute([project = '', linkId = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    await this.client.revokeReportLink({ params: { projectId, linkId } });
    this.out.done({ linkId }, 'The link shows nothing any more.', linkId);
  }
}

@Verb({ name: 'shared', about: 'Saves the report that a link leads to, as whoever has the link sees it', args: '<address>' })
class SaveSharedReport extends Command {
  static readonly options = {
    html: option('--html <file>', 'The file to write it to (- for standard output)', z.string().min(1).default('-')),
  };

  async execute([address = '']: Args, { html: file }: Given<typeof SaveSharedReport.options>): Promise<void> {
    const secret = address.split('/').at(-1) ?? '';
    const page = await this.client.openReportLink({ params: { secret } });
    if (file === '-') return void this.cli.stdout.write(page);
    await writeGiven(file, page);
    this.out.done({ file }, `The report is in ${file}.`, file);
  }
}

/** Links that show a report. */
export const linkVerbs: readonly CommandType[] = [ShareReport, ListReportLinks, RevokeReportLink, SaveSharedReport];
