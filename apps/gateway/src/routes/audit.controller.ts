import { Readable } from 'node:stream';
import { Controller, Inject, StreamableFile } from '@nestjs/common';
import { AuditAction } from '@pstream/api';
import { auditLine, INSTALLATION_CHAIN, VIEWS } from '@pstream/contracts';
import { csvLine } from '@pstream/kernel';
import type { Filter } from '@pstream/projections';
import { ask, type LogClient } from '@pstream/transport';
import { COMMANDS } from '@pstream/wiring';
import type { Principal } from '../door/http.js';
import { missing } from '../door/operation-at.js';
import { Handles, Request, type Answered, type Asked } from '../door/route.js';
import { csvFile } from '../read/csv.js';
import { Views } from '../read/views.js';

const HEADER =
  'At,Ended,Person,Name,Role,Token,Session,Address,Forwarded for,Action,Kind,Object,Object name,Outcome,Status,Code,Times,Changes';
const AT_ONCE = 500;
const NEWEST_FIRST = '-at';

type Wanted = Omit<Asked<'listAudit'>['query'], 'limit' | 'cursor'>;

/** What people did. */
@Controller()
export class AuditController {
  constructor(
    @Inject(Views) private readonly views: Views,
    @Inject(COMMANDS) private readonly commands: LogClient,
  ) {}

  @Handles('listAudit')
  async list(@Request() { caller, query: { limit, cursor, ...wanted } }: Asked<'listAudit'>): Promise<Answered<'listAudit'>> {
    return this.views.page(VIEWS.audit, AuditAction, filterOf(caller.principal, wanted), { limit, cursor }, NEWEST_FIRST);
  }

  @Handles('downloadAuditCsv')
  async csv(@Request() { caller, query }: Asked<'downloadAuditCsv'>): Promise<StreamableFile> {
    return csvFile('audit.csv', HEADER, this.#lines(filterOf(caller.principal, query)));
  }

  @Handles('downloadAuditRecords')
  async records(@Request() { caller, query: { of } }: Asked<'downloadAuditRecords'>): Promise<StreamableFile> {
    const records = Readable.from(this.#records(chainFor(caller.principal, of)));
    return new StreamableFile(records, { type: 'application/x-ndjson; charset=utf-8', disposition: 'attachment; filename="audit.jsonl"' });
  }

  async *#lines(filter: Filter): AsyncGenerator<string> {
    for (let cursor: string | undefined; ; ) {
      const { items, next } = await this.views.page(VIEWS.audit, AuditAction, filter, { limit: AT_ONCE, cursor }, NEWEST_FIRST);
      for (const action of items) yield csvLine(cellsOf(action));
      if (next === null) return;
      cursor = next;
    }
  }

  async *#records(chain: string): AsyncGenerator<string> {
    for (let after: number | null = 0; after !== null; ) {
      const page: Awaited<ReturnType<typeof ask<'people', 'ReadAudit'>>> = await ask(this.commands, 'people', 'ReadAudit', {
        chain,
        after,
        limit: AT_ONCE,
      });
      for (const record of page.records) yield `${auditLine(record)}\n`;
      after = page.next;
    }
  }
}

/** Problem 'right.missing' (403). */
const chainFor = (principal: Principal, of: 'workgroup' | 'installation'): string => {
  if (of === 'workgroup') return principal.workgroupId;
  if (!principal.rights.includes('system')) throw missing('system', principal);
  return INSTALLATION_CHAIN;
};

const filterOf = (principal: Principal, { of, from, before, person, action, object, outcome }: Wanted): Filter => ({
  chain: chainFor(principal, of),
  created: true,
  ...(from === undefined && before === undefined
    ? {}
    : { at: { ...(from === undefined ? {} : { from: utc(from) }), ...(before === undefined ? {} : { before: utc(before) }) } }),
  ...(person === undefined ? {} : { person }),
  ...(action === undefined ? {} : { action }),
  ...(object === undefined ? {} : { objectId: object }),
  ...(outcome === undefined ? {} : { outcome }),
});

/** As times are on record, so that they compare as texts. */
const utc = (time: string): string => new Date(time).toISOString();

const cellsOf = ({
  at,
  endedAt,
  who,
  from,
  action,
  object,
  objectId,
  outcome,
  status,
  code,
  count,
  changes,
}: AuditAction): (string | number)[] => [
  at,
  endedAt ?? '',
  who?.by ?? '',
  who?.name ?? '',
  who?.role ?? '',
  who?.tokenId ?? '',
  who?.sessionId ?? '',
  from.address,
  from.forwardedFor ?? '',
  action,
  object?.kind ?? '',
  objectId ?? '',
  object?.name ?? '',
  outcome,
  status ?? '',
  code ?? '',
  count,
  changes.map(sentence).join('; '),
];

const sentence = ({ field, old, new: now, secret }: AuditAction['changes'][number]): string =>
  secret === true ? `${field}: given` : `${field}: ${JSON.stringify(old)} -> ${JSON.stringify(now)}`;
