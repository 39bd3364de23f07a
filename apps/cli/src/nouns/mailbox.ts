import type { Added } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { statuses } from '@pstream/contracts';
import { z } from 'zod';
import { readGiven } from '../cli/config.js';
import { EXIT } from '../cli/exit-codes.js';
import type { Cli } from '../cli/cli.js';
import { verb, type Verb } from '../cli/verb.js';
import { Statuses } from '../export/selection.js';
import { findMailbox, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { causeText, count, heldText, minute, size, statusText } from '../output/format.js';
import { listParts } from '../output/parts.js';
import { waitsText } from '../output/sums.js';
import { changeVerbs } from './mailbox-changes.js';
import { errorVerbs } from './mailbox-errors.js';
import { InProject, PROJECT } from './mailbox-options.js';

const added = async (cli: Cli, projectId: string, result: Added): Promise<typeof EXIT.rejected | undefined> => {
  await shown(result, (query) => cli.client().getProject({ params: { projectId }, query }));
  cli.out.done(
    result,
    `${count(result.added)} mailboxes added${result.refused > 0 ? `, ${count(result.refused)} rows refused` : ''}.`,
    String(result.added),
  );
  for (const { row, column, message } of result.errors)
    cli.stderr.write(`row ${row ?? '?'}${column === '' ? '' : `, ${column}`}: ${message}\n`);
  for (const { row, destination } of result.renamed) cli.stderr.write(`row ${row}: the PST is called ${destination}\n`);
  return result.refused > 0 ? EXIT.rejected : undefined;
};

const RENAME = { rename: ['--rename', 'Where a PST name is in use at the destination, take the name that is offered'] } as const;
const renameField = { rename: z.boolean().default(false) };

export const verbs: readonly Verb[] = [
  verb({
    verb: 'add',
    about: 'Adds one mailbox to a project',
    args: '<project> <source> <destination>',
    flags: RENAME,
    options: z.strictObject(renameField),
    run: async (cli, [project = '', source = '', destination = ''], { rename }) => {
      const { projectId } = await findProject(cli.client(), project);
      const body = { items: [{ source, destination }] };
      return added(
        cli,
        projectId,
        await cli.client().addMailboxes({ params: { projectId }, body, query: { rename: rename ? 'true' : 'false' } }),
      );
    },
  }),
  verb({
    verb: 'import',
    about: "Adds the mailboxes of a Bulk Add file: MigrationWiz's columns in any case and order, or source and destination",
    args: '<project> <file>',
    flags: { partial: ['--partial', 'Add the good rows even if others have faults (exit 3 then)'], ...RENAME },
    options: z.strictObject({ partial: z.boolean().default(false), ...renameField }),
    run: async (cli, [project = '', file = ''], { partial, rename }) => {
      const bytes = file === '-' ? await cli.readStdin() : await readGiven(file);
      const { projectId } = await findProject(cli.client(), project);
      return added(
        cli,
        projectId,
        await cli.client().addMailboxes({
          params: { projectId },
          csv: bytes,
          query: { partial: partial ? 'true' : 'false', rename: rename ? 'true' : 'false' },
        }),
      );
    },
  }),
  ...changeVerbs,
  verb({
    verb: 'list',
    about: 'Lists the mailboxes of a project',
    args: '<project>',
    flags: {
      status: ['--status <statuses>', `Only these, separated by commas: ${statuses.join(', ')}`],
      search: ['--search <text>', 'Only those with this text in the address or the name of the PST, whatever its case and accents'],
    },
    options: z.strictObject({ status: Statuses.optional(), search: z.string().min(1).optional() }),
    run: async (cli, [project = ''], { status, search }) => {
      const { projectId } = await findProject(cli.client(), project);
      const found = await allPages((page) => cli.client().listMailboxes({ params: { projectId }, query: { ...page, status, search } }));
      await cli.out.list(
        found,
        found.items,
        [
          { title: 'Id', exact: ({ mailboxJobId }) => mailboxJobId },
          { title: 'Mailbox', exact: ({ source }) => source },
          { title: 'PST', exact: ({ destination }) => destination },
          { title: 'Status', exact: (one) => one.status, human: statusText },
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
        ],
        status === undefined && search === undefined
          ? 'No mailboxes yet. Add some with: pstream mailbox import PROJECT FILE'
          : `No mailbox ${[...(status === undefined ? [] : ['has such a status']), ...(search === undefined ? [] : ['contains this text'])].join(' and ')}.`,
      );
    },
  }),
  verb({
    verb: 'show',
    about: 'Shows a mailbox: status, sums, checks of the last verification',
    args: '<mailbox>',
    flags: PROJECT,
    options: InProject,
    run: async (cli, [mailbox = ''], { project }) => {
      const one = await findMailbox(cli.client(), mailbox, project);
      const { totals } = one;
      await cli.out.record(one, one, [
        { title: 'Id', exact: ({ mailboxJobId }) => mailboxJobId },
        { title: 'Mailbox', exact: ({ source }) => source },
        { title: 'PST', exact: ({ destination }) => destination },
        { title: 'Status', exact: ({ status }) => status, human: statusText },
        {
          title: 'Pass',
          exact: ({ pass }) => pass?.kind ?? null,
          human: ({ pass }) => (pass === null ? 'none yet' : `${pass.kind}, number ${pass.number}, started ${minute(pass.startedAt)}`),
        },
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
          human: ({ extracted }) => `${count(extracted.items)} items, ${size(extracted.bytes)}`,
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
    },
  }),
  ...errorVerbs,
  verb({
    verb: 'parts',
    about: 'Lists the PSTs of a mailbox',
    args: '<mailbox>',
    flags: PROJECT,
    options: InProject,
    run: async (cli, [mailbox = ''], { project }) => {
      const { mailboxJobId } = await findMailbox(cli.client(), mailbox, project);
      await listParts(cli, (query) => cli.client().listMailboxParts({ params: { mailboxJobId }, query }));
    },
  }),
  verb({
    verb: 'folders',
    about: 'Lists the folders of a mailbox with the sum of each',
    args: '<mailbox>',
    flags: PROJECT,
    options: InProject,
    run: async (cli, [mailbox = ''], { project }) => {
      const { mailboxJobId } = await findMailbox(cli.client(), mailbox, project);
      const found = await allPages((query) => cli.client().listMailboxFolders({ params: { mailboxJobId }, query }));
      await cli.out.list(
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
    },
  }),
];
