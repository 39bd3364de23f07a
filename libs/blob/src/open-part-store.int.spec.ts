import { join } from 'node:path';
import { seededRandom, type Clock } from '@pstream/kernel';
import { FakeClock, tempDir } from '@pstream/testing';
import { sha256Hex } from './digest.js';
import { openPartStore } from './open-part-store.js';

const ports = { clock: new FakeClock({ autoAdvance: true }), random: seededRandom(1), layout: { headerBytes: 700, extentBytes: 2048 } };

describe('openPartStore', () => {
  it('publishes a part in a folder below the path of the destination', async () => {
    const path = tempDir();
    const store = openPartStore({ kind: 'folder', path, container: 'exports' }, ports);
    await store.check();
    const staging = await store.take({ partId: 'p', name: 'p.pst' }, 1, []);
    await staging.commit([await staging.stage(0, new Uint8Array(700))], sha256Hex(Buffer.from('list')));
    expect(store.locate('p.pst')).toBe(join(path, 'exports', 'p.pst'));
    expect((await store.head('p.pst'))?.bytes).toBe(700);
    const part = await store.open('p.pst');
    expect(await part.read(600, 500)).toHaveLength(100);
    await part.close();
  });
  it('locates a blob by a URL without credentials', () => {
    const store = openPartStore(
      { kind: 'azure-blob', account: 'acme', container: 'exports', credential: { sas: '?sv=1&sig=secret' } },
      ports,
    );
    expect(store.locate('Jörg 1.pst')).toBe('https://acme.blob.core.windows.net/exports/J%C3%B6rg%201.pst');
  });
  it('refuses a container that is no name of one', () => {
    for (const container of ['..', 'A', 'a/b']) {
      expect(() => openPartStore({ kind: 'folder', path: '/tmp', container }, ports)).toThrow(
        expect.objectContaining({ code: 'destination.bad-endpoint' }),
      );
    }
  });
  it('tries again what may be tried again, and tells how often it has', async () => {
    const down = {
      kind: 'azure-blob',
      account: 'devstoreaccount1',
      endpoint: 'http://127.0.0.1:1/devstoreaccount1',
      container: 'exports',
      credential: { key: '' },
    } as const;
    // Short waits pass at once, deadlines never: a real server is on the other side.
    const clock: Clock = {
      now: () => '',
      monotonicMs: () => 0,
      yield: () => Promise.resolve(),
      sleep: (ms: number) => (ms < 30_000 ? Promise.resolve() : new Promise<void>(() => undefined)),
    };
    const told = await openPartStore(down, { ...ports, clock })
      .head('p.pst')
      .catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 'destination.unavailable', facts: { tries: 5, stoppedBy: 'tries', serviceCode: 'ECONNREFUSED' } });
  });
});
