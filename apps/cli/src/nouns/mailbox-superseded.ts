import type { SupersededItem } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { csvLine } from '@pstream/kernel';
import { z } from 'zod';
import { Command, Verb, type Args } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findMailbox } from '../http/resolve.js';
import { minute, size } from '../output/format.js';

const HEADER = csvLine([
  'What',
  'State',
  'Folder',
  'Moved to',
  'Type',
  'Date',
  'Size (bytes)',
  'Pass',
  'PST',
  'Newer pass',
  'Newer PST',
  'Item Id',
]);

const lineOf = ({ what, state, folder, to, itemType, itemDate, sizeBytes, pass, part, newPass, newPart, itemId }: SupersededItem): string =>
  csvLine([
    what,
    state,
    folder,
    to ?? '',
    itemType,
    itemDate ?? '',
    String(sizeBytes),
    String(pass),
    part ?? '',
    newPass === null ? '' : String(newPass),
    newPart ?? '',
    itemId,
  ]);

@Verb({
  name: 'superseded',
  about: 'Lists the copies in PSTs of which the mailbox has a newer version, or none any more, as export start --update found them',
  args: '<project> <mailbox>',
})
export class ListSuperseded extends Command {
  static readonly options = { csv: option('--csv', 'As a CSV file', z.boolean().default(false)) };

  async execute([project = '', mailbox = '']: Args, { csv }: Given<typeof ListSuperseded.options>): Promise<void> {
    const { mailboxJobId, pass } = await findMailbox(this.client, mailbox, project);
    const found = await allPages((query) => this.client.listSuperseded({ params: { mailboxJobId }, query }));
    if (csv && !this.cli.json) {
      this.cli.stdout.write(`\uFEFF${HEADER}${found.items.map(lineOf).join('')}`);
      return;
    }
    await this.out.list(
      found,
      found.items,
      [
        { title: 'What', exact: ({ what }) => what },
        { title: 'State', exact: ({ state }) => state },
        { title: 'Folder', exact: ({ folder }) => folder },
        { title: 'Moved to', exact: ({ to }) => to },
        { title: 'Type', exact: ({ itemType }) => itemType },
        { title: 'Date', exact: ({ itemDate }) => itemDate, human: ({ itemDate }) => minute(itemDate) },
        { title: 'Size', exact: ({ sizeBytes }) => sizeBytes, human: ({ sizeBytes }) => size(sizeBytes) },
        { title: 'Pass', exact: ({ pass }) => pass },
        { title: 'PST', exact: ({ part }) => part },
        { title: 'Newer pass', exact: ({ newPass }) => newPass },
        { title: 'Newer PST', exact: ({ newPart }) => newPart },
      ],
      pass?.endedAt === null
        ? 'An update lists older copies when it has ended, and a pass of this mailbox is under way.'
        : 'No update has found an older copy in the PSTs of this mailbox: see pstream export start --update.',
    );
  }
}
