import { Fault } from '@pstream/kernel';
import { bufferSource, type ByteSource } from './source.js';
import { WindowCache } from './window-cache.js';

const counted = (size: number): { source: ByteSource; reads: [number, number][] } => {
  const bytes = Uint8Array.from({ length: size }, (_, i) => i & 0xff);
  const reads: [number, number][] = [];
  const inner = bufferSource(bytes);
  return {
    reads,
    source: {
      size,
      read: (offset, length) => {
        reads.push([offset, length]);
        return inner.read(offset, length);
      },
    },
  };
};

describe('the window cache', () => {
  it('answers without reading once a window is there', async () => {
    const { source, reads } = counted(1000);
    const cache = new WindowCache(source, 100, 1000);
    expect(cache.peek(10, 20)).toBeUndefined();
    expect([...(await cache.read(10, 3))]).toEqual([10, 11, 12]);
    expect([...(cache.peek(90, 10) ?? [])]).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
    expect(cache.peek(95, 10)).toBeUndefined();
    expect(reads).toEqual([[0, 100]]);
  });

  it('puts together what lies across windows, up to the last byte', async () => {
    const { source } = counted(1000);
    const cache = new WindowCache(source, 300, 10_000);
    expect([...(await cache.read(250, 700))]).toEqual(Array.from({ length: 700 }, (_, i) => (250 + i) & 0xff));
    expect([...(await cache.read(999, 1))]).toEqual([999 & 0xff]);
  });

  it('reads ahead when it is read in order, and reads nothing twice', async () => {
    const { source, reads } = counted(6400);
    const cache = new WindowCache(source, 100, 6400);
    for (let at = 0; at < 6400; at += 50) await cache.read(at, 50);
    expect(reads.length).toBe(64);
    expect(new Set(reads.map(([offset]) => offset)).size).toBe(64);
  });

  it('forgets the window used longest ago', async () => {
    const { source, reads } = counted(1000);
    const cache = new WindowCache(source, 100, 200);
    for (const at of [0, 500, 0, 900, 0]) await cache.read(at, 1);
    expect(reads.map(([offset]) => offset)).toEqual([0, 500, 900]);
    await cache.read(500, 1);
    expect(reads.length).toBe(4);
  });

  it('says when the source gives too little, and tries again when asked again', async () => {
    let short = true;
    const inner = bufferSource(new Uint8Array(100));
    const cache = new WindowCache({ size: 100, read: (offset, length) => inner.read(offset, short ? length - 1 : length) }, 50, 100);
    await expect(cache.read(0, 10)).rejects.toMatchObject({ code: 'pst.short-read', retry: 'now' });
    short = false;
    expect((await cache.read(0, 10)).length).toBe(10);
  });

  it('reads no more after its signal', async () => {
    const { source, reads } = counted(1000);
    const aborter = new AbortController();
    const cache = new WindowCache(source, 100, 1000, aborter.signal);
    aborter.abort(new Fault('test.stop', { retry: 'never' }));
    await expect(cache.read(0, 1)).rejects.toMatchObject({ code: 'test.stop' });
    expect(reads).toEqual([]);
  });
});
