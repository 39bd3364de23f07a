import { jest } from '@jest/globals';
import { describeOnMongo } from '@pstream/testing';
import { MongoClient } from 'mongodb';
import { masterKey } from '../master-key.js';
import { mongoSecretStore } from './mongo-secret-store.js';
import { secretStoreContract } from '../secret-store.contract.js';

// Hundreds of steps against a real server or disk; the machine may be busy.
jest.setTimeout(300_000);

await describeOnMongo('secrets', ({ freshUrl, closing }) => {
  const client = closing(new MongoClient(freshUrl(), { retryWrites: false }));
  let databases = 0;
  secretStoreContract('a collection', () => {
    const db = client.db(`secrets_${process.pid}_${++databases}`);
    const records = db.collection<{ _id: string; sealed: string; wrappedKey: string }>('secrets');
    const recordOf = async (ref: string): Promise<{ sealed: string; wrappedKey: string }> => {
      const found = await records.findOne({ _id: ref });
      return { sealed: found?.sealed ?? '', wrappedKey: found?.wrappedKey ?? '' };
    };
    return Promise.resolve({
      open: (keys) => Promise.resolve(mongoSecretStore({ db, keys })),
      dump: async () => JSON.stringify(await records.find().toArray()),
      swap: async (from, to) => {
        await records.updateOne({ _id: to }, { $set: await recordOf(from) });
      },
      flip: async (ref) => {
        const bytes = Buffer.from((await recordOf(ref)).sealed, 'base64');
        bytes[20] = (bytes[20] ?? 0) ^ 1;
        await records.updateOne({ _id: ref }, { $set: { sealed: bytes.toString('base64') } });
      },
    });
  });

  it('answers secret.unavailable when the server is gone', async () => {
    const gone = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 1 });
    const store = mongoSecretStore({ db: gone.db('x'), keys: { current: masterKey(new Uint8Array(32)) } });
    await expect(store.put('p', 'x')).rejects.toMatchObject({ code: 'secret.unavailable', retry: { afterMs: 500 } });
    await gone.close();
  });
});
