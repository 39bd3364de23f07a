import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { azureBlobStore, folderPartStore, openPartStore } from '@pstream/blob';
import { seededRandom, systemClock } from '@pstream/kernel';
import { azuriteServer, FakeClock, tempDir } from '@pstream/testing';
import { filesBelow } from '../files-below.fixture.js';
import { paceOf } from './pace.js';
import { UPLOAD_LAYOUT } from './send-file.js';
import { uploadContract } from './upload.contract.js';

// Files of 16 MiB to disks and a server; the machine may be busy.
jest.setTimeout(300_000);

uploadContract('a folder', async () => {
  const dir = join(tempDir(), 'out');
  const store = folderPartStore({ dir, layout: UPLOAD_LAYOUT });
  await store.check();
  return {
    store,
    stagedFiles: () => filesBelow(dir).filter((name) => name.endsWith('.tmp')),
    visible: () => Promise.resolve(filesBelow(dir).filter((name) => !name.startsWith('.'))),
    putForeign: (name, content) => Promise.resolve(writeFileSync(join(dir, name), content)),
  };
});

const server = await azuriteServer();
const suite = 'skipped' in server ? describe.skip : describe;

suite(`on Azure Blob Storage${'skipped' in server ? ` (skipped: ${server.skipped})` : ` (${server.kind})`}`, () => {
  if ('skipped' in server) return;
  const { endpoint, account, key } = server;
  let containers = 0;
  afterAll(() => server.close());

  uploadContract('a container', async () => {
    const container = `d${process.pid}-${++containers}`;
    const destination = { kind: 'azure-blob' as const, account, endpoint, container, credential: { key } };
    const blobs = azureBlobStore(destination);
    const store = openPartStore(destination, { clock: systemClock, random: seededRandom(1), layout: UPLOAD_LAYOUT });
    await store.check();
    return {
      store,
      visible: async () => {
        const names: string[] = [];
        for await (const name of blobs.list('')) names.push(name);
        return names;
      },
      putForeign: async (name, content) => void (await blobs.putIfAbsent(name, Buffer.from(content))),
    };
  });
});

describe('the pace of an upload', () => {
  it('lets so many bytes pass a second, over all that ask, and saves nothing up', async () => {
    const clock = new FakeClock({ autoAdvance: true });
    const start = clock.monotonicMs();
    const pace = paceOf(1_000, clock);
    await pace(500, undefined);
    await Promise.all([pace(1_000, undefined), pace(1_000, undefined)]);
    await pace(10, undefined);
    expect(clock.monotonicMs() - start).toBe(2_500);
    await clock.advance(60_000);
    await pace(1_000, undefined);
    const now = clock.monotonicMs();
    await pace(1, undefined);
    expect(clock.monotonicMs() - now).toBe(1_000);
  });
  it('has no limit unless one was given', async () => {
    const clock = new FakeClock();
    await paceOf(undefined, clock)(1e12, undefined);
    expect(clock.monotonicMs()).toBe(new FakeClock().monotonicMs());
  });
});
