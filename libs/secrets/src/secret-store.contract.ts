import type { SecretStore } from './secret-store.js';
import type { MasterKeys } from './master-key.js';
import { masterKey } from './master-key.js';

/** One place of secrets, opened with any keys; `tamper` changes the stored record of a reference by way of a text replacement. */
export type SecretWorld = {
  open(keys: MasterKeys): Promise<SecretStore>;
  /** Everything that is stored, as text. */
  dump(): Promise<string>;
  /** Puts the sealed value and wrapped key of one reference into the record of another. */
  swap(from: string, to: string): Promise<void>;
  /** Flips a bit of the sealed value. */
  flip(ref: string): Promise<void>;
};

const key = (fill: number): MasterKeys => ({ current: masterKey(new Uint8Array(32).fill(fill)) });
const CANARY = 'canary-7f3a9c';
const code = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no fault',
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );

/** What every SecretStore holds. `make` gives a new, empty place. */
export const secretStoreContract = (title: string, make: () => Promise<SecretWorld>): void => {
  describe(`${title} as a secret store`, () => {
    let world: SecretWorld;
    let store: SecretStore;
    beforeEach(async () => {
      world = await make();
      store = await world.open(key(1));
    });

    it('gives back what was put, in this process and the next', async () => {
      for (const text of ['', 'simple', 'ünïcödé 🔑\n', 'x'.repeat(10_000)]) {
        const ref = await store.put('endpoint:1', text);
        expect(ref).toMatch(/^secret:[0-9A-Z]{26}$/);
        expect((await store.use(ref)).reveal()).toBe(text);
        expect((await (await world.open(key(1))).use(ref)).reveal()).toBe(text);
      }
    });
    it('gives every secret a reference of its own', async () => {
      expect(await store.put('p', 'same')).not.toBe(await store.put('p', 'same'));
    });
    it('keeps the reference when the value is replaced', async () => {
      const ref = await store.put('p', 'old');
      await store.rotate(ref, 'new', 1);
      await store.rotate(ref, 'newer', 2);
      expect((await store.use(ref)).reveal()).toBe('newer');
      expect((await (await world.open(key(1))).use(ref)).reveal()).toBe('newer');
    });
    it('keeps what is there when a put or an earlier replacement is repeated', async () => {
      const id = '01J8ZZZZZZZZZZZZZZZZZZZZZZ';
      const ref = await store.put('p', 'first', id);
      expect(ref).toBe(`secret:${id}`);
      expect(await store.put('p', 'second', id)).toBe(ref);
      expect((await store.use(ref)).reveal()).toBe('first');
      await store.rotate(ref, 'third', 3);
      for (const order of [1, 2, 3]) await (await world.open(key(1))).rotate(ref, 'earlier', order);
      expect((await store.use(ref)).reveal()).toBe('third');
    });
    it('ends with the last replacement when many come at once', async () => {
      const ref = await store.put('p', 'old');
      await Promise.all(['a', 'c', 'b'].map((value) => store.rotate(ref, value, value.charCodeAt(0))));
      expect((await store.use(ref)).reveal()).toBe('c');
    });
    it('knows nothing of a deleted or an invented reference', async () => {
      const ref = await store.put('p', 'x');
      await store.delete(ref);
      await store.delete(ref);
      for (const gone of [ref, 'secret:01J8ZZZZZZZZZZZZZZZZZZZZZZ', 'secret:../../etc/passwd', 'nonsense']) {
        expect(await code(store.use(gone))).toBe('secret.not-found');
        expect(await code(store.rotate(gone, 'y', 1))).toBe('secret.not-found');
      }
    });
    it('lists what is there with its purpose, whatever key it needs', async () => {
      const [a, b] = [await store.put('endpoint:1', 'a'), await store.put('endpoint:2', 'b')];
      const gone = await store.put('endpoint:3', 'c');
      await store.delete(gone);
      await world.flip(b);
      const listed = await (await world.open(key(2))).list();
      expect(listed.toSorted((x, y) => x.purpose.localeCompare(y.purpose))).toEqual([
        { ref: a, purpose: 'endpoint:1' },
        { ref: b, purpose: 'endpoint:2' },
      ]);
    });
    it('cannot be read with another master key, and says what to do', async () => {
      const ref = await store.put('p', CANARY);
      const told = await (await world.open(key(2))).use(ref).catch((error: unknown) => error);
      expect(told).toMatchObject({
        code: 'secret.unreadable',
        retry: 'never',
        facts: { ref, reason: 'other-master-key' },
        advice: expect.stringContaining('master key'),
      });
    });
    it('refuses a record that was altered or put in the place of another', async () => {
      const [mine, other] = [await store.put('p', 'mine'), await store.put('p', 'other')];
      await world.swap(other, mine);
      expect(await store.use(mine).catch((error: unknown) => error)).toMatchObject({
        code: 'secret.unreadable',
        facts: { reason: 'altered' },
      });
      expect((await store.use(other)).reveal()).toBe('other');
      await world.flip(other);
      expect(await code(store.use(other))).toBe('secret.unreadable');
      await store.rotate(other, 'again', 1);
      expect((await store.use(other)).reveal()).toBe('again');
    });
    it('moves to a new master key while it is used, and then needs the old one no more', async () => {
      const refs: string[] = [];
      for (let i = 0; i < 5; i++) refs.push(await store.put('p', `value ${i}`));
      const both = await world.open({ current: key(2).current, older: [key(1).current] });
      const [outcome] = await Promise.all([both.rewrap(), both.use(refs[0] ?? ''), both.rotate(refs[1] ?? '', 'replaced', 1)]);
      expect(outcome.unreadable).toBe(0);
      expect(await both.rewrap()).toEqual({ rewrapped: 0, unreadable: 0 });
      const alone = await world.open(key(2));
      expect((await alone.use(refs[0] ?? '')).reveal()).toBe('value 0');
      expect((await alone.use(refs[1] ?? '')).reveal()).toBe('replaced');
      expect(await code(store.use(refs[2] ?? ''))).toBe('secret.unreadable');
    });
    it('counts what no known key opens when it moves to a new one', async () => {
      await store.put('p', 'x');
      expect(await (await world.open(key(3))).rewrap()).toEqual({ rewrapped: 0, unreadable: 1 });
    });
    it('writes no part of a value or a key anywhere, before and after a rotation', async () => {
      const ref = await store.put('endpoint:1', CANARY);
      await store.rotate(ref, `${CANARY}-second`, 1);
      const both = await world.open({ current: key(2).current, older: [key(1).current] });
      await both.rewrap();
      const errors: unknown[] = [];
      await (await world.open(key(9))).use(ref).catch((error: unknown) => errors.push(error));
      await world.flip(ref);
      await both.use(ref).catch((error: unknown) => errors.push(error));
      expect(errors).toHaveLength(2);
      const written = (await world.dump()) + errors.map((error) => `${String(error)}${JSON.stringify(error)}`).join('');
      for (const form of [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 16), Buffer.from(CANARY).toString('hex')]) {
        expect(written.includes(form)).toBe(false);
      }
      for (const fill of [1, 2]) {
        const raw = Buffer.alloc(32, fill);
        for (const form of [raw.toString('base64').slice(0, 20), raw.toString('hex'), raw.toString('latin1')])
          expect(written.includes(form)).toBe(false);
      }
    });
  });
};
