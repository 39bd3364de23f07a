import {
  auditHash,
  AUDIT_SEGMENT,
  auditLine,
  auditStream,
  ChainCheck,
  readAuditLine,
  type ChainReport,
  type StoredAudit,
} from '@pstream/contracts';
import { memoryEventStore, type EventStore } from '@pstream/event-store';
import fc from 'fast-check';
import { AuditTrail } from './audit-trail.js';

const AT = '2026-01-01T00:00:00.000Z';
const ended = (actionId: string) => ({ is: 'ended', actionId, status: 200, code: null, madeId: null }) as const;

let ids = 0;
const meta = (commandId = `c-${++ids}`) => ({ commandId, by: 'somebody', at: AT });

/** Everything that a chain holds, read in pages. */
const all = async (trail: AuditTrail, chain: string, limit = 500): Promise<StoredAudit[]> => {
  const found: StoredAudit[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<AuditTrail['read']>> = await trail.read({ chain, after, limit });
    found.push(...page.records);
    after = page.next;
  }
  return found;
};
const report = (records: readonly StoredAudit[], head?: string): ChainReport => {
  const check = new ChainCheck(1, head);
  for (const stored of records) check.add(stored, auditHash(stored.record));
  return check.report();
};
const chainOf = async (length: number, trail = new AuditTrail(memoryEventStore())): Promise<StoredAudit[]> => {
  for (let at = 0; at < length; at++) await trail.record({ chain: 'default', entry: ended(`a-${at}`) }, meta());
  return all(trail, 'default');
};

describe('a chain of records', () => {
  let records: StoredAudit[];
  beforeAll(async () => (records = await chainOf(12)));

  it('is whole as it was written, and as lines of an export', () => {
    expect(report(records)).toEqual({ records: 12, head: `12:${records.at(-1)?.sha256}`, breaks: [] });
    expect(records.map((record) => readAuditLine(auditLine(record)))).toEqual(records);
  });

  it('shows each record that was taken out', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 1, max: 4 }), (from, length) => {
        const left = records.toSpliced(from, length);
        fc.pre(from + length < records.length);
        expect(report(left).breaks).toContainEqual({ seq: from + 1, what: 'missing' });
      }),
    ));

  it('shows records that were taken from its end, to whoever noted its head', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 11 }), (left) => {
        const { head } = report(records);
        expect(report(records.slice(0, left)).breaks).toEqual([]);
        expect(report(records.slice(0, left), head ?? '').breaks).toEqual([{ seq: 12, what: 'missing' }]);
        expect(report(records, head ?? '').breaks).toEqual([]);
      }),
    ));

  it('shows each record of which a character is another one, in its text or its hash', () =>
    fc.assert(
      fc.property(fc.nat({ max: 11 }), fc.nat(), fc.boolean(), (at, place, inHash) => {
        const changed = records.map((record, index): StoredAudit => {
          if (index !== at) return record;
          const swap = (text: string): string => {
            const here = place % text.length;
            return `${text.slice(0, here)}${text[here] === '1' ? '2' : '1'}${text.slice(here + 1)}`;
          };
          return inHash ? { ...record, sha256: swap(record.sha256) } : { ...record, record: swap(record.record) };
        });
        expect(report(changed).breaks).toContainEqual({ seq: at + 1, what: 'altered' });
      }),
    ));

  it('shows a record that was replaced together with its hash', async () => {
    const others = await chainOf(12, new AuditTrail(memoryEventStore()));
    const other = others.map(({ record }) => record.replace('"status":200', '"status":201'));
    for (let at = 0; at < 11; at++) {
      const forged = { record: other[at] ?? '', sha256: auditHash(other[at] ?? '') };
      expect(report(records.with(at, forged)).breaks).toContainEqual({ seq: at + 2, what: 'not-linked' });
    }
  });

  it('shows records that changed places', () =>
    fc.assert(
      fc.property(fc.shuffledSubarray([...records.keys()], { minLength: 12, maxLength: 12 }), (order) => {
        const moved = order.map((at) => records[at]!);
        fc.pre(order.some((at, index) => at !== index));
        expect(report(moved).breaks.length).toBeGreaterThan(0);
      }),
    ));
});

describe('the trail', () => {
  it('goes on over the end of a stream, and reads from any position', async () => {
    const store = memoryEventStore();
    const trail = new AuditTrail(store);
    await chainOf(AUDIT_SEGMENT + 3, trail);
    expect((await store.read(auditStream('default', 1))).length).toBe(AUDIT_SEGMENT);
    expect((await store.read(auditStream('default', 2))).length).toBe(3);
    const records = await all(trail, 'default', 300);
    expect(report(records)).toMatchObject({ records: AUDIT_SEGMENT + 3, breaks: [] });
    const {
      records: [first],
    } = await trail.read({ chain: 'default', after: AUDIT_SEGMENT + 1, limit: 1 });
    expect(JSON.parse(first?.record ?? '')).toMatchObject({ seq: AUDIT_SEGMENT + 2 });
  });

  it('is one chain, whoever writes to it at once, and however often they start again', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 30 }), async (writers) => {
        const store = memoryEventStore();
        let trails = [0, 1, 2].map(() => new AuditTrail(store));
        const writing = writers.map((who, at) => {
          if (at % 7 === 6) trails = [0, 1, 2].map(() => new AuditTrail(store));
          return trails[who]!.record({ chain: 'default', entry: ended(`a-${at}`) }, meta());
        });
        await Promise.all(writing);
        expect(report(await all(trails[0]!, 'default'))).toMatchObject({ records: writers.length, breaks: [] });
      }),
      { numRuns: 30 },
    ));

  it('holds a record once, although it is sent again, and goes on after a store that failed', async () => {
    const store = memoryEventStore();
    const lost = new Set<string>();
    const losing = new Proxy(store, {
      get: (target, name) =>
        name === 'append'
          ? async (...given: Parameters<EventStore['append']>) => {
              const appended = await target.append(...given);
              const { commandId } = given[0].metadata;
              if (!lost.has(commandId)) {
                lost.add(commandId);
                throw new Error('the answer is lost');
              }
              return appended;
            }
          : (Reflect.get(target, name) as unknown),
    });
    const trail = new AuditTrail(losing);
    for (let at = 0; at < 5; at++) {
      const record = { chain: 'default', entry: ended(`a-${at}`) };
      const sent = meta(`again-${at}`);
      await expect(trail.record(record, sent)).rejects.toThrow('lost');
      await trail.record(record, sent);
      await trail.record(record, sent);
    }
    expect(report(await all(trail, 'default'))).toMatchObject({ records: 5, breaks: [] });
  });

  it('keeps chains apart, and their times in order', async () => {
    const trail = new AuditTrail(memoryEventStore());
    await trail.record({ chain: 'default', entry: ended('a') }, { ...meta(), at: '2026-01-02T00:00:00.000Z' });
    await trail.record({ chain: 'installation', entry: ended('b') }, meta());
    await trail.record({ chain: 'default', entry: ended('c') }, meta());
    const of = async (chain: string) => (await all(trail, chain)).map(({ record }) => JSON.parse(record) as object);
    expect(await of('default')).toMatchObject([{ actionId: 'a' }, { actionId: 'c', at: '2026-01-02T00:00:00.000Z' }]);
    expect(await of('installation')).toMatchObject([{ actionId: 'b', chain: 'installation', seq: 1 }]);
    expect(await of('none')).toEqual([]);
  });
});
