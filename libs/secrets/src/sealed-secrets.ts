import { assert, Fault, isFault, isUlid, systemIds, systemRandom, type Ids, type Random } from '@pstream/kernel';
import { seal, unseal, type MasterKey, type MasterKeys } from './master-key.js';
import { Secret } from './secret.js';
import type { SecretRef, SecretStore } from './secret-store.js';

/** A secret at rest. The value is sealed under a data key of its own, that key is wrapped by the master key `keyId`, and both are bound
 *  to (ref, purpose, version), so that records cannot be swapped. Binary fields are base64. */
export type SealedSecret = {
  readonly format: 1;
  readonly ref: SecretRef;
  readonly purpose: string;
  readonly version: number;
  readonly keyId: string;
  readonly wrappedKey: string;
  readonly sealed: string;
  /** The `order` of the rotation that brought the value; absent for a first value. */
  readonly order?: number;
};

/** Where sealed secrets lie. Writes are durable when they resolve. Faults as of SecretStore. */
export interface SealedRecords {
  read(ref: SecretRef): Promise<SealedSecret | undefined>;
  /** Leaves a record that is there already under this reference as it is. */
  insert(record: SealedSecret): Promise<void>;
  /** Puts `next` in the place of exactly `seen`; false if something else is there. */
  replace(seen: SealedSecret, next: SealedSecret): Promise<boolean>;
  delete(ref: SecretRef): Promise<void>;
  refs(): Promise<readonly SecretRef[]>;
}

const REPLACE_TRIES = 10;
const aadOf = ({ ref, purpose, version }: Pick<SealedSecret, 'ref' | 'purpose' | 'version'>): Uint8Array =>
  Buffer.from(JSON.stringify(['pstream secret', 1, ref, purpose, version]));
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** True for a reference that a store may have given out. */
export const isSecretRef = (text: string): boolean => text.startsWith('secret:') && isUlid(text.slice('secret:'.length));

/** Seals and opens secrets over any place of records. */
export const sealedSecrets = (
  records: SealedRecords,
  keys: MasterKeys,
  ports: { readonly random?: Random; readonly ids?: Ids } = {},
): SecretStore => {
  const { random = systemRandom, ids = systemIds } = ports;
  const known = new Map([...(keys.older ?? []), keys.current].map((key) => [key.id, key]));

  const sealOne = async (of: Pick<SealedSecret, 'ref' | 'purpose' | 'version' | 'order'>, secret: string): Promise<SealedSecret> => {
    const dataKey = random.bytes(32);
    const plain = Buffer.from(secret, 'utf8');
    try {
      const aad = aadOf(of);
      const sealed = base64(seal(random, dataKey, plain, aad));
      return { format: 1, ...of, keyId: keys.current.id, wrappedKey: base64(await keys.current.wrap(dataKey, aad)), sealed };
    } finally {
      dataKey.fill(0);
      plain.fill(0);
    }
  };
  const read = async (ref: SecretRef): Promise<SealedSecret> => {
    const record = isSecretRef(ref) ? await records.read(ref) : undefined;
    if (record === undefined) {
      throw new Fault('secret.not-found', {
        retry: 'never',
        facts: isSecretRef(ref) ? { ref } : {},
        advice: 'Enter the secret again: it was deleted, or belongs to another installation.',
      });
    }
    return record;
  };
  const withDataKey = async <T>(ref: SecretRef, record: SealedSecret, work: (dataKey: Uint8Array) => T | Promise<T>): Promise<T> => {
    const key: MasterKey | undefined = known.get(record.keyId);
    if (key === undefined) throw unreadable(ref, 'other-master-key', { keyId: record.keyId, currentKeyId: keys.current.id });
    // A record that was moved under another reference fails here, because its own is in what was sealed.
    const aad = aadOf({ ...record, ref });
    let dataKey: Uint8Array | undefined;
    try {
      dataKey = await key.unwrap(Buffer.from(record.wrappedKey, 'base64'), aad);
      return await work(dataKey);
    } catch (error) {
      throw isFault(error) ? error : unreadable(ref, 'altered', { keyId: record.keyId });
    } finally {
      dataKey?.fill(0);
    }
  };

  return {
    put: async (purpose, secret, id = ids.ulid()) => {
      assert(/^[A-Za-z0-9:._-]{1,100}$/.test(purpose), 'a purpose is 1..100 of [A-Za-z0-9:._-]');
      assert(isUlid(id), 'the id of a secret is a ULID');
      const record = await sealOne({ ref: `secret:${id}`, purpose, version: 1 }, secret);
      await records.insert(record);
      return record.ref;
    },
    use: async (ref) => {
      const record = await read(ref);
      return withDataKey(ref, record, (dataKey) => {
        const plain = unseal(dataKey, Buffer.from(record.sealed, 'base64'), aadOf({ ...record, ref }));
        try {
          return new Secret(plain.toString('utf8'));
        } finally {
          plain.fill(0);
        }
      });
    },
    rotate: async (ref, secret, order) => {
      for (let tries = 0; tries < REPLACE_TRIES; tries++) {
        const seen = await read(ref);
        if ((seen.order ?? 0) >= order) return;
        const next = await sealOne({ ref, purpose: seen.purpose, version: seen.version + 1, order }, secret);
        if (await records.replace(seen, next)) return;
      }
      throw new Fault('secret.unavailable', { retry: { afterMs: 1_000 }, facts: { ref, reason: 'replaced-by-others' } });
    },
    rewrap: async () => {
      let [rewrapped, unread] = [0, 0];
      for (const ref of await records.refs()) {
        const seen = await records.read(ref);
        // Deleted, wrapped already, or replaced meanwhile: a replacement is under the current key.
        if (seen === undefined || seen.keyId === keys.current.id) continue;
        try {
          const wrappedKey = await withDataKey(ref, seen, async (dataKey) => base64(await keys.current.wrap(dataKey, aadOf(seen))));
          if (await records.replace(seen, { ...seen, keyId: keys.current.id, wrappedKey })) rewrapped++;
        } catch (error) {
          if (!isFault(error) || error.code !== 'secret.unreadable') throw error;
          unread++;
        }
      }
      return { rewrapped, unreadable: unread };
    },
    list: async () => {
      const found: { ref: SecretRef; purpose: string }[] = [];
      for (const ref of await records.refs()) {
        const record = await records.read(ref).catch((error: unknown) => {
          if (isFault(error) && error.code === 'secret.unreadable') return undefined;
          throw error;
        });
        if (record !== undefined) found.push({ ref, purpose: record.purpose });
      }
      return found;
    },
    delete: async (ref) => {
      if (isSecretRef(ref)) await records.delete(ref);
    },
  };
};

/** A secret that cannot be opened. */
export const unreadable = (ref: SecretRef, reason: 'other-master-key' | 'altered' | 'damaged', facts: Record<string, string> = {}): Fault =>
  new Fault('secret.unreadable', {
    retry: 'never',
    facts: { ref, reason, ...facts },
    advice:
      reason === 'other-master-key'
        ? 'The secret was sealed under another master key. Put that key back (key file or environment), also as an older key beside a new one, or enter the secret again.'
        : 'The sealed secret was changed at rest. Restore it from a backup or enter the secret again.',
  });

/** Reads a record from foreign hands; undefined if it is none. */
export const parseSealedSecret = (value: unknown): SealedSecret | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, ref, purpose, version, keyId, wrappedKey, sealed, order } = value as Partial<Record<keyof SealedSecret, unknown>>;
  if (format !== 1 || typeof version !== 'number' || typeof ref !== 'string' || typeof purpose !== 'string') return undefined;
  if (typeof keyId !== 'string' || typeof wrappedKey !== 'string' || typeof sealed !== 'string') return undefined;
  const record = { format, ref, purpose, version, keyId, wrappedKey, sealed } as const;
  if (order === undefined) return record;
  return typeof order === 'number' ? { ...record, order } : undefined;
};
