import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { Fault, systemRandom, type Random } from '@pstream/kernel';

/** What wraps data keys: a key in memory, or a key vault that never gives its key away. `id` names the key, not its value. */
export interface MasterKey {
  readonly id: string;
  wrap(dataKey: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
  /** Rejects with anything if the bytes were not wrapped by this key with this `aad`. */
  unwrap(wrapped: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
}

/** The key that seals, and those that still open what they sealed before. */
export type MasterKeys = { readonly current: MasterKey; readonly older?: readonly MasterKey[] };

const NONCE = 12;
const TAG = 16;

/** Seals with AES-256-GCM under a random 96-bit nonce: nonce, ciphertext, tag. */
export const seal = (random: Random, key: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array => {
  const nonce = random.bytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
};

/** Opens what `seal` made; throws if key, bytes or `aad` differ. */
export const unseal = (key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Buffer => {
  if (sealed.length < NONCE + TAG) throw new RangeError('shorter than nonce and tag');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG }).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, sealed.length - TAG)), decipher.final()]);
};

const badKey = (facts: { readonly reason: string; readonly bytes?: number }): Fault =>
  new Fault('secret.bad-key', {
    retry: 'never',
    facts,
    advice: 'A master key is 32 random bytes in base64, for instance from: openssl rand -base64 32',
  });

/** A master key of 32 bytes. Fault 'secret.bad-key' (never). */
export const masterKey = (bytes: Uint8Array, random: Random = systemRandom): MasterKey => {
  if (bytes.length !== 32) throw badKey({ reason: 'length', bytes: bytes.length });
  const key = Uint8Array.from(bytes);
  return {
    // One-way, and of a value that cannot be guessed: fit for the clear.
    id: createHash('sha256').update('pstream master key\u0000').update(key).digest('hex').slice(0, 16),
    wrap: async (dataKey, aad) => seal(random, key, dataKey, aad),
    unwrap: async (wrapped, aad) => unseal(key, wrapped, aad),
  };
};

/** A master key from the 32 bytes in base64 that the configuration hands in. Fault 'secret.bad-key' (never). */
export const masterKeyFromBase64 = (text: string, random: Random = systemRandom): MasterKey => {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text.trim())) throw badKey({ reason: 'not-base64' });
  return masterKey(Buffer.from(text.trim(), 'base64'), random);
};
