import { inspect, format } from 'node:util';
import { masterKey, masterKeyFromBase64, seal, unseal } from './master-key.js';
import { seededRandom } from '@pstream/kernel';
import { Secret } from './secret.js';

describe('a secret', () => {
  const secret = new Secret('canary-7f3a9c');
  it('prints as *** wherever it is put', () => {
    const printed = [
      ['a', secret].join(' '),
      String(secret),
      JSON.stringify({ secret }),
      inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
      format('%s %o %j', secret, secret, secret),
      secret + '',
    ];
    for (const text of printed) {
      expect(text).toContain('***');
      expect(text).not.toContain('canary');
    }
    expect(JSON.stringify({ secret: Object.assign({}, secret), keys: Object.getOwnPropertyNames(secret) })).not.toContain('canary');
    expect(structuredCloneText(secret)).not.toContain('canary');
  });
  it('is given by reveal alone', () => {
    expect(secret.reveal()).toBe('canary-7f3a9c');
  });
});

describe('a master key', () => {
  it.each(['', 'short', '!!!', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), 'not base64 at all, really not'])(
    'is not %j',
    (text) => {
      expect(() => masterKeyFromBase64(text)).toThrow(
        expect.objectContaining({ code: 'secret.bad-key', retry: 'never', advice: expect.stringContaining('32') }),
      );
    },
  );
  it('has an id that follows from the key and does not show it', () => {
    const bytes = Buffer.alloc(32, 7);
    expect(masterKeyFromBase64(` ${bytes.toString('base64')}\n`).id).toBe(masterKey(bytes).id);
    expect(masterKey(Buffer.alloc(32, 8)).id).not.toBe(masterKey(bytes).id);
  });
});

describe('sealing', () => {
  const random = seededRandom(1);
  const key = random.bytes(32);
  const aad = Buffer.from('bound to this');
  it('opens with the same key and binding only, and notices every flipped bit', () => {
    const sealed = seal(random, key, Buffer.from('plain'), aad);
    expect(unseal(key, sealed, aad).toString()).toBe('plain');
    expect(() => unseal(key, sealed, Buffer.from('bound to that'))).toThrow();
    expect(() => unseal(random.bytes(32), sealed, aad)).toThrow();
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Uint8Array.from(sealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => unseal(key, altered, aad)).toThrow();
    }
    for (let length = 0; length < sealed.length; length++) expect(() => unseal(key, sealed.subarray(0, length), aad)).toThrow();
  });
  it('never seals the same bytes to the same bytes', () => {
    const all = Array.from({ length: 100 }, () => Buffer.from(seal(random, key, Buffer.from('plain'), aad)).toString('hex'));
    expect(new Set(all).size).toBe(100);
  });
});

/** What a message to a worker would carry. */
const structuredCloneText = (value: object): string => inspect(structuredClone(value), { showHidden: true });
