import type { Ids, Random } from '@pstream/kernel';
import { DURABLE, mongoFaults } from '@pstream/storage/mongo';
import type { Collection, Db } from 'mongodb';
import type { MasterKeys } from '../master-key.js';
import { parseSealedSecret, sealedSecrets, unreadable, type SealedRecords, type SealedSecret } from '../sealed-secrets.js';
import type { SecretStore } from '../secret-store.js';

/** `db` is opened and closed by the caller; collection default `secrets`. */
export type MongoSecretStoreOptions = {
  readonly db: Db;
  readonly keys: MasterKeys;
  readonly collection?: string;
  readonly random?: Random;
  readonly ids?: Ids;
};

type Stored = Omit<SealedSecret, 'ref'> & { readonly _id: string };

/** Secrets in a MongoDB collection, one document each; written with w: majority and journal, read with majority from the primary. */
export const mongoSecretStore = (options: MongoSecretStoreOptions): SecretStore => {
  const documents = options.db.collection<Stored>(options.collection ?? 'secrets', DURABLE);
  return sealedSecrets(mongoRecords(documents), options.keys, {
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.ids === undefined ? {} : { ids: options.ids }),
  });
};

const faults = <T>(work: () => Promise<T>): Promise<T> => mongoFaults('secret', work);

const mongoRecords = (documents: Collection<Stored>): SealedRecords => {
  const stored = ({ ref, ...rest }: SealedSecret): Stored => ({ _id: ref, ...rest });
  return {
    read: (ref) =>
      faults(async () => {
        const found = await documents.findOne({ _id: ref });
        if (found === null) return undefined;
        const record = parseSealedSecret({ ...found, ref: found._id });
        if (record === undefined) throw unreadable(ref, 'damaged');
        return record;
      }),
    insert: (record) =>
      faults(async () => {
        // Not an insert: repeated by the driver after a lost reply it would meet its own document.
        const { _id, ...fields } = stored(record);
        await documents.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
      }),
    replace: (seen, next) =>
      faults(async () => {
        const { _id, ...fields } = stored(next);
        // The sealed bytes are random for each sealing, so they name the record's state.
        const { matchedCount } = await documents.replaceOne({ _id, sealed: seen.sealed, wrappedKey: seen.wrappedKey }, fields);
        return matchedCount === 1;
      }),
    delete: (ref) =>
      faults(async () => {
        await documents.deleteOne({ _id: ref });
      }),
    refs: () =>
      faults(async () =>
        (
          await documents
            .find({}, { projection: { _id: 1 } })
            .sort({ _id: 1 })
            .toArray()
        ).map(({ _id }) => _id),
      ),
  };
};
