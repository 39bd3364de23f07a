import { Fault, isFault, type Ids, type Random } from '@pstream/kernel';
import type { Collection, Db } from 'mongodb';
import type { MasterKeys } from './master-key.js';
import { parseSealedSecret, sealedSecrets, unreadable, type SealedRecords, type SealedSecret } from './sealed-secrets.js';
import type { SecretStore } from './secret-store.js';

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
  const documents = options.db.collection<Stored>(options.collection ?? 'secrets', {
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
  });
  return sealedSecrets(mongoRecords(documents), options.keys, {
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.ids === undefined ? {} : { ids: options.ids }),
  });
};

const mongoRecords = (documents: Collection<Stored>): SealedRecords => {
  const stored = ({ ref, ...rest }: SealedSecret): Stored => ({ _id: ref, ...rest });
  return {
    read: (ref) =>
      mongoFaults(async () => {
        const found = await documents.findOne({ _id: ref });
        if (found === null) return undefined;
        const record = parseSealedSecret({ ...found, ref: found._id });
        if (record === undefined) throw unreadable(ref, 'damaged');
        return record;
      }),
    insert: (record) =>
      mongoFaults(async () => {
        // Not an insert: repeated by the driver after a lost reply it would meet its own document.
        const { _id, ...fields } = stored(record);
        await documents.updateOne({ _id }, { $setOnInsert: fields }, { upsert: true });
      }),
    replace: (seen, next) =>
      mongoFaults(async () => {
        const { _id, ...fields } = stored(next);
        // The sealed bytes are random for each sealing, so they name the record's state.
        const { matchedCount } = await documents.replaceOne({ _id, sealed: seen.sealed, wrappedKey: seen.wrappedKey }, fields);
        return matchedCount === 1;
      }),
    delete: (ref) =>
      mongoFaults(async () => {
        await documents.deleteOne({ _id: ref });
      }),
    refs: () =>
      mongoFaults(async () =>
        (
          await documents
            .find({}, { projection: { _id: 1 } })
            .sort({ _id: 1 })
            .toArray()
        ).map(({ _id }) => _id),
      ),
  };
};

// 13, 18, 8000: the user lacks a right or its password was refused. 14031: the server's disk is full. All else, elections and lost
// connections included: whether the step took effect is unknown, and repeating it is safe.
const mongoFaults = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (isFault(error) || !(error instanceof Error) || !error.name.startsWith('Mongo')) throw error;
    const code = 'code' in error && typeof error.code === 'number' ? error.code : 0;
    if ([13, 18, 8_000].includes(code)) {
      throw new Fault('secret.forbidden', {
        retry: 'never',
        facts: { code },
        advice: 'Check user, password and roles of the MongoDB connection string.',
      });
    }
    if (code === 14_031)
      throw new Fault('storage.full', { retry: { afterMs: 30_000 }, facts: { code }, advice: 'Free space on the disks of MongoDB.' });
    throw new Fault('secret.unavailable', { retry: { afterMs: 1_000 }, facts: { code } });
  }
};
