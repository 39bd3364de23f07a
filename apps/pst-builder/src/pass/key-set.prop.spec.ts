import { deriveId } from '@pstream/kernel';
import fc from 'fast-check';
import { KeySet } from './key-set.js';

const key = fc.integer({ min: 0, max: 300 }).map((n) => deriveId('item', n));

describe('a set of item keys', () => {
  it('behaves like a set, and comes back whole from what was saved in pieces', () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 800 }), fc.nat(800), (keys, cut) => {
        const set = new KeySet();
        const model = new Set<string>();
        const restored = new KeySet();
        keys.forEach((each, n) => {
          if (n === cut) restored.addAll(set.since(restored.size));
          expect(set.add(each)).toBe(!model.has(each));
          model.add(each);
        });
        restored.addAll(set.since(restored.size));
        expect(set.size).toBe(model.size);
        expect(restored.size).toBe(model.size);
        for (const each of model) expect(restored.has(each)).toBe(true);
        expect(restored.has(deriveId('item', 'another'))).toBe(false);
      }),
    );
  });
});
