import fc from 'fast-check';
import { DEFAULT_BATCH_LIMITS, planBatches } from './plan-batches.js';

const SEED = 20261122;
const items = fc
  .array(fc.oneof(fc.nat({ max: 200_000 }), fc.nat({ max: 3_000_000 })), { maxLength: 120 })
  .map((sizes) => sizes.map((size, at) => ({ id: `i${String(at)}`, size })));

describe(`batch plan (seed ${SEED})`, () => {
  it('puts every item into exactly one batch within the bounds, large ones alone', () => {
    fc.assert(
      fc.property(items, (all) => {
        const batches = planBatches(all);
        expect(
          batches
            .flat()
            .map((item) => item.id)
            .sort(),
        ).toEqual(all.map((item) => item.id).sort());
        for (const batch of batches) {
          const bytes = batch.reduce((sum, item) => sum + item.size, 0);
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(DEFAULT_BATCH_LIMITS.maxIds);
          if (batch.some((item) => item.size >= DEFAULT_BATCH_LIMITS.aloneFrom)) expect(batch).toHaveLength(1);
          else expect(bytes).toBeLessThanOrEqual(DEFAULT_BATCH_LIMITS.maxBytes);
        }
      }),
      { seed: SEED },
    );
  });

  it('fills a batch before it opens the next', () => {
    const small = Array.from({ length: 45 }, (_, at) => ({ id: String(at), size: 10 }));
    expect(planBatches(small).map((batch) => batch.length)).toEqual([20, 20, 5]);
  });
});
