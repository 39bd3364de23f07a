import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { deriveId, isUlid } from '@pstream/kernel';
import { dealtKey, murmur2, PLACES } from './placement.js';
import { spread } from './spread.js';

const partitionOf = (key: string, partitions: number): number => murmur2(Buffer.from(key)) % partitions;
const list = (seed: number, first: number, keys: number): readonly string[] =>
  Array.from({ length: keys }, (_, nth) => dealtKey(deriveId('mailbox', seed, nth), first + nth));
const hashed = (seed: number, keys: number): readonly string[] => Array.from({ length: keys }, (_, nth) => deriveId('mailbox', seed, nth));

const spans = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);
const perPartition = (keys: readonly string[], partitions: number): readonly number[] => {
  const counts = Array.from({ length: partitions }, () => 0);
  for (const key of keys) counts[partitionOf(key, partitions)]!++;
  return counts;
};

/** Who owns which partition after workers came one after another, and some of them went. */
const ownersAfter = (partitions: number, workers: number, deaths: readonly number[]): ReadonlyMap<number, number> => {
  let owners: ReadonlyMap<number, number> = new Map();
  for (let here = 1; here <= workers; here++) owners = spread(partitions, here, owners);
  for (const death of deaths) {
    const dead = death % workers;
    const left = new Map(
      [...owners].filter(([, owner]) => owner !== dead).map(([partition, owner]) => [partition, owner > dead ? owner - 1 : owner]),
    );
    owners = spread(partitions, workers, workers === 1 ? left : spread(partitions, workers - 1, left));
  }
  return owners;
};

/** Keys of the busiest worker for each that it would have if all had the same. */
const skew = (keys: readonly string[], partitions: number, owners: ReadonlyMap<number, number>, workers: number): number => {
  const counts = Array.from({ length: workers }, () => 0);
  for (const key of keys) counts[owners.get(partitionOf(key, partitions)) ?? 0]!++;
  return Math.max(...counts) / (keys.length / workers);
};

describe('the placement of keys', () => {
  it("has the hash of Kafka's default partitioner", () => {
    const partitioner = kafkajs.Partitioners.DefaultPartitioner();
    const metadata = (partitions: number) => Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 50 }), (key, partitions) => {
        const partitionMetadata = metadata(partitions) as unknown as Parameters<typeof partitioner>[0]['partitionMetadata'];
        expect(partitionOf(key, partitions)).toBe(partitioner({ topic: 't', partitionMetadata, message: { key, value: null } }));
      }),
    );
  });

  it('gives each partition as many keys of a list as the others, give or take one, and changes nothing but the end of a key', () => {
    const divisors = Array.from({ length: PLACES }, (_, n) => n + 1).filter((n) => PLACES % n === 0);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(1_000),
        fc.integer({ min: 1, max: 150 }),
        fc.constantFrom(...divisors),
        (seed, first, keys, partitions) => {
          const dealt = list(seed, first, keys);
          expect(spans(perPartition(dealt, partitions))).toBeLessThanOrEqual(1);
          expect(new Set(dealt).size).toBe(keys);
          expect(dealt.every(isUlid)).toBe(true);
          expect(dealt.map((key) => key.slice(0, -3))).toEqual(hashed(seed, keys).map((key) => key.slice(0, -3)));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('is even over workers whoever has come and gone, where every partition has as many', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(24, 48, 120),
        fc.constantFrom(2, 3, 4, 6, 8, 12),
        fc.array(fc.nat(11), { maxLength: 4 }),
        (seed, keys, workers, deaths) => {
          expect(skew(list(seed, seed % PLACES, keys), 24, ownersAfter(24, workers, deaths), workers)).toBe(1);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    { keys: 8, workers: 4, byHash: 1.55, dealtOut: 1.45 },
    { keys: 24, workers: 8, byHash: 1.8, dealtOut: 1 },
    { keys: 100, workers: 8, byHash: 1.35, dealtOut: 1.12 },
    { keys: 500, workers: 8, byHash: 1.15, dealtOut: 1.02 },
  ])('has less skew than the hash of $keys random keys over $workers workers', ({ keys, workers, byHash, dealtOut }) => {
    const runs = Array.from({ length: 40 }, (_, run) => run);
    const mean = (keysOf: (run: number) => readonly string[]): number =>
      runs.reduce((sum, run) => sum + skew(keysOf(run), 24, ownersAfter(24, workers, [run]), workers), 0) / runs.length;
    expect(mean((run) => hashed(run, keys))).toBeGreaterThan(byHash);
    expect(mean((run) => list(run, run * 7, keys))).toBeLessThanOrEqual(dealtOut);
  });
});
