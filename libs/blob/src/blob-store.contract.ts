import type { BlobStore } from './blob-store.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const namesOf = async (names: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = [];
  for await (const name of names) all.push(name);
  return all;
};
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no fault',
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );

/** What every BlobStore holds. `open` gives an empty store, a new one for each test. */
export const blobStoreContract = (title: string, open: () => Promise<BlobStore>): void => {
  describe(`${title} as a blob store`, () => {
    let store: BlobStore;
    beforeEach(async () => {
      store = await open();
    });

    it('creates a blob and reads it back byte for byte', async () => {
      const content = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7);
      expect(await store.putIfAbsent('claims/job/one', content)).toBe('created');
      expect(Buffer.from(await store.get('claims/job/one')).equals(Buffer.from(content))).toBe(true);
      expect(await store.head('claims/job/one')).toMatchObject({ bytes: 70_000 });
    });
    it('has no more use of the bytes once they are put', async () => {
      const content = new Uint8Array(70_000).fill(7);
      await store.putIfAbsent('reused', content);
      content.fill(9);
      expect((await store.get('reused')).every((byte) => byte === 7)).toBe(true);
    });
    it('keeps an empty blob', async () => {
      expect(await store.putIfAbsent('empty', new Uint8Array())).toBe('created');
      expect((await store.get('empty')).length).toBe(0);
      expect(await store.putIfAbsent('empty', new Uint8Array())).toBe('existed');
    });
    it('answers existed when the same content is put again', async () => {
      await store.putIfAbsent('a/b', bytes('same'));
      expect(await store.putIfAbsent('a/b', bytes('same'))).toBe('existed');
    });
    it('refuses other content under a name and leaves what is there', async () => {
      await store.putIfAbsent('a/b', bytes('first'));
      expect(await code(store.putIfAbsent('a/b', bytes('other')))).toBe('blob.exists');
      expect(await code(store.putIfAbsent('a/b', bytes('longer than the first')))).toBe('blob.exists');
      expect(Buffer.from(await store.get('a/b')).toString()).toBe('first');
    });
    it('lets exactly one of many writers of a name win', async () => {
      const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => code(store.putIfAbsent('race', bytes(`writer ${i}`)))));
      expect(outcomes.filter((o) => o === 'no fault')).toHaveLength(1);
      expect(outcomes.filter((o) => o === 'blob.exists')).toHaveLength(7);
    });
    it('lets many writers of the same content all succeed', async () => {
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => store.putIfAbsent('race', bytes('the same'))));
      expect(outcomes).toContain('created');
      expect(Buffer.from(await store.get('race')).toString()).toBe('the same');
    });
    it('says so when a blob is not there', async () => {
      expect(await code(store.get('nothing/here'))).toBe('blob.not-found');
      expect(await store.head('nothing/here')).toBeUndefined();
    });
    it('lists names with a prefix in ascending order, folders or not', async () => {
      const names = ['a', 'a-b', 'b/1', 'b/10', 'b/2/x', 'b/2-x', 'b.c', 'bb/1', 'c'];
      for (const name of names.toReversed()) await store.putIfAbsent(name, bytes(name));
      expect(await namesOf(store.list(''))).toEqual(names.toSorted());
      expect(await namesOf(store.list('b/'))).toEqual(['b/1', 'b/10', 'b/2-x', 'b/2/x']);
      expect(await namesOf(store.list('b/1'))).toEqual(['b/1', 'b/10']);
      expect(await namesOf(store.list('b/2/'))).toEqual(['b/2/x']);
      expect(await namesOf(store.list('none/'))).toEqual([]);
    });
    it('deletes exactly the names it is given, there or not', async () => {
      for (const name of ['d/1', 'd/2', 'd/3']) await store.putIfAbsent(name, bytes(name));
      await store.delete(['d/1', 'd/3', 'd/never-there']);
      expect(await namesOf(store.list(''))).toEqual(['d/2']);
      await store.delete(['d/2']);
      expect(await store.putIfAbsent('d/1', bytes('again'))).toBe('created');
    });
    it('refuses names outside its grammar before it touches anything', async () => {
      for (const name of [
        '',
        '/a',
        'a/',
        'a//b',
        '../a',
        'a/../b',
        '.',
        'a/./b',
        'a b',
        'a\\b',
        'ä',
        'a\u0000b',
        'a'.repeat(129),
        '~tmp/x',
      ]) {
        expect([name, await code(store.putIfAbsent(name, bytes('x')))]).toEqual([name, 'blob.bad-name']);
        expect([name, await code(store.get(name))]).toEqual([name, 'blob.bad-name']);
      }
      expect(await namesOf(store.list(''))).toEqual([]);
    });
    it('stops with the reason of an aborted signal', async () => {
      const reason = new Error('enough');
      const aborted = AbortSignal.abort(reason);
      await expect(store.putIfAbsent('x', bytes('x'), aborted)).rejects.toBe(reason);
      await expect(store.get('x', aborted)).rejects.toBe(reason);
      expect(await store.head('x')).toBeUndefined();
    });
  });
};
