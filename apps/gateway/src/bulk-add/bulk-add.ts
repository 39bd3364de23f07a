import { Inject, Injectable } from '@nestjs/common';
import { problemOfRejection, textOf, type Added, type FieldFault } from '@pstream/api';
import { sameAddress, samePartName, type LineItem } from '@pstream/contracts';
import type { Facts } from '@pstream/kernel';
import { ask, dealtFrom, dealtKey, type LogClient } from '@pstream/transport';
import { COMMANDS } from '@pstream/wiring';
import { problem, ProblemError } from '../door/problem.js';
import type { Caller } from '../door/http.js';
import { NameHolders, type Tell } from '../read/name-holders.js';
import { idFor, Sender, stepOf, type Intent } from '../send/sender.js';
import { judge, type Columns, type Row, type Taken } from './rows.js';

/** Rows as a door read them, with the faults it found itself. */
export type Given = { readonly rows: readonly Row[]; readonly columns: Columns; readonly faults: readonly FieldFault[] };

/** Bytes of one command, well below what a record of the log may hold. */
const COMMAND_BYTES = 2 * 1024 * 1024;

/** Names of each kind in one question, which is then smaller than a command. */
const NAMES_AT_ONCE = 2_500;

const NOTHING_TAKEN: Taken = { sources: new Set(), destinations: new Set() };

/** Whether the good rows are added although others have faults, and whether a name that is taken at the destination gives way to a free one. */
export type How = { readonly partial: boolean; readonly rename: boolean };

/** The same, with what the columns are called and what the caller may be told. */
type Way = How & { readonly columns: Columns; readonly tell: Tell };

type Sent = {
  readonly accepted?: { readonly stream: string; readonly version: number };
  readonly added: number;
  readonly renamed: Added['renamed'];
  readonly faults: readonly FieldFault[];
};

type Batch = { readonly rows: Row[]; readonly items: LineItem[] };

/** Adds mailboxes to a project: all rows or, if `partial`, the good ones; every fault is reported at once by row and column. */
@Injectable()
export class BulkAdd {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(NameHolders) private readonly holders: NameHolders,
  ) {}

  /** Problems 'bulk-add.rows-at-fault', 'bulk-add.no-good-row' (400), 'project.line-items-conflict' (409), 'project.unknown' (404).
   *  A file too large for one command travels in several; a conflict that only then appears leaves the earlier ones added. */
  async add(caller: Caller, projectId: string, given: Given, { partial, rename }: How): Promise<Added> {
    const intent = this.sender.intent(caller);
    const how: Way = { partial, rename, columns: given.columns, tell: this.holders.tellFor(caller) };
    const spoilt = new Set(given.faults.flatMap(({ row }) => (row === undefined ? [] : [row])));
    const { good, faults: found } = judge(given.rows, given.columns, await this.#taken(intent, projectId, given), spoilt);
    const faults = [...given.faults, ...found].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
    if (faults.length > 0 && !partial) {
      throw problem('bulk-add.rows-at-fault', 400, { faults: faults.length, rows: new Set(faults.map(({ row }) => row)).size }, faults);
    }
    if (good.length === 0) throw problem('bulk-add.no-good-row', 400, {}, faults);
    let last: { readonly stream: string; readonly version: number } | undefined;
    let added = 0;
    const renamed: Added['renamed'] = [];
    for (const [at, batch] of batches(intent, good).entries()) {
      const outcome = await this.#send(at === 0 ? intent : stepOf(intent, 'batch', at), projectId, batch, how);
      faults.push(...outcome.faults);
      last = outcome.accepted ?? last;
      added += outcome.added;
      renamed.push(...outcome.renamed);
    }
    if (last === undefined) throw problem('bulk-add.no-good-row', 400, {}, faults);
    return {
      id: projectId,
      ...last,
      added,
      refused: given.rows.length + given.faults.filter(({ code }) => code === 'row.columns').length - added,
      renamed,
      errors: faults,
    };
  }

  /** Which of the names of the rows the project has, but for what this very intent added when it was sent before. Only names that can be names are
   *  asked for: what else stands in a cell goes no further. */
  async #taken(intent: Intent, projectId: string, { rows, columns }: Given): Promise<Taken> {
    const own = new Set(rows.map(mailboxIds(intent)));
    const { faults } = judge(rows, columns, NOTHING_TAKEN);
    const wrong = new Set(faults.map(({ row, column }) => `${row} ${column}`));
    const cells = (column: 'source' | 'destination'): string[] =>
      rows.flatMap((row) => (wrong.has(`${row.row} ${columns[column]}`) ? [] : [row[column].trim()]));
    const taken = { sources: new Set<string>(), destinations: new Set<string>() };
    const [sources, destinations] = [cells('source'), cells('destination')];
    for (let from = 0; from < Math.max(sources.length, destinations.length); from += NAMES_AT_ONCE) {
      const names = { sources: sources.slice(from, from + NAMES_AT_ONCE), destinations: destinations.slice(from, from + NAMES_AT_ONCE) };
      const held = await ask(this.commands, 'projects', 'TakenNames', { projectId, ...names });
      for (const [at, holder] of held.sources) if (!own.has(holder)) taken.sources.add(sameAddress(names.sources[at] ?? ''));
      for (const [at, holder] of held.destinations)
        if (!own.has(holder)) taken.destinations.add(samePartName(names.destinations[at] ?? ''));
    }
    return taken;
  }

  async #send(intent: Intent, projectId: string, batch: Batch, how: Way): Promise<Sent> {
    const { rows, items } = batch;
    const reply = await this.sender.ask(intent, 'projects', 'AddLineItems', { projectId, items });
    if (reply.accepted) return { accepted: { stream: reply.stream, version: reply.version }, added: items.length, renamed: [], faults: [] };
    const { code, facts } = reply.rejection;
    const offers = how.rename ? offersIn(facts) : new Map<number, string>();
    if (offers.size > 0) {
      const other = items.map((item, at) => ({ ...item, destination: offers.get(at) ?? item.destination }));
      // Once: a name that is taken meanwhile is a conflict like any other.
      const sent = await this.#send(stepOf(intent, 'renamed'), projectId, { rows, items: other }, { ...how, rename: false });
      const left = new Set(sent.faults.map(({ row }) => row));
      const renamed = [...offers].flatMap(([at, destination]) => {
        const row = rows[at]?.row;
        return row === undefined || left.has(row) ? [] : [{ row, destination }];
      });
      return { ...sent, renamed: [...sent.renamed, ...renamed] };
    }
    const faults = await conflictsOf(facts, rows, how);
    if (!how.partial || faults.length === 0) throw new ProblemError(problemOfRejection({ code, facts: {} }, faults));
    // Somebody else added some of them since the project was read.
    const refused = new Set(faults.map(({ row }) => row));
    const keep = items.flatMap((item, at) => (refused.has(rows[at]?.row) ? [] : [{ item, row: rows[at] as Row }]));
    if (keep.length === 0) return { added: 0, renamed: [], faults };
    const rest = { rows: keep.map(({ row }) => row), items: keep.map(({ item }) => item) };
    const again = await this.#send(stepOf(intent, 'without-conflicts'), projectId, rest, how);
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

/** `<position>:<field>:<code>` of the domain; where a PST name is taken also a name to take instead, and the mailbox that holds it. */
const partsOf = (
  facts: Facts,
): {
  readonly at: number;
  readonly field: string;
  readonly code: string;
  readonly offer: string | undefined;
  readonly holder: string | undefined;
}[] => {
  const conflicts = facts['conflicts'];
  if (!Array.isArray(conflicts)) return [];
  return conflicts.map((conflict) => {
    const [position = '', field = '', code = '', offer, holder] = String(conflict).split(':');
    return { at: Number(position), field, code, offer, holder };
  });
};

const conflictsOf = async (facts: Facts, rows: readonly Row[], { columns, tell }: Way): Promise<FieldFault[]> => {
  const faults: FieldFault[] = [];
  for (const { at, field, code, offer, holder } of partsOf(facts)) {
    const row = rows[at]?.row;
    if (row === undefined) continue;
    const known = { ...(offer === undefined ? {} : { offer }), ...(holder === undefined ? {} : { holder }) };
    const { words } = await tell({ code, facts: known });
    faults.push({ row, column: field === 'source' ? columns.source : columns.destination, code, message: textOf(code, words).detail });
  }
  return faults;
};

const offersIn = (facts: Facts): Map<number, string> =>
  new Map(partsOf(facts).flatMap(({ at, offer }) => (offer === undefined ? [] : [[at, offer] as const])));
