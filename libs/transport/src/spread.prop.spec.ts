import fc from 'fast-check';
import { spread } from './spread.js';

describe('spread of partitions', () => {
  it('gives everyone as many as the others, give or take one, and moves no more than it must', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.nat(9)),
        (partitions, members, chance) => {
          const owners = new Map<number, number>();
          for (let partition = 0; partition < partitions; partition++) {
            const owner = chance.next().value;
            if (owner < members) owners.set(partition, owner);
          }
          const target = spread(partitions, members, owners);
          expect(target.size).toBe(partitions);
          const counts = Array.from({ length: members }, (_, member) => [...target.values()].filter((owner) => owner === member).length);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          // A member loses a partition only if it had more than its share.
          for (const [partition, owner] of owners) {
            if (target.get(partition) !== owner) expect(counts[owner]).toBeGreaterThanOrEqual(Math.floor(partitions / members));
          }
          expect(spread(partitions, members, target)).toEqual(target);
        },
      ),
    );
  });
});
