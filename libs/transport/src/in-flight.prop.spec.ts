import fc from 'fast-check';
import { InFlight } from './in-flight.js';

describe('records in flight', () => {
  it('lets a position be committed only when everything below it is done', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (start, order) => {
        const offsets = order.map((_, i) => BigInt(start + 2 * i));
        const inFlight = new InFlight();
        for (const offset of offsets) inFlight.add(offset);
        expect(inFlight.next).toBeUndefined();
        const open = new Set(offsets);
        let committed = offsets[0] ?? 0n;
        for (const pick of order) {
          const offset = [...open][pick % open.size] ?? 0n;
          open.delete(offset);
          inFlight.done(offset);
          const lowest = [...open].reduce(
            (least, other) => (least === undefined || other < least ? other : least),
            undefined as bigint | undefined,
          );
          const expected = lowest ?? (offsets.at(-1) ?? 0n) + 1n;
          expect(inFlight.next).toBe(expected > committed ? expected : undefined);
          if (expected > committed) {
            inFlight.committed(expected);
            committed = expected;
          }
        }
        expect(inFlight.next).toBeUndefined();
      }),
    );
  });
});
