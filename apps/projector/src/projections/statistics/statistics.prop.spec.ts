import fc from 'fast-check';
import {
  addByType,
  itemTypeOf,
  itemTypes,
  sumOfTypes,
  type ByType,
  type MailboxView,
  type PassKind,
  type PassRefs,
  type PassSettings,
  type RecordedEvent,
  type StatisticsView,
  type Totals,
} from '@pstream/contracts';
import type { Document } from '@pstream/projections';
import { mailboxes } from '../mailboxes/projection.js';
import { statistics } from './projection.js';

const at = '2026-03-01T00:00:00.000Z';
const settings = { source: 'ada@contoso.com' } as PassSettings;
const mailbox = { id: 'MBX', version: 'v1.0' };

type Item = { readonly itemType: string; readonly sizeBytes: number; readonly fate: 'exported' | 'skipped' | 'failed' | 'unbuilt' };
/** `firstSeen`: how many items of a retry no pass before it had listed. */
type Pass = {
  readonly kind: PassKind;
  readonly items: readonly Item[];
  readonly isOld: boolean;
  readonly partItems: number;
  readonly firstSeen: number;
};
type Event = { readonly type: string; readonly data: object };

const item = fc.record({
  itemType: fc.constantFrom('IPM.Note', 'IPM.Appointment', 'IPM.Contact', 'IPM.Task', 'IPM.StickyNote', 'IPM.Activity', 'IPM.Odd'),
  sizeBytes: fc.nat(9_999),
  fate: fc.constantFrom('exported', 'exported', 'skipped', 'failed', 'unbuilt'),
}) as fc.Arbitrary<Item>;

/** Passes of a mailbox: a retry takes what failed before it, and a fate of its own for each, and items of folders that only it could list. */
const history = (isOld: fc.Arbitrary<boolean>, firstSeen: fc.Arbitrary<number>): fc.Arbitrary<readonly Pass[]> =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom('verify', 'trial', 'pre-stage', 'full', 'retry-errors'),
        items: fc.array(item, { maxLength: 30 }),
        isOld,
        partItems: fc.integer({ min: 1, max: 10 }),
        firstSeen,
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((given) => {
      let failed: readonly Item[] = [];
      return given.flatMap(({ kind, items: own, firstSeen: most, ...more }): Pass[] => {
        const listed = kind === 'retry-errors' ? own.slice(0, most) : [];
        if (kind === 'retry-errors' && failed.length + listed.length === 0) return [];
        const items =
          kind === 'verify'
            ? []
            : kind === 'retry-errors'
              ? [...failed.map((each, n) => ({ ...each, fate: own[n]?.fate ?? 'exported' })), ...listed]
              : own;
        const left = items.filter(({ fate }) => fate === 'failed' || fate === 'unbuilt');
        if (kind === 'retry-errors') failed = left;
        else failed = [...failed, ...left];
        return [{ kind: kind as PassKind, items, firstSeen: listed.length, ...more }];
      });
    })
    .filter((passes) => passes.length > 0);

const count = (items: readonly Item[], ...fates: readonly Item['fate'][]): number =>
  items.filter(({ fate }) => fates.includes(fate)).length;
const byType = (items: readonly Item[]): ByType =>
  items.reduce((sum, { itemType, sizeBytes }) => addByType(sum, { [itemTypeOf(itemType)]: { items: 1, bytes: sizeBytes } }), {} as ByType);
const totalsOf = (items: readonly Item[]): Totals => ({
  discovered: items.length,
  exported: count(items, 'exported'),
  skipped: count(items, 'skipped'),
  failed: count(items, 'failed', 'unbuilt'),
});

/** The streams of a pass; what is appended together stays together. */
const streamsOf = (pass: Pass, number: number, settled: Totals): Record<string, Event[][]> => {
  const refs: PassRefs = { workgroupId: 'w', customerId: 'c', projectId: 'p', mailboxJobId: 'm', passId: `x${String(number)}` };
  const { kind, items, isOld, partItems, firstSeen } = pass;
  const own = totalsOf(items);
  const outcome = (each: Item, n: number): object => ({
    ...refs,
    itemKey: `k${String(n)}`,
    itemId: 'i',
    folderKey: 'f',
    mailbox,
    itemType: each.itemType,
    sizeBytes: each.sizeBytes,
    code: 'x',
    at,
  });
  const after =
    kind === 'verify'
      ? settled
      : kind === 'retry-errors'
        ? {
            discovered: settled.discovered + firstSeen,
            exported: settled.exported + own.exported,
            skipped: settled.skipped + own.skipped,
            failed: own.failed,
          }
        : sum(settled, own);
  const job = [
    [{ type: 'PassStarted', data: { ...refs, number, kind, settings, at } }],
    [{ type: 'PassCompleted', data: { ...refs, kind, pass: own, mailbox: after, at } }],
  ];
  if (kind === 'verify') return { job };
  const slices = Array.from({ length: Math.ceil(items.length / 7) }, (_, n) => items.slice(n * 7, n * 7 + 7));
  const exported = items.filter(({ fate }) => fate === 'exported');
  const parts = Array.from({ length: Math.ceil(exported.length / partItems) }, (_, n) =>
    exported.slice(n * partItems, (n + 1) * partItems),
  );
  return {
    job,
    extraction: [
      [{ type: 'ExtractionStarted', data: { ...refs, mailbox, at } }],
      ...slices.map((slice, n) => [
        {
          type: 'SliceExported',
          data: {
            ...refs,
            folderKey: 'f',
            page: 0,
            from: n,
            items: count(slice, 'exported', 'unbuilt'),
            bytes: 1,
            skipped: count(slice, 'skipped'),
            failed: count(slice, 'failed'),
            at,
          },
        },
        ...slice.filter(({ fate }) => fate === 'skipped').map((each, k) => ({ type: 'ItemSkipped', data: outcome(each, k) })),
        ...slice.filter(({ fate }) => fate === 'failed').map((each, k) => ({ type: 'ItemFailed', data: outcome(each, k) })),
      ]),
    ],
    parts: parts.map((part) => [
      {
        type: 'PartSealed',
        data: {
          ...refs,
          partId: 'q',
          name: 'a.pst',
          etag: 'e',
          location: 'l',
          bytes: 1,
          items: part.length,
          ...(isOld ? {} : { types: byType(part) }),
          at,
        },
      },
    ]),
    unbuilt: items.filter(({ fate }) => fate === 'unbuilt').map((each, n) => [{ type: 'ItemUnbuilt', data: outcome(each, n) }]),
    end: [
      [
        {
          type: 'BuildFinished',
          data: { ...refs, totals: own, bytes: sumOfTypes(byType(exported)).bytes, parts: parts.length, folders: {}, at },
        },
      ],
    ],
  };
};

const sum = (a: Totals, b: Totals): Totals => ({
  discovered: a.discovered + b.discovered,
  exported: a.exported + b.exported,
  skipped: a.skipped + b.skipped,
  failed: a.failed + b.failed,
});

/** Every commit of a history, the streams of a pass in an order of chance. The last pass may be heard of in part only. */
const told = (isOld: fc.Arbitrary<boolean>, firstSeen: fc.Arbitrary<number> = fc.constant(0)): fc.Arbitrary<readonly Event[]> =>
  fc
    .tuple(history(isOld, firstSeen), fc.array(fc.nat(4), { minLength: 200, maxLength: 200 }), fc.option(fc.nat(40)))
    .map(([passes, order, cut]) => {
      let settled: Totals = { discovered: 0, exported: 0, skipped: 0, failed: 0 };
      let turn = 0;
      return passes.flatMap((pass, n) => {
        const streams = streamsOf(pass, n + 1, settled);
        settled = (streams['job']!.at(-1)![0]!.data as { mailbox: Totals }).mailbox;
        const isCut = n === passes.length - 1 && cut !== null;
        // What is heard of a pass before its start is not looked at.
        const commits: Event[][] = [streams['job']!.shift()!];
        if (isCut) delete streams['job'];
        for (;;) {
          const open = Object.values(streams).filter((stream) => stream.length > 0);
          if (open.length === 0) break;
          commits.push(open[order[turn++ % order.length]! % open.length]!.shift()!);
        }
        return (isCut ? commits.slice(0, 1 + cut) : commits).flat();
      });
    });

const fold = (projection: typeof mailboxes, events: readonly Event[]): unknown =>
  events.reduce<Document | null>(
    (document, event) =>
      projection.keys(event as unknown as RecordedEvent).includes('m')
        ? projection.evolve(document, event as unknown as RecordedEvent, 'm')
        : document,
    null,
  );

const views = (events: readonly Event[]): { readonly status: MailboxView; readonly figures: StatisticsView } => ({
  status: fold(mailboxes, events) as MailboxView,
  figures: fold(statistics, events) as StatisticsView,
});

describe('the statistics of a mailbox', () => {
  it('say of exported, skipped and failed items what its status says, whatever was heard first', () => {
    fc.assert(
      fc.property(told(fc.boolean(), fc.constantFrom(0, 0, 3)), (events) => {
        const { status, figures } = views(events);
        const { exported, skipped, failed } = figures.total;
        expect({ exported: exported.items, skipped: skipped.items, failed: failed.items }).toEqual({
          exported: status.totals.exported,
          skipped: status.totals.skipped,
          failed: status.totals.failed,
        });
        if (status.status.startsWith('Completed'))
          expect(status.totals.discovered).toBe((exported.items ?? 0) + (skipped.items ?? 0) + (failed.items ?? 0));
      }),
    );
  });

  it('add up over the types, items and bytes', () => {
    fc.assert(
      fc.property(told(fc.constant(false)), (events) => {
        const { types, total } = views(events).figures;
        for (const outcome of ['exported', 'skipped', 'failed'] as const) {
          const all = itemTypes.map((type) => types[type][outcome]);
          expect(all.every(({ items }) => items !== null && items >= 0)).toBe(true);
          expect(all.reduce((n, { items }) => n + (items ?? 0), 0)).toBe(total[outcome].items);
          if (total[outcome].bytes === null) expect(outcome).toBe('failed');
          else expect(all.reduce((n, { bytes }) => n + (bytes ?? NaN), 0)).toBe(total[outcome].bytes);
        }
      }),
    );
  });

  it('add up, or are not known, where a retry may export what was no failure before it', () => {
    fc.assert(
      fc.property(told(fc.constant(false), fc.constantFrom(0, 3)), (events) => {
        const { types, total } = views(events).figures;
        const failed = itemTypes.map((type) => types[type].failed.items);
        const isKnown = failed.every((items) => items !== null);
        expect(isKnown || failed.every((items) => items === null)).toBe(true);
        if (isKnown) expect(failed.reduce((n, items) => n! + items!, 0)).toBe(total.failed.items);
        if (isKnown) expect(failed.every((items) => items! >= 0)).toBe(true);
        // Once every pass has ended, nothing is open.
        if (events.filter(({ type }) => type === 'PassStarted').length === events.filter(({ type }) => type === 'PassCompleted').length)
          expect(isKnown).toBe(true);
      }),
    );
  });

  it('give no figure by type that an earlier release has not counted, and no wrong one', () => {
    fc.assert(
      fc.property(told(fc.constant(true)), (events) => {
        const { types, total } = views(events).figures;
        const known = itemTypes.map((type) => types[type].exported.items);
        expect(known.every((items) => (total.exported.items === 0 ? items === 0 : items === null))).toBe(true);
      }),
    );
  });
});
