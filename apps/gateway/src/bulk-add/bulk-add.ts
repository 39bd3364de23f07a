import { Inject, Injectable } from '@nestjs/common';
import { problemOfRejection, textOf, type Added, type FieldFault } from '@pstream/api';
import type { LineItem } from '@pstream/contracts';
import type { Facts } from '@pstream/kernel';
import { dealtFrom, dealtKey } from '@pstream/transport';
import { problem, ProblemError } from '../door/problem.js';
import { Views } from '../read/views.js';
import { idFor, Sender, stepOf, type Intent } from '../send/sender.js';
import { destinationKey, judge, sourceKey, type Columns, type Row, type Taken } from './rows.js';

/** Rows as a door read them, with the faults it found itself. */
export type Given = { readonly rows: readonly Row[]; readonly columns: Columns; readonly faults: readonly FieldFault[] };

/** Bytes of one command, well below what a record of the log may hold. */
const COMMAND_BYTES = 2 * 1024 * 1024;

type Batch = { readonly rows: Row[]; readonly items: LineItem[] };

/** Adds mailboxes to a project: all rows or, if `partial`, the good ones; every fault is told at once by row and column. */
@Injectable()
export class BulkAdd {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
  ) {}

  /** Problems 'bulk-add.rows-at-fault', 'bulk-add.no-good-row' (400), 'project.line-items-conflict' (409), 'project.unknown' (404).
   *  A file too large for one command travels in several; a conflict that only then appears leaves the earlier ones added. */
  async add(intent: Intent, projectId: string, given: Given, partial: boolean): Promise<Added> {
    const spoilt = new Set(given.faults.flatMap(({ row }) => (row === undefined ? [] : [row])));
    const { good, faults: found } = judge(given.rows, given.columns, await this.#taken(intent, projectId, given.rows), spoilt);
    const faults = [...given.faults, ...found].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
    if (faults.length > 0 && !partial) {
      throw problem('bulk-add.rows-at-fault', 400, { faults: faults.length, rows: new Set(faults.map(({ row }) => row)).size }, faults);
    }
    if (good.length === 0) throw problem('bulk-add.no-good-row', 400, {}, faults);
    let last: { readonly stream: string; readonly version: number } | undefined;
    let added = 0;
    for (const [at, batch] of batches(intent, good).entries()) {
      const outcome = await this.#send(at === 0 ? intent : stepOf(intent, 'batch', at), projectId, batch, given.columns, partial);
      faults.push(...outcome.faults);
      last = outcome.accepted ?? last;
      added += outcome.added;
    }
    if (last === undefined) throw problem('bulk-add.no-good-row', 400, {}, faults);
    return {
      id: projectId,
      ...last,
      added,
      refused: given.rows.length + given.faults.filter(({ code }) => code === 'row.columns').length - added,
      errors: faults,
    };
  }

  /** What the project has, but for what this very intent added when it was sent before. */
  async #taken(intent: Intent, projectId: string, rows: readonly Row[]): Promise<Taken> {
    const own = new Set(rows.map(mailboxIds(intent)));
    const sources = new Set<string>();
    const destinations = new Set<string>();
    for await (const { mailboxJobId, source, destination } of this.views.mailboxesOf(projectId)) {
      if (own.has(mailboxJobId)) continue;
      sources.add(sourceKey(source));
      destinations.add(destinationKey(destination));
    }
    return { sources, destinations };
  }

  async #send(
    intent: Intent,
    projectId: string,
    { rows, items }: Batch,
    columns: Columns,
    partial: boolean,
  ): Promise<{
    readonly accepted?: { readonly stream: string; readonly version: number };
    readonly added: number;
    readonly faults: readonly FieldFault[];
  }> {
    const reply = await this.sender.ask(intent, 'projects', 'AddLineItems', { projectId, items });
    if (reply.accepted) return { accepted: { stream: reply.stream, version: reply.version }, added: items.length, faults: [] };
    const faults = conflictsOf(reply.rejection.facts, rows, columns);
    if (!partial || faults.length === 0) throw new ProblemError(problemOfRejection({ code: reply.rejection.code, facts: {} }, faults));
    // Somebody else added some of them since the project was read.
    const refused = new Set(faults.map(({ row }) => row));
    const keep = items.flatMap((item, at) => (refused.has(rows[at]?.row) ? [] : [{ item, row: rows[at] as Row }]));
    if (keep.length === 0) return { added: 0, faults };
    const again = await this.#send(
      stepOf(intent, 'without-conflicts'),
      projectId,
      { rows: keep.map(({ row }) => row), items: keep.map(({ item }) => item) },
      columns,
      partial,
    );
    return { ...again, faults: [...faults, ...again.faults] };
  }
}

/** Ids of the mailboxes that an intent adds. They are keys of the log, and dealt out over its partitions, so that workers get equal shares. */
const mailboxIds = (intent: Intent): ((row: Row) => string) => {
  const first = dealtFrom(intent.commandId);
  return ({ row }) => dealtKey(idFor(intent, 'mailbox', row), first + row);
};

const batches = (intent: Intent, rows: readonly Row[]): Batch[] => {
  const made: Batch[] = [];
  const idOf = mailboxIds(intent);
  let bytes = Infinity;
  for (const row of rows) {
    const item: LineItem = { mailboxJobId: idOf(row), source: row.source, destination: row.destination };
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes + size > COMMAND_BYTES) {
      made.push({ rows: [], items: [] });
      bytes = 0;
    }
    made.at(-1)?.rows.push(row);
    made.at(-1)?.items.push(item);
    bytes += size;
  }
  return made;
};

/** `<position>:<field>:<code>` of the domain, as faults of rows. */
const conflictsOf = (facts: Facts, rows: readonly Row[], columns: Columns): FieldFault[] => {
  const conflicts = facts['conflicts'];
  if (!Array.isArray(conflicts)) return [];
  return conflicts.flatMap((conflict) => {
    const [position = '', field = '', code = ''] = String(conflict).split(':');
    const row = rows[Number(position)]?.row;
    return row === undefined
      ? []
      : [{ row, column: field === 'source' ? columns.source : columns.destination, code, message: textOf(code, {}).detail }];
  });
};
