import type { Amounts, Share } from '@pstream/contracts';
import fc from 'fast-check';
import { addedUp, overPartitions, scopesOf, type Counted, type Sum } from './adding-up.js';
import type { ShareAt } from './projection.js';

/** What a store keeps; each entry is written atomically, nothing else is. */
type Kept = { readonly sums: Map<string, Sum>; readonly counted: Map<string, Counted> };

const share = fc.option(
  fc.record({
    scopes: fc.uniqueArray(fc.constantFrom('project:1', 'project:2', 'customer:1', 'workgroup'), { minLength: 1, maxLength: 3 }),
    amounts: fc.dictionary(fc.constantFrom('items', 'bytes', 'status.Queued', 'status.Failed'), fc.integer({ min: 0, max: 9 })),
  }),
  { nil: undefined },
);
const writes = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), share, late: fc.boolean() }), { minLength: 1, maxLength: 25 });
/** How the consumer runs: how many records at once, how many of the writes reach the store, and how far it goes back then. */
const steps = fc.array(
  fc.record({
    batch: fc.integer({ min: 1, max: 6 }),
    written: fc.oneof({ weight: 3, arbitrary: fc.constant(99) }, fc.integer({ min: 0, max: 5 })),
    back: fc.constantFrom(0, 0, 1, 4),
  }),
  { minLength: 5, maxLength: 40 },
);

/** The log of one partition: late publications carry a state that a later record has overtaken. */
const logOf = (list: readonly { readonly id: string; readonly share: Share | undefined; readonly late: boolean }[]): ShareAt[] => {
  const revisions = new Map<string, number>();
  const records: Omit<ShareAt, 'offset'>[] = [];
  const held: Omit<ShareAt, 'offset'>[] = [];
  for (const { id, share: given, late } of list) {
    const revision = (revisions.get(id) ?? 0) + 1;
    revisions.set(id, revision);
    const record = { id, generation: 'g0', revision, ...(given === undefined ? {} : { share: given }) };
    if (late) held.push(record);
    else records.push(record, ...held.splice(0, 1));
  }
  records.push(...held);
  return records.map((record, offset) => ({ ...record, offset }));
};

const recount = (records: readonly ShareAt[]): ReadonlyMap<string, Amounts> => {
  const newest = new Map<string, ShareAt>();
  for (const record of records) if (record.revision > (newest.get(record.id)?.revision ?? 0)) newest.set(record.id, record);
  return overPartitions(
    [...newest.values()].flatMap(({ share: given }) => (given?.scopes ?? []).map((scope) => ({ scope, amounts: given?.amounts ?? {} }))),
  );
};
const shown = (sums: ReadonlyMap<string, Amounts>): unknown =>
  Object.fromEntries([...sums].filter(([, amounts]) => Object.keys(amounts).length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Writes sums first and shares after them, as a store does, and stops after so many writes. True if everything was written. */
const write = (kept: Kept, records: readonly ShareAt[], most: number): boolean => {
  const ids = new Set(records.map(({ id }) => id));
  const counted = new Map([...kept.counted].filter(([id]) => ids.has(id)));
  const scopes = scopesOf(records, counted);
  const next = addedUp(records, counted, new Map([...kept.sums].filter(([scope]) => scopes.includes(scope))));
  const pending = [
    ...[...next.sums].map(
      ([scope, sum]) =>
        () =>
          void kept.sums.set(scope, sum),
    ),
    ...[...next.counted].map(([id, one]) => () => {
      if ((kept.counted.get(id)?.offset ?? -1) < one.offset) kept.counted.set(id, one);
    }),
  ];
  for (const one of pending.slice(0, most)) one();
  return pending.length <= most;
};

describe('sums over documents', () => {
  it('equal a recount whatever is repeated, overtaken, and cut off in the middle of its writes', () => {
    fc.assert(
      fc.property(writes, steps, (list, schedule) => {
        const records = logOf(list);
        const kept: Kept = { sums: new Map(), counted: new Map() };
        let next = 0;
        let committed = 0;
        for (const { batch, written, back } of schedule) {
          const done = write(kept, records.slice(next, next + batch), written);
          // A crash begins again at the last commit; a commit follows what was written as a whole, sometimes later.
          if (!done) next = committed;
          else {
            next = Math.min(records.length, next + batch);
            if (back === 0) committed = next;
            else next = Math.max(committed, next - back);
          }
        }
        write(kept, records.slice(next), 99);
        const sums = overPartitions([...kept.sums].map(([scope, { amounts }]) => ({ scope, amounts })));
        expect(shown(sums)).toEqual(shown(recount(records)));
      }),
      { numRuns: 2_000 },
    );
  });
});
