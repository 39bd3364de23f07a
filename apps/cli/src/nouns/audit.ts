import { createReadStream } from 'node:fs';
import type { AuditAction } from '@pstream/api';
import { auditHash, auditOutcomes, ChainCheck, readAuditLine, type ChainBreak, type ChainReport } from '@pstream/contracts';
import { errnoOf } from '@pstream/kernel';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { openFile } from '../http/client.js';
import { count, minute } from '../output/format.js';
import type { Column } from '../output/output.js';

const Time = z.iso
  .datetime({ offset: true, error: 'Give a time such as 2026-01-31T12:00:00Z.' })
  .transform((time) => new Date(time).toISOString());
const Id = z.string().min(1);

const OF = {
  installation: option(
    '--installation',
    'The record of the installation: failed sign-ins, and what concerns the system',
    z.boolean().default(false),
  ),
};
const FILTER = {
  ...OF,
  from: option('--from <time>', 'Only what began at this time or later', Time.optional()),
  before: option('--before <time>', 'Only what began before this time', Time.optional()),
  person: option('--person <id>', 'Only what this agent or token did', Id.optional()),
  action: option('--action <operation>', 'Only this operation of the API, such as renameCustomer', Id.optional()),
  object: option('--object <id>', 'Only what was about this thing', Id.optional()),
  outcome: option('--outcome <outcome>', `Only actions that are ${auditOutcomes.join(', ')}`, z.enum(auditOutcomes).optional()),
};

const ofWhat = (installation: boolean): 'installation' | 'workgroup' => (installation ? 'installation' : 'workgroup');

const columns: readonly Column<AuditAction>[] = [
  { title: 'At', exact: ({ at }) => at, human: ({ at }) => minute(at) },
  { title: 'Person', exact: ({ person }) => person, human: ({ who, person }) => who?.name ?? person ?? 'unknown' },
  { title: 'From', exact: ({ from }) => from.forwardedFor ?? from.address },
  { title: 'Action', exact: ({ action }) => action },
  { title: 'Object', exact: ({ objectId }) => objectId, human: ({ object, objectId }) => object?.name ?? objectId ?? '' },
  { title: 'Outcome', exact: ({ outcome }) => outcome },
  { title: 'Code', exact: ({ code }) => code },
  { title: 'Times', exact: (action) => action.count },
  {
    title: 'Changes',
    exact: ({ changes }) =>
      changes.map(({ field, old, new: now, secret }) => (secret === true ? field : `${field}: ${old} > ${now}`)).join('; '),
  },
];

@Verb({ name: 'list', about: 'Lists what was done in your workgroup, newest first' })
class ListAudit extends Command {
  static readonly options = {
    ...FILTER,
    limit: option('--limit <n>', 'Most actions; default: 100', z.coerce.number().int().min(1).max(1_000).default(100)),
  };

  async execute(_args: Args, { installation, limit, ...filter }: Given<typeof ListAudit.options>): Promise<void> {
    const found = await this.client.listAudit({ query: { ...filter, limit, of: ofWhat(installation) } });
    await this.out.list(found, found.items, columns, 'Nothing of that is on record.');
  }
}

@Verb({ name: 'export', about: 'Prints the records as they are stored, a JSON object in each line, or with --csv a file for spreadsheets' })
class ExportAudit extends Command {
  static readonly options = {
    ...FILTER,
    csv: option('--csv', 'As CSV, newest first; only this takes filters', z.boolean().default(false)),
  };

  async execute(_args: Args, { installation, csv, ...filter }: Given<typeof ExportAudit.options>): Promise<void> {
    if (!csv && Object.values(filter).some((value) => value !== undefined))
      throw usageError(
        'Records are exported as a whole, since only all of them can be verified. Filters need --csv.',
        'pstream audit export --csv',
      );
    const of = ofWhat(installation);
    const file = csv
      ? await openFile(this.cli.config, this.cli, 'downloadAuditCsv', { query: { ...filter, of } })
      : await openFile(this.cli.config, this.cli, 'downloadAuditRecords', { query: { of } });
    const text = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const piece of file) this.cli.stdout.write(text.decode(piece, { stream: true }));
  }
}

const Head = z.string().regex(/^[1-9]\d{0,15}:[0-9a-f]{64}$/, 'Give a head as verify prints it: <number>:<hash>.');

/** What each kind of break means. */
const MEANS: Readonly<Record<ChainBreak['what'], string>> = {
  altered: 'is not as it was written',
  missing: 'is missing',
  'out-of-order': 'is where another one was',
  'not-linked': 'does not follow the record before it: one of the two was replaced',
  'other-chain': 'belongs to another chain',
};
const MOST_SHOWN = 20;

@Verb({
  name: 'verify',
  about: 'Checks that no record was removed, altered or moved, in the gateway or in a file that audit export printed (exit 10 if one was)',
  args: '[file]',
})
class VerifyAudit extends Command {
  static readonly options = {
    ...OF,
    head: option('--head <head>', 'A head that was noted before: whether that record is still there, and all before it', Head.optional()),
  };

  async execute([file]: Args, { installation, head }: Given<typeof VerifyAudit.options>): Promise<ExitCode> {
    const bytes =
      file === undefined
        ? await openFile(this.cli.config, this.cli, 'downloadAuditRecords', { query: { of: ofWhat(installation) } })
        : createReadStream(file);
    const report = await checked(bytes, head).catch((error: unknown) => {
      const errno = errnoOf(error);
      throw file === undefined || errno === undefined ? error : usageError(`${file}: cannot be read (${errno}).`);
    });
    const ok = report.breaks.length === 0;
    await this.out.record({ ok, ...report }, report, [
      { title: 'Verdict', exact: () => (ok ? 'ok' : 'broken') },
      { title: 'Records', exact: ({ records }) => records, human: ({ records }) => count(records) },
      { title: 'Head', exact: (one) => one.head },
      { title: 'Breaks', exact: ({ breaks }) => breaks.length },
    ]);
    for (const { seq, what } of report.breaks.slice(0, MOST_SHOWN)) this.cli.stderr.write(`Record ${seq} ${MEANS[what]}.\n`);
    return ok ? EXIT.done : EXIT.withErrors;
  }
}

const checked = async (bytes: AsyncIterable<Uint8Array>, head: string | undefined): Promise<ChainReport> => {
  const check = new ChainCheck(1, head);
  for await (const line of linesOf(bytes)) {
    const stored = readAuditLine(line) ?? { record: line, sha256: '' };
    check.add(stored, auditHash(stored.record));
  }
  return check.report();
};

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const text = new TextDecoder();
  let rest = '';
  for await (const piece of bytes) {
    const lines = (rest + text.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

export const verbs: readonly CommandType[] = [ListAudit, ExportAudit, VerifyAudit];
