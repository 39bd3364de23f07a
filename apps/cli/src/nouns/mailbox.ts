import type { Added } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { statuses } from '@pstream/contracts';
import { amountOf } from '@pstream/kernel';
import { z } from 'zod';
import { readGiven } from '../cli/config.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import type { Cli } from '../cli/cli.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { Statuses } from '../export/selection.js';
import { findMailbox, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { causeText, count, foundText, heldText, minute, size, statusText, yesOrNo } from '../output/format.js';
import { listParts } from '../output/parts.js';
import { waitsText } from '../output/sums.js';
import { changeVerbs } from './mailbox-changes.js';
import { ShowDrift } from './mailbox-drift.js';
import { ListSuperseded } from './mailbox-superseded.js';
import { errorVerbs } from './mailbox-errors.js';
import { PROJECT } from './mailbox-options.js';

const added = async (cli: Cli, projectId: string, result: Added): Promise<typeof EXIT.rejected | undefined> => {
  await shown(result, (query) => cli.client().getProject({ params: { projectId }, query }));
  cli.out.done(
    result,
    `${amountOf(result.added, 'mailbox', 'mailboxes')} added${result.refused > 0 ? `, ${amountOf(result.refused, 'row')} refused` : ''}.`,
    String(result.added),
  );
  for (const { row, column, message } of result.errors)
    cli.stderr.write(`row ${row ?? '?'}${column === '' ? '' : `, ${column}`}: ${message}\n`);
  for (const { row, destination } of result.renamed) cli.stderr.write(`row ${row}: the PST is called ${destination}\n`);
  return result.refused > 0 ? EXIT.rejected : undefined;
};

const RENAME = {
  rename: option('--rename', 'Where a PST name is in use at the destination, take the name that is offered', z.boolean().default(false)),
};

@Verb({ name: 'add', about: 'Adds one mailbox to a project', args: '<project> <source> <destination>' })
class AddMailbox extends Command {
  static readonly options = RENAME;

  async execute(
    [project = '', source = '', destination = '']: Args,
    { rename }: Given<typeof AddMailbox.options>,
  ): Promise<ExitCode | void> {
    const { projectId } = await findProject(this.client, project);
    const body = { items: [{ source, destination }] };
    return added(
      this.cli,
      projectId,
      await this.client.addMailboxes({ params: { projectId }, body, query: { rename: rename ? 'true' : 'false' } }),
    );
  }
}

@Verb({
  name: 'import',
  about: "Adds the mailboxes of a Bulk Add file: MigrationWiz's columns in any case and order, or source and destination",
  args: '<project> <file>',
})
class ImportMailboxes extends Command {
  static readonly options = {
    partial: option('--partial', 'Add the good rows even if others have faults (exit 3 then)', z.boolean().default(false)),
    ...RENAME,
  };

  async execute([project = '', file = '']: Args, { partial, rename }: Given<typeof ImportMailboxes.options>): Promise<ExitCode | void> {
    const bytes = file === '-' ? await this.cli.readStdin() : await readGiven(file);
    const { projectId } = await findProject(this.client, project);
    return added(
      this.cli,
      projectId,
      await this.client.addMailboxes({
        params: { projectId },
        csv: bytes,
        query: { partial: partial ? 'true' : 'false', rename: rename ? 'true' : 'false' },
      }),
    );
  }
}

@Verb({ name: 'list', about: 'Lists the mailboxes of a project', args: '<project>' })
class ListMailboxes extends Command {
  static readonly options = {
    status: option('--status <statuses>', `Only these, separated by commas: ${statuses.join(', ')}`, Statuses.optional()),
    search: option(
      '--search <text>',
      'Only those with this text in the address or the name of the PST, whatever its case and accents',
      z.string().min(1).optional(),
    ),
  };

  async execute([project = '']: Args, { status, search }: Given<typeof ListMailboxes.options>): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const now = this.cli.clock.now();
    const found = await allPages((page) => this.client.listMailboxes({ params: { projectId }, query: { ...page, status, search } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ mailboxJobId }) => mailboxJobId },
        { title: 'Mailbox', exact: ({ source }) => source },
        { title: 'PST', exact: ({ destination }) => destination },
        { title: 'Status', exact: (one) => one.status, human: (one) => statusText(one, now) },
        { title: 'Discovered', exact: ({ totals }) => totals.discovered, human: ({ totals }) => count(totals.discovered) },
        { title: 'Exported', exact: ({ totals }) => totals.exported, human: ({ totals }) => count(totals.exported) },
        { title: 'Skipped', exact: ({ totals }) => totals.skipped, human: ({ totals }) => count(totals.skipped) },
        { title: 'Failed', exact: ({ totals }) => totals.failed, human: ({ totals }) => count(totals.failed) },
        { title: 'Parts', exact: ({ parts }) => parts },
        { title: 'Cause', exact: ({ cause }) => cause?.code ?? null },
        { title: 'As MIME', exact: ({ mime }) => mime, human: ({ mime }) => count(mime) },
        { title: 'Held up by', exact: ({ held }) => held?.code ?? null, human: ({ held }) => heldText(held) },
        {
          title: 'Not listed',
          exact: ({ foldersNotListed }) => foldersNotListed,
          human: ({ foldersNotListed }) => count(foldersNotListed),
        },
        { title: 'With doubts', exact: ({ doubts }) => doubts, human: ({ doubts }) => count(doubts) },
        { title: 'Open errors', exact: ({ openErrors }) => openErrors, human: ({ openErrors }) => count(openErrors) },
        { title: 'Kind', exact: ({ found }) => found?.kind ?? null },
        { title: 'Readable', exact: ({ found }) => yesOrNo(found?.readable) },
      ],
      status === undefined && search === undefined
        ? 'No mailboxes yet. Add some with: pstream mailbox import PROJECT FILE'
        : `No mailbox ${[...(status === undefined ? [] : ['has such a status']), ...(search === undefined ? [] : ['contains this text'])].join(' and ')}.`,
    );
  }
}

@Verb({ name: 'show', about: 'Shows a mailbox: status, sums, checks of the last verification', args: '<mailbox>' })
class ShowMailbox extends Command {
  static readonly options = PROJECT;

  async execute([mailbox = '']: Args, { project }: Given<typeof ShowMailbox.options>): Promise<void> {
    const one = await findMailbox(this.client, mailbox, project);
    const { totals } = one;
    await this.out.record(one, one, [
      { title: 'Id', exact: ({ mailboxJobId }) => mailboxJobId },
      { title: 'Mailbox', exact: ({ source }) => source },
      { title: 'PST', exact: ({ destination }) => destination },
      { title: 'Status', exact: ({ status }) => status, human: (shownOne) => statusText(shownOne, this.cli.clock.now()) },
      { title: 'Found', exact: ({ found }) => found?.kind ?? null, human: ({ found }) => foundText(found) },
      { title: 'Archive', exact: ({ found }) => yesOrNo(found?.archive) },
      { title: 'Readable', exact: ({ found }) => yesOrNo(found?.readable) },
      {
        title: 'Pass',
        exact: ({ pass }) => pass?.kind ?? null,
        human: ({ pass }) => (pass === null ? 'none yet' : `${pass.kind}, number ${pass.number}, started ${minute(pass.startedAt)}`),
      },
      { title: 'Starts', exact: ({ pass }) => pass?.startAt ?? null, human: ({ pass }) => minute(pass?.startAt ?? null) },
      { title: 'Priority', exact: ({ priority }) => priority },
      {
        title: 'Discovered',
        exact: () => totals.discovered,
        human: ({ listing }) => `${count(totals.discovered)}${listing === 'going-on' ? ' found so far' : ''}`,
      },
      { title: 'Exported', exact: () => totals.exported, human: () => count(totals.exported) },
      { title: 'of these as MIME', exact: ({ mime }) => mime, human: ({ mime }) => count(mime) },
      { title: 'of these with doubts', exact: ({ doubts }) => doubts, human: ({ doubts }) => count(doubts) },
      { title: 'Skipped', exact: () => totals.skipped, human: () => count(totals.skipped) },
      { title: 'Failed', exact: () => totals.failed, human: () => count(totals.failed) },
      { title: 'Open errors', exact: ({ openErrors }) => openErrors, human: ({ openErrors }) => count(openErrors) },
      { title: 'Left out', exact: ({ leftOut }) => leftOut, human: ({ leftOut }) => count(leftOut) },
      {
        title: 'Folders not listed',
        exact: ({ foldersNotListed }) => foldersNotListed,
        human: ({ foldersNotListed }) => count(foldersNotListed),
      },
      {
        title: 'Read',
        exact: ({ extracted }) => extracted.bytes,
        human: ({ extracted }) => `${amountOf(extracted.items, 'item')}, ${size(extracted.bytes)}`,
      },
      { title: 'Parts', exact: ({ parts }) => parts },
      {
        title: 'Waited',
        exact: ({ waits }) => Object.values(waits).reduce((sum, { ms }) => sum + ms, 0),
        human: ({ waits }) => waitsText(waits),
      },
      {
        title: 'Held up by',
        exact: ({ held }) => held?.code ?? null,
        human: ({ held }) => `${heldText(held)}${held === null || held.advice === null ? '' : `: ${held.advice}`}`,
      },
      {
        title: 'Last progress',
        exact: ({ progressAt }) => progressAt,
        human: ({ progressAt }) => (progressAt === null ? '' : minute(progressAt)),
      },
      { title: 'Cause', exact: ({ cause }) => causeText(cause) },
      ...one.checks.map(({ step, name, verdict, code, advice }) => ({
        title: `Check ${step} ${name}`,
        exact: () => [verdict, code, advice].filter((part) => part !== null).join(': '),
      })),
    ]);
  }
}

@Verb({ name: 'parts', about: 'Lists the PSTs of a mailbox', args: '<mailbox>' })
class ListMailboxParts extends Command {
  static readonly options = PROJECT;

  async execute([mailbox = '']: Args, { project }: Given<typeof ListMailboxParts.options>): Promise<void> {
    const { mailboxJobId } = await findMailbox(this.client, mailbox, project);
    await listParts(this.cli, (query) => this.client.listMailboxParts({ params: { mailboxJobId }, query }));
  }
}

@Verb({ name: 'passes', about: 'Lists the passes over a mailbox, earlier ones too', args: '<mailbox>' })
class ListPasses extends Command {
  static readonly options = PROJECT;

  async execute([mailbox = '']: Args, { project }: Given<typeof ListPasses.options>): Promise<void> {
    const { mailboxJobId } = await findMailbox(this.client, mailbox, project);
    const found = await this.client.listMailboxPasses({ params: { mailboxJobId } });
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Pass', exact: ({ number }) => number },
        { title: 'Kind', exact: ({ kind }) => kind },
        { title: 'Started', exact: ({ runs }) => runs[0]?.from ?? null, human: ({ runs }) => minute(runs[0]?.from ?? null) },
        { title: 'Ended', exact: ({ runs }) => runs.at(-1)?.to ?? null, human: ({ runs }) => minute(runs.at(-1)?.to ?? null) },
        { title: 'Exported', exact: ({ exported }) => exported, human: ({ exported }) => count(exported) },
        { title: 'Skipped', exact: ({ skipped }) => skipped, human: ({ skipped }) => count(skipped) },
        { title: 'Failed', exact: ({ failed }) => failed, human: ({ failed }) => count(failed) },
        { title: 'State', exact: ({ completed, replaced }) => (replaced ? 'replaced' : completed ? 'completed' : 'not completed') },
      ],
      'No passes yet.',
    );
  }
}

@Verb({ name: 'folders', about: 'Lists the folders of a mailbox with the sum of each', args: '<mailbox>' })
class ListFolders extends Command {
  static readonly options = PROJECT;

  async execute([mailbox = '']: Args, { project }: Given<typeof ListFolders.options>): Promise<void> {
    const { mailboxJobId } = await findMailbox(this.client, mailbox, project);
    const found = await allPages((query) => this.client.listMailboxFolders({ params: { mailboxJobId }, query }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Folder', exact: ({ path }) => path },
        { title: 'Discovered', exact: ({ totals }) => totals.discovered, human: ({ totals }) => count(totals.discovered) },
        { title: 'Exported', exact: ({ totals }) => totals.exported, human: ({ totals }) => count(totals.exported) },
        { title: 'Skipped', exact: ({ totals }) => totals.skipped, human: ({ totals }) => count(totals.skipped) },
        { title: 'Failed', exact: ({ totals }) => totals.failed, human: ({ totals }) => count(totals.failed) },
        { title: 'Still to account for', exact: ({ unaccounted }) => unaccounted, human: ({ unaccounted }) => count(unaccounted) },
        { title: 'Not read', exact: ({ left }) => left },
        { title: 'Mapped to', exact: ({ target }) => target },
        { title: 'As MIME', exact: ({ mime }) => mime, human: ({ mime }) => count(mime) },
        {
          title: 'Not listed because',
          exact: ({ cause }) => cause?.code ?? null,
          human: ({ cause, attempts }) =>
            cause === null ? '' : `${causeText(cause)} (asked for ${attempts === 1 ? 'once' : `${count(attempts)} times`})`,
        },
        { title: 'With doubts', exact: ({ doubts }) => doubts, human: ({ doubts }) => count(doubts) },
      ],
      'No folders listed yet.',
    );
  }
}

export const verbs: readonly CommandType[] = [
  AddMailbox,
  ImportMailboxes,
  ...changeVerbs,
  ListMailboxes,
  ShowMailbox,
  ...errorVerbs,
  ListMailboxParts,
  ListPasses,
  ListFolders,
  ShowDrift,
  ListSuperseded,
];
