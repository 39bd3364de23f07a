import { streamName } from '@pstream/contracts';
import { describeOnMongo } from '@pstream/testing';
import { MongoClient } from 'mongodb';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { commitOf, eventStoreContract } from '../event-store.contract.js';
import { mongoEventStore } from './mongo-event-store.js';

await describeOnMongo('events', ({ freshUrl, closing }) => {
  const newClient = (): MongoClient => closing(new MongoClient(freshUrl()));

  eventStoreContract('MongoDB', async () => {
    const url = freshUrl();
    return { store: await mongoEventStore({ url }), peer: await mongoEventStore({ url }) };
  });

  describe('MongoDB event store', () => {
    it('uses a database that it is given, and leaves it open', async () => {
      const client = newClient();
      const store = await mongoEventStore({ db: client.db() });
      await store.append(commitOf('project:1', 0));
      await store.close();
      expect(await client.db().collection('commits').countDocuments()).toBe(1);
    });

    it.each(['w=1', 'w=0', 'w=2', 'journal=false&w=majority'])('refuses to start with %s', async (weak) => {
      await expect(mongoEventStore({ url: `${freshUrl()}&${weak}` })).rejects.toMatchObject({
        code: 'storage.weak-write-concern',
        retry: 'never',
      });
    });

    it('starts with the strongest write concern spelled out', async () => {
      await (await mongoEventStore({ url: `${freshUrl()}&w=majority&journal=true` })).close();
    });

    it('reads every event over many chunks', async () => {
      const client = newClient();
      const store = await mongoEventStore({ db: client.db() });
      const commits = Array.from({ length: 2_500 }, (_, index) => ({
        _id: `command-${index}`,
        context: 'projects',
        stream: `project:${String(index % 700).padStart(3, '0')}`,
        firstVersion: Math.floor(index / 700) + 1,
        lastVersion: Math.floor(index / 700) + 1,
        at: '2026-01-01T00:00:00.000Z',
        metadata: { commandId: `command-${index}`, by: 'user-1' },
        events: [{ id: `event-${index}`, type: 'Happened', data: null }],
        published: true,
      }));
      await client.db().collection<(typeof commits)[number]>('commits').insertMany(commits);
      const seen = new Map<string, number>();
      for await (const event of store.readAll({ contexts: ['projects'] })) {
        expect(event.version).toBe((seen.get(event.stream) ?? 0) + 1);
        seen.set(event.stream, event.version);
      }
      expect([...seen.values()].reduce((sum, count) => sum + count, 0)).toBe(2_500);
    });

    it('answers a repeated append whose reply was lost, and says meanwhile that the store is unavailable', async () => {
      const url = freshUrl();
      const target = Number(/:(\d+)\//.exec(url)?.[1]);
      const proxy = await replyLosingProxy(target);
      const store = await mongoEventStore({ url: url.replace(`:${target}/`, `:${proxy.port}/`) });
      const commit = commitOf('project:1', 0, 2);
      proxy.loseReplyTo('insert');
      await expect(store.append(commit)).rejects.toMatchObject({ code: 'event-store.unavailable', retry: { afterMs: 500 } });
      expect(await store.append(commit)).toMatchObject({ version: 2, duplicate: true });
      expect((await store.read(streamName('project:1'))).length).toBe(2);
      await store.close();
      await proxy.close();
    });
  });
});

/** A TCP proxy that can swallow the reply to the next request that names a command, and cut the connection. */
const replyLosingProxy = async (
  target: number,
): Promise<{ port: number; loseReplyTo: (command: string) => void; close: () => Promise<void> }> => {
  let armed: string | undefined;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    let losing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (bytes) => {
      if (armed !== undefined && bytes.includes(`${armed}\0`)) {
        losing = true;
        armed = undefined;
      }
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => (losing ? client.destroy() : client.write(bytes)));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    loseReplyTo: (command) => (armed = command),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
};
