import fc from 'fast-check';

import { itemDigest } from '../fidelity/index.js';
import { bufferSource, openPst } from '../reader/index.js';
import { verifyPst } from '../verify/index.js';
import { anyItem, pattern } from './items.fixture.js';
import { memoryPart } from './memory-target.fixture.js';

describe('items written to a part', () => {
  it('are read back with the digest that their receipts state', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyItem(2), { minLength: 1, maxLength: 5 }),
        fc.constantFrom<'none' | 'permute'>('none', 'permute'),
        async (items, encoding) => {
          const { target, writer } = memoryPart({ recordKey: pattern(16, 9), displayName: 'Round trip', regionsPerExtent: 2, encoding });
          writer.ensureFolder({ key: 'k', parent: null, name: 'Items' });
          const digests: Uint8Array[] = [];
          for (const item of items) {
            const { digest } = await writer.addItem('k', item);
            expect(itemDigest(item)).toEqual(digest);
            digests.push(digest);
          }
          await writer.seal();
          const file = target.file();
          const report = await verifyPst(bufferSource(file), {
            expected: {
              items: items.length,
              digest: (n) => digests[n] ?? new Uint8Array(0),
              associated: (n) => items[n]?.associated === true,
            },
          });
          expect(report.problems).toEqual([]);
          const pst = await openPst(bufferSource(file), { mode: 'strict' });
          const paths: string[] = [];
          for await (const folder of pst.folders()) paths.push(folder.path.join('/'));
          expect(paths).toEqual(['', 'Deleted Items', 'Items']);
        },
      ),
      { numRuns: 20 },
    );
  });
});
