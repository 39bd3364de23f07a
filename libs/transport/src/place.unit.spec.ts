import { FakeClock } from '@pstream/testing';
import { KeptPlace } from './place.js';

describe('a place that a record has', () => {
  const begin = (isFree = false) => {
    const clock = new FakeClock();
    const taken = { places: 0, lent: 0 };
    const hears = { taken: (places: number) => void (taken.places += places), lent: () => void taken.lent++ };
    const place = new KeptPlace(isFree, new AbortController().signal, clock, hears);
    return { clock, taken, place };
  };
  it('is given while it is lent, and taken again when that time is over', async () => {
    const { clock, taken, place } = begin();
    expect(taken.places).toBe(1);
    place.lend(5_000);
    place.lend(9_000);
    expect(taken).toEqual({ places: 0, lent: 1 });
    await clock.advance(5_000);
    expect(taken.places).toBe(1);
    place.end();
    expect(taken.places).toBe(0);
  });
  it('is not taken again after its end', async () => {
    const { clock, taken, place } = begin();
    place.lend(5_000);
    place.end();
    await clock.advance(5_000);
    expect(taken.places).toBe(0);
  });
  it('is none for those that need none', async () => {
    const { clock, taken, place } = begin(true);
    place.lend(1);
    await clock.advance(1);
    place.end();
    expect(taken.places).toBe(0);
  });
});
