import { DURABLE, isDuplicateKey } from '@pstream/storage/mongo';
import { Fault } from '@pstream/kernel';
import type { Amounts, Share } from '@pstream/contracts';
import type { Collection, Db } from 'mongodb';
import { addedUp, NO_SUM, overPartitions, scopesOf, type Counted, type Sum } from '../adding-up.js';
import type { ShareAt } from '../projection.js';

/** Amounts are a list: a name may hold dots. */
type StoredAmounts = readonly { readonly name: string; readonly amount: number }[];
type StoredSum = {
  readonly _id: string;
  readonly scope: string;
  readonly partition: number;
  readonly position: number;
  readonly amounts: StoredAmounts;
};
type StoredShare = {
  readonly _id: string;
  readonly position: number;
  readonly revision: number;
  readonly share: { readonly scopes: readonly string[]; readonly amounts: StoredAmounts } | null;
};

/** How often two writers may get in each other's way on one partition. */
const ATTEMPTS = 20;

/** Sums of one generation: a document for each scope and partition, and the share that each document has in them. Every write is guarded
 *  by the position it was worked out from; sums are written before shares, see `addedUp`. */
export class MongoSums {
  readonly #sums: Collection<StoredSum>;
  readonly #shares: Collection<StoredShare>;

  constructor(db: Db, table: string) {
    this.#sums = db.collection<StoredSum>(`${table}__sums`, DURABLE);
    this.#shares = db.collection<StoredShare>(`${table}__shares`, DURABLE);
  }

  async prepare(): Promise<void> {
    await this.#sums.createIndex({ scope: 1 });
  }

  async drop(): Promise<void> {
    await Promise.allSettled([this.#sums.drop(), this.#shares.drop()]);
  }

  async addUp(partition: number, shares: readonly ShareAt[]): Promise<void> {
    for (let attempt = 1; !(await this.#tryToAdd(partition, shares)); attempt++) {
      if (attempt === ATTEMPTS)
        throw new Fault('projection.contended', { retry: { afterMs: 100 }, facts: { partition, attempts: ATTEMPTS } });
    }
  }

  async of(scopes: readonly string[]): Promise<ReadonlyMap<string, Amounts>> {
    const found = await this.#sums.find({ scope: { $in: [...scopes] } }).toArray();
    return overPartitions(found.map(({ scope, amounts }) => ({ scope, amounts: amountsOf(amounts) })));
  }

  async countedRevision(id: string): Promise<number> {
    return (await this.#shares.findOne({ _id: id }))?.revision ?? 0;
  }

  async prune(before: string): Promise<void> {
    await this.#shares.deleteMany({ _id: { $lt: before } });
    await this.#sums.deleteMany({ scope: { $lt: before } });
  }

  async #tryToAdd(partition: number, shares: readonly ShareAt[]): Promise<boolean> {
    const ids = [...new Set(shares.map(({ id }) => id))];
    const counted = new Map((await this.#shares.find({ _id: { $in: ids } }).toArray()).map((row) => [row._id, countedOf(row)]));
    const scopes = scopesOf(shares, counted);
    const rows = await this.#sums.find({ _id: { $in: scopes.map((scope) => sumId(scope, partition)) } }).toArray();
    const sums = new Map<string, Sum>(rows.map(({ scope, position, amounts }) => [scope, { position, amounts: amountsOf(amounts) }]));
    const next = addedUp(shares, counted, sums);
    if (next.sums.size > 0 && !(await this.#writeSums(partition, next.sums, sums))) return false;
    if (next.counted.size > 0) await this.#writeShares(next.counted);
    return true;
  }

  /** False if another writer has moved one of them on. */
  async #writeSums(partition: number, next: ReadonlyMap<string, Sum>, before: ReadonlyMap<string, Sum>): Promise<boolean> {
    const writes = [...next].map(([scope, { position, amounts }]) => ({
      updateOne: {
        filter: { _id: sumId(scope, partition), position: (before.get(scope) ?? NO_SUM).position },
        update: { $set: { scope, partition, position, amounts: storedAmounts(amounts) } },
        // A first sum only: where there is one with another position, the upsert meets its key.
        upsert: !before.has(scope),
      },
    }));
    try {
      const { matchedCount, upsertedCount } = await this.#sums.bulkWrite(writes, { ordered: false });
      return matchedCount + upsertedCount === writes.length;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** A share that is there from a later record stays. */
  async #writeShares(counted: ReadonlyMap<string, Counted>): Promise<void> {
    const writes = [...counted].map(([id, { offset, revision, share }]) => ({
      updateOne: {
        filter: { _id: id, position: { $lt: offset } },
        update: {
          $set: {
            position: offset,
            revision,
            share: share === undefined ? null : { scopes: share.scopes, amounts: storedAmounts(share.amounts) },
          },
        },
        upsert: true,
      },
    }));
    try {
      await this.#shares.bulkWrite(writes, { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

const sumId = (scope: string, partition: number): string => `${scope}#${partition}`;

const amountsOf = (stored: StoredAmounts): Amounts => Object.fromEntries(stored.map(({ name, amount }) => [name, amount]));
const storedAmounts = (amounts: Amounts): StoredAmounts => Object.entries(amounts).map(([name, amount]) => ({ name, amount }));

const countedOf = ({ position, revision, share }: StoredShare): Counted => ({
  offset: position,
  revision,
  share: share === null ? undefined : ({ scopes: [...share.scopes], amounts: amountsOf(share.amounts) } satisfies Share),
});
