import type { Drift } from '@pstream/api';
import { withMoves, type DriftItem } from '@pstream/contracts';
import { csvLine } from '@pstream/kernel';
import { z } from 'zod';
import { Command, Verb, type Args } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findMailbox } from '../http/resolve.js';
import { count, minute, size } from '../output/format.js';

const HEADER = csvLine(['What', 'Folder', 'Moved to', 'Type', 'Date', 'Size (bytes)', 'Exported as of', 'Changed at', 'Item Id']);

const lineOf = ({ what, folder, to, itemType, itemDate, sizeBytes, exportedAsOf, changedAt, itemId }: DriftItem): string =>
  csvLine([what, folder, to ?? '', itemType, itemDate ?? '', String(sizeBytes), exportedAsOf ?? '', changedAt ?? '', itemId]);

@Verb({
  name: 'drift',
  about: 'Lists what was changed, moved, deleted or added in a mailbox since its export; asks the tenant and changes nothing',
  args: '<project> <mailbox>',
})
export class ShowDrift extends Command {
  static readonly options = { csv: option('--csv', 'As a CSV file', z.boolean().default(false)) };

  async execute([project = '', mailbox = '']: Args, { csv }: Given<typeof ShowDrift.options>): Promise<void> {
    const { mailboxJobId } = await findMailbox(this.client, mailbox, project);
    const drift = await this.#read(mailboxJobId);
    for (const { folder, cause } of drift.notes)
      this.cli.stderr.write(
        `${folder}: not compared to its end. ${[cause.advice, `(${cause.code})`].filter((part) => part !== undefined).join(' ')}\n`,
      );
    if (csv && !this.cli.json) {
      this.cli.stdout.write(`\uFEFF${HEADER}${drift.items.map(lineOf).join('')}`);
      return;
    }
    await this.out.list(
      drift,
      drift.items,
      [
        { title: 'What', exact: ({ what }) => what },
        { title: 'Folder', exact: ({ folder }) => folder },
        { title: 'Moved to', exact: ({ to }) => to },
        { title: 'Type', exact: ({ itemType }) => itemType },
        { title: 'Date', exact: ({ itemDate }) => itemDate, human: ({ itemDate }) => minute(itemDate) },
        { title: 'Size', exact: ({ sizeBytes }) => sizeBytes, human: ({ sizeBytes }) => size(sizeBytes) },
        { title: 'Exported as of', exact: ({ exportedAsOf }) => exportedAsOf, human: ({ exportedAsOf }) => minute(exportedAsOf) },
        { title: 'Changed at', exact: ({ changedAt }) => changedAt, human: ({ changedAt }) => minute(changedAt) },
      ],
      `Nothing has changed since the pass of ${minute(drift.startedAt)}, as far as the folders could be compared.`,
    );
  }

  /** Every page, with moved items joined: such an item is gone on one page and new on another. */
  async #read(mailboxJobId: string): Promise<Omit<Drift, 'next'>> {
    const items: DriftItem[] = [];
    const notes: Drift['notes'] = [];
    for (let cursor: string | undefined; ; ) {
      const page: Drift = await this.client.getMailboxDrift({ params: { mailboxJobId }, query: cursor === undefined ? {} : { cursor } });
      items.push(...page.items);
      notes.push(...page.notes);
      const { passId, startedAt, folders } = page;
      if (page.next === null) return { passId, startedAt, folders, items: withMoves(items), notes };
      cursor = page.next;
      if (this.cli.stderr.isTTY === true) this.cli.stderr.write(`${count(folders.done)} of ${count(folders.total)} folders compared\n`);
    }
  }
}
