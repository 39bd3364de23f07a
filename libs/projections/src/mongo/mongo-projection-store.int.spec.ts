import { describeOnMongo } from '@pstream/testing';
import { MongoClient } from 'mongodb';
import { mongoProjectionStore } from './mongo-projection-store.js';
import { projectionStoreContract } from '../projection-store.contract.js';
import { pool, seats } from '../seats.fixture.js';

await describeOnMongo('views', ({ freshUrl, closing }) => {
  const newClient = (): MongoClient => closing(new MongoClient(freshUrl()));

  projectionStoreContract('MongoDB', async () => {
    const url = freshUrl();
    return { store: await mongoProjectionStore({ url }), peer: await mongoProjectionStore({ url }) };
  });

  describe('MongoDB projection store', () => {
    it('refuses a connection whose writes could be lost', async () => {
      await expect(mongoProjectionStore({ url: `${freshUrl()}&w=1` })).rejects.toMatchObject({ code: 'storage.weak-write-concern' });
    });

    it('repeats harmlessly after a crash between documents and positions', async () => {
      const client = newClient();
      const store = await mongoProjectionStore({ db: client.db() });
      await store.prepare(seats);
      await store.apply(seats, pool('pool:1', '3 4'));
      await client.db().collection('seats_available_v1__g0__positions').deleteMany({});
      expect(await store.position(seats.name, 'pool:1')).toBe(0);
      expect(await store.apply(seats, pool('pool:1', '3 4 5'))).toEqual([]);
      expect(await store.get(seats.name, 'pool:1')).toMatchObject({ document: { seats: 12 }, seen: { 'pool:1': 3 } });
    });

    it('adds up correctly after a crash between sums and shares', async () => {
      const client = newClient();
      const store = await mongoProjectionStore({ db: client.db() });
      await store.prepare(seats);
      const shareOf = (id: string, offset: number, items: number) => ({
        id,
        offset,
        generation: 'g0',
        revision: offset,
        share: { scopes: ['project:1', id], amounts: { items } },
      });
      const records = [shareOf('a', 1, 3), shareOf('b', 2, 4), shareOf('a', 3, 5)];
      await store.addUp(seats.name, 0, records);
      const lost = client.db().collection('seats_available_v1__g0__shares');
      await lost.deleteMany({});
      await client.db().collection('seats_available_v1__g0__sums').deleteMany({ scope: 'a' });
      for (const record of [...records, shareOf('b', 4, 6)]) await store.addUp(seats.name, 0, [record]);
      expect(Object.fromEntries(await store.sums(seats.name, ['project:1', 'a', 'b']))).toEqual({
        'project:1': { items: 11 },
        a: { items: 5 },
        b: { items: 6 },
      });
    });

    it('drops what a late projector wrote to a generation that is gone', async () => {
      const client = newClient();
      const store = await mongoProjectionStore({ db: client.db() });
      await store.prepare(seats);
      await store.prepare(seats, 'g1');
      await store.promote(seats.name, 'g1');
      await client.db().collection('seats_available_v1__g0').insertOne({ late: true });
      await store.prepare(seats, 'g2');
      await store.promote(seats.name, 'g2');
      const names = (await client.db().listCollections().toArray()).map(({ name }) => name);
      expect(names.filter((name) => name.startsWith('seats_available_v1__g') && !name.startsWith('seats_available_v1__g2'))).toEqual([]);
    });
  });
});
