import { createHash } from 'node:crypto';
import { sumOfTypes } from '@pstream/contracts';
import { isPlain, type GraphFolder, type GraphItem, type MailboxRef } from '@pstream/graph';
import { Fault } from '@pstream/kernel';
import fc from 'fast-check';
import { PassRun } from '../pass-run.fixture.js';
import type { Source } from '../source/source.js';
import { TroubledSource } from '../troubled-source.fixture.js';
import type { ExtractorLimits } from '../worker.js';

const MAILBOX: MailboxRef = { id: 'MBX:1@2', version: 'v1.0' };
const FOLDERS = ['Inbox', 'Sent', 'Old'];

/** A mail with all the ids that it has had; the last is where it is now. */
type Mail = {
  readonly date: string;
  readonly ids: string[];
  folder: number;
  version: number;
  there: boolean;
  broken: boolean;
  moved: boolean;
};

/** A mailbox in which mails arrive, change, move and go, and what was exported of it, as which version. */
class LivingSource extends TroubledSource {
  readonly mails: Mail[] = [];
  /** The version of each id that was exported last. */
  readonly copies = new Map<string, number>();
  /** Ids that were asked for last in vain. What was exported of them before was named as changed by then, and they are left to Retry Errors. */
  readonly failed = new Set<string>();
  /** Called with each page; a worker that dies between two units knows nothing afterwards. */
  onPage: () => void = () => undefined;
  #ids = 0;

  constructor() {
    super(FOLDERS);
  }

  arrive(folder: number): void {
    const date = new Date(Date.UTC(2026, 0, 1, 0, this.mails.length)).toISOString();
    this.mails.push({ date, ids: [this.#id()], folder, version: 1, there: true, broken: false, moved: false });
  }

  move(mail: Mail, folder: number): void {
    // A move that no listing sees the middle of cannot be told from a deletion.
    if (!mail.there || mail.moved || mail.folder === folder) return;
    Object.assign(mail, { folder, moved: true });
    mail.ids.push(this.#id());
  }

  override source(): Source {
    const source: Partial<Source> = {
      ...super.source(),
      folders: () => this.#tree(),
      itemPage: async (_mailbox, folder, cursor, { pageSize }) => {
        this.onPage();
        const all = this.mails.filter((mail) => mail.there && FOLDERS[mail.folder] === folder);
        const from = cursor === null || isPlain(cursor) ? 0 : Number(cursor);
        const next = from + pageSize < all.length ? String(from + pageSize) : null;
        const items = all.slice(from, from + pageSize).map((mail) => itemOf(mail));
        return { items, removed: [], next, delta: next === null ? '0' : null, mailbox: MAILBOX };
      },
      exportItems: (_mailbox, ids) => this.#export(ids),
    };
    return source as Source;
  }

  #id(): string {
    return `item-${String(this.#ids++)}`;
  }

  async *#tree(): AsyncGenerator<GraphFolder> {
    const nothing = { parentId: null, type: 'IPF.Note', wellKnownName: null, isHidden: false, isSearch: false, childFolderCount: 0 };
    for (const id of FOLDERS) yield { ...nothing, id, displayName: id, totalItemCount: 0, mailbox: MAILBOX };
  }

  async *#export(ids: readonly string[]): ReturnType<Source['exportItems']> {
    for (const itemId of ids) {
      const mail = this.mails.find((one) => one.there && one.ids.at(-1) === itemId);
      if (mail === undefined || mail.broken) {
        this.failed.add(itemId);
        yield { itemId, fault: new Fault(mail === undefined ? 'graph.item-gone' : 'graph.item-too-large', { retry: 'never' }) };
        continue;
      }
      this.copies.set(itemId, mail.version);
      this.failed.delete(itemId);
      const data = new TextEncoder().encode(itemId);
      const sha256 = createHash('sha256').update(data).digest('hex');
      yield { itemId, changeKey: null, data, mailbox: MAILBOX, doubts: [], attachments: 0, sha256 };
    }
  }
}

const itemOf = ({ ids, version, date }: Mail): GraphItem => ({
  id: ids.at(-1)!,
  type: 'IPM.Note',
  size: 10,
  changeKey: `version ${String(version)}`,
  createdDateTime: date,
  lastModifiedDateTime: null,
});

type Step =
  | { readonly do: 'arrive'; readonly folder: number }
  | { readonly do: 'change' | 'delete' | 'break' | 'heal'; readonly nth: number }
  | { readonly do: 'move'; readonly nth: number; readonly folder: number }
  | { readonly do: 'pass'; readonly kind: 'full' | 'update' | 'retry-errors'; readonly deaths: readonly boolean[] };

const deaths = fc.array(fc.boolean(), { maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('arrive' as const), folder: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('change' as const), nth: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), nth: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('break' as const, 'heal' as const), nth: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), nth: fc.nat(30), folder: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      kind: fc.constantFrom('full' as const, 'update' as const, 'update' as const, 'retry-errors' as const),
      deaths,
    }),
  },
);

/** Whether all that differs is held at once, or only a few items. */
const held = fc.constantFrom({}, { updateBytes: 500 }, { updateBytes: 2_000 });

/** What the passes have listed and found. */
type Seen = {
  readonly listed: string[];
  readonly named: { readonly what: string; readonly itemId: string; readonly copy: string }[];
  changed: number;
  /** As the pages said it, while they were listed. */
  changedOnPages: number;
};

const runAll = async (
  steps: readonly Step[],
  limits: Partial<ExtractorLimits>,
  check: (source: LivingSource, seen: Seen) => void,
): Promise<void> => {
  const source = new LivingSource();
  const run = new PassRun(source, limits);
  const seen: Seen = { listed: [], named: [], changed: 0, changedOnPages: 0 };
  const pass = async (kind: 'full' | 'update' | 'retry-errors', dies: readonly boolean[]): Promise<void> => {
    const left = [...dies];
    source.onPage = () => {
      if (left.shift() === true) run.changeWorker();
    };
    const settings = kind === 'update' ? { update: true as const } : {};
    for (const event of await run.pass(kind === 'retry-errors' ? kind : 'full', settings)) {
      if (event.type === 'PageListed' && !event.data.again && event.data.manifest !== null) {
        const { items } = JSON.parse(new TextDecoder().decode(await run.work.get(event.data.manifest.key))) as { items: { key: string }[] };
        seen.listed.push(...items.map(({ key }) => key));
      }
      if (event.type === 'PageListed') seen.changedOnPages += sumOfTypes(event.data.superseded ?? {}).items;
      if (event.type === 'ExtractionFinished') seen.changed += event.data.update?.changed ?? 0;
    }
    if (kind === 'update') for (const mail of source.mails) mail.moved = false;
  };
  await pass('full', []);
  for (const one of steps) {
    const mail = 'nth' in one && source.mails.length > 0 ? source.mails[one.nth % source.mails.length]! : undefined;
    if (one.do === 'arrive') source.arrive(one.folder);
    else if (one.do === 'pass') await pass(one.kind, one.deaths);
    else if (mail === undefined) continue;
    else if (one.do === 'change') mail.version++;
    else if (one.do === 'delete') mail.there = false;
    else if (one.do === 'move') source.move(mail, one.folder);
    else mail.broken = one.do === 'break';
  }
  for (const mail of source.mails) mail.broken = false;
  await pass('retry-errors', []);
  for (const [n, mail] of source.mails.entries()) if (n % 2 === 0) mail.version++;
  await pass('update', [true, false, true]);
  const superseded = await run.superseded();
  seen.named.push(...superseded.map(({ what, itemId, itemKey: key, passId }) => ({ what, itemId, copy: `${key}/${passId}` })));
  check(source, seen);
  await run.close();
};

describe('passes that update a mailbox that lives on', () => {
  it('leave the newest version of every mail in a PST, and name each older copy once, whatever fails and dies on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), held, (steps, limits) =>
        runAll(steps, limits, (source, { listed, named, changed, changedOnPages }) => {
          for (const { there, ids, version } of source.mails)
            if (there) expect([ids, source.copies.get(ids.at(-1)!)]).toEqual([ids, version]);
          // An item that was listed again because it had changed is no other item.
          expect(listed.length - changed).toBe(new Set(listed).size);
          expect(changedOnPages).toBe(changed);
          expect(new Set(named.map(({ copy }) => copy)).size).toBe(named.length);
          const ended = named.filter(({ what }) => what !== 'changed').map(({ what, itemId }) => `${what} ${itemId}`);
          const expected = source.mails.flatMap(({ ids, there }) => {
            const asked = ids.filter((id) => source.copies.has(id) || source.failed.has(id));
            const left = there && asked.at(-1) === ids.at(-1) ? asked.slice(0, -1) : asked;
            return left.filter((id) => !source.failed.has(id)).map((id) => `${id === asked.at(-1) ? 'gone' : 'moved'} ${id}`);
          });
          expect(ended.toSorted()).toEqual(expected.toSorted());
        }),
      ),
      { numRuns: 150 },
    );
  }, 120_000);
});
