import type { Operation, OperationPart, OperationRow } from '@pstream/api';
import { rowsOf, WAIT_SECONDS } from '@pstream/api/client';
import { z } from 'zod';
import { confirmed, YES } from '../cli/confirmed.js';
import { Command, Verb, type Args } from '../cli/command.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { carriedOut } from '../http/operation.js';
import { findProject } from '../http/resolve.js';
import { count, size } from '../output/format.js';
import { plain, type Column } from '../output/output.js';

/** A PST of the end statement, with the mailbox that it is of. */
type Line = OperationPart & { readonly source: string };

const columns: readonly Column<Line>[] = [
  { title: 'Mailbox', exact: ({ source }) => source },
  { title: 'PST', exact: ({ name }) => name },
  { title: 'Container', exact: ({ container }) => container },
  { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
  { title: 'Became', exact: ({ is }) => is },
  { title: 'Why', exact: ({ reason }) => reason?.code ?? null, human: ({ reason }) => reason?.title ?? '' },
];

@Verb({
  name: 'close',
  about:
    'Closes a project: no pass starts any more. Licences stay with their users, history and reports stay, and so do PSTs unless you say otherwise',
  args: '<project>',
})
export class CloseProject extends Command {
  static readonly options = {
    deleteBlobs: option(
      '--delete-blobs',
      'Delete the PSTs that this project wrote, each only if it is unchanged; whatever else is in the container stays',
      z.boolean().default(false),
    ),
    dryRun: option('--dry-run', 'Close and delete nothing; list what would become of each PST', z.boolean().default(false)),
    ...YES,
  };

  async execute([project = '']: Args, { deleteBlobs, dryRun, yes }: Given<typeof CloseProject.options>): Promise<ExitCode> {
    const { client } = this;
    const { projectId, name, type } = await findProject(client, project);
    if (!dryRun)
      confirmed(yes, `close the project ${name} for good, and ${deleteBlobs ? 'delete the PSTs that it wrote' : 'keep its PSTs'}`);
    const body = { parts: deleteBlobs ? ('delete' as const) : ('keep' as const), dryRun };
    const operation = await carriedOut(
      this.cli,
      client,
      await client.closeProject({ params: { projectId }, body, waitSeconds: WAIT_SECONDS }),
    );
    if (type !== 'discovery') return this.#print(name, operation, dryRun);
    this.out.done(operation, `${headOf(name, dryRun)}. What was uploaded stays.`, operation.operationId);
    return EXIT.done;
  }

  async #print(name: string, operation: Operation, dryRun: boolean): Promise<ExitCode> {
    const [accepted, rejected] = [await rowsOf(this.client, operation, 'accepted'), await rowsOf(this.client, operation, 'rejected')];
    const lines = accepted.flatMap(({ source, parts }) => (parts ?? []).map((part) => ({ ...part, source })));
    const kept = lines.filter(({ reason }) => reason !== null);
    await this.out.list({ ...operation, accepted, rejected }, lines, columns, 'The project has no PSTs.');
    if (!this.cli.json) {
      this.cli.stderr.write(`${sentence(name, dryRun, lines)}\n`);
      for (const line of kept) this.#say(`${line.name}: ${line.reason?.detail ?? ''}`);
      for (const row of rejected) this.#say(`${row.source}: ${reasonOf(row)}`);
    }
    return kept.length === 0 && rejected.length === 0 ? EXIT.done : EXIT.rejected;
  }

  #say(text: string): void {
    this.cli.stderr.write(`${plain(text, '\uFFFD')}\n`);
  }
}

const reasonOf = ({ reason }: OperationRow): string =>
  reason === null ? '' : `${reason.title}. ${reason.detail} Close the project again for this mailbox.`;

const headOf = (name: string, dryRun: boolean): string => `Project ${name} ${dryRun ? 'would be' : 'is'} closed`;

/** The sums of the statement. */
const sentence = (name: string, dryRun: boolean, lines: readonly Line[]): string => {
  const sums = (['deleted', 'would-delete', 'gone', 'kept'] as const).flatMap((is) => {
    const some = lines.filter((line) => line.is === is);
    if (some.length === 0) return [];
    const bytes = some.reduce((sum, line) => sum + line.bytes, 0);
    return [
      `${count(some.length)} ${is === 'would-delete' ? 'would be deleted' : is === 'gone' ? 'not there any more' : is} (${size(bytes)})`,
    ];
  });
  return `${headOf(name, dryRun)}. PSTs: ${sums.length === 0 ? 'none' : sums.join(', ')}.`;
};
