import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { folderPartStore, type PartStaging, type PartStore } from '@pstream/blob';
import { Fault } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import fc from 'fast-check';
import { UPLOAD_LAYOUT } from './send-file.js';
import { sumsHold, uploadScene } from './upload.contract.js';

// Each run writes to a disk, and syncs; the machine may be busy.
jest.setTimeout(300_000);

const KINDS = ['sound', 'missing', 'empty', 'skipped', 'ownerless', 'foreign'] as const;
const CODES = ['part.fenced', 'destination.forbidden', 'destination.unavailable', 'storage.full'] as const;

/** A store that fails one of its calls, counted over take, stage and commit. */
const failing = (store: PartStore, nth: number, code: string): PartStore => {
  let calls = 0;
  const call = (): void => {
    if (++calls === nth) throw new Fault(code, { retry: 'never' });
  };
  return {
    ...store,
    take: async (...args): Promise<PartStaging> => {
      call();
      const staging = await store.take(...args);
      return {
        ...staging,
        stage: async (...extent) => {
          call();
          return staging.stage(...extent);
        },
        commit: async (...list) => {
          call();
          return staging.commit(...list);
        },
      };
    },
  };
};

it('every row is counted once whatever fails, and the next run does what the first did not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 8 }),
      fc.nat({ max: 20 }),
      fc.constantFrom(...CODES),
      async (kinds, nth, code) => {
        const dir = tempDir();
        const store = folderPartStore({ dir, layout: UPLOAD_LAYOUT });
        const { file, run } = uploadScene();
        for (const [at, kind] of kinds.entries()) {
          const name = `${at}.pst`;
          if (kind === 'foreign') writeFileSync(join(dir, name), 'not ours');
          const path = file(name, kind === 'missing' || kind === 'empty' ? '' : `mail ${at}`, {
            ...(kind === 'skipped' ? { action: 'skip' } : {}),
            ...(kind === 'ownerless' ? { owner: '' } : {}),
          });
          if (kind === 'empty') writeFileSync(path, '');
        }
        const count = (...of: string[]): number => kinds.filter((kind) => of.includes(kind)).length;
        const first = await run(failing(store, nth, code));
        sumsHold(first, kinds.length);
        expect(first.skipped).toBe(count('skipped', 'ownerless'));
        expect(first.uploaded).toBeLessThanOrEqual(count('sound'));
        const second = await run(store);
        sumsHold(second, kinds.length);
        expect(second.uploaded).toBe(count('sound'));
        // A commit that was cut off may have taken effect.
        expect(second.alreadyThere).toBeGreaterThanOrEqual(first.uploaded);
        expect(second.failed).toBe(count('missing', 'empty', 'foreign'));
      },
    ),
    { numRuns: 40 },
  );
});
