import { jest } from '@jest/globals';
import { azureBlobStore } from '@pstream/blob';
import { azuriteServer } from '@pstream/testing';
import { closesExactly, type World } from './settle-parts.fixture.js';

jest.setTimeout(300_000);

const server = await azuriteServer();
let containers = 0;
const azureWorld = async (): Promise<World> => {
  if ('skipped' in server) throw new Error(server.skipped);
  const { account, endpoint, key } = server;
  const container = `closing${process.pid}-${++containers}`;
  const blobs = azureBlobStore({ account, endpoint, container, credential: { key } });
  await blobs.putIfAbsent('probe', new Uint8Array(1));
  await blobs.delete(['probe']);
  return {
    destination: { kind: 'azure-blob', account, endpoint, container, credential: { key } },
    settings: {
      destination: { kind: 'azure-blob', account, endpoint, region: 'local', credential: { kind: 'identity' } },
      container,
    },
    put: async (name, bytes) => {
      await blobs.delete([name]);
      await blobs.putIfAbsent(name, bytes);
    },
    all: async () => {
      const found: Record<string, string> = {};
      for await (const name of blobs.list('')) found[name] = Buffer.from((await blobs.get(name)) ?? []).toString('hex');
      return found;
    },
  };
};

const title = 'skipped' in server ? ` (skipped: ${server.skipped})` : '';

('skipped' in server ? describe.skip : describe)(`the PSTs of a closed project${title}`, () => {
  it('are deleted exactly, in a container', () => closesExactly(azureWorld, 25));

  afterAll(async () => {
    if (!('skipped' in server)) await server.close();
  });
});
