import type { RecordedEvent } from '@pstream/contracts';
import { runsOf } from './applying.js';
import { Batches } from './batches.js';
import type { Hole } from './projection.js';
import { pool, seats, totals } from './seats.fixture.js';

describe('batches of a projection', () => {
  /** Applies when it is allowed to, and notes what came together. */
  const gate = () => {
    const applied: string[] = [];
    const opening: (() => void)[] = [];
    let answer: () => readonly Hole[] = () => [];
    const batches = new Batches(async ({ name }, events, generation) => {
      applied.push(
        [
          name === seats.name ? 'seats' : 'totals',
          generation ?? 'all',
          ...events.map(({ stream, version }) => `${stream}/${version}`),
        ].join(' '),
      );
      await new Promise<void>((resolve) => opening.push(resolve));
      return answer();
    });
    const open = async (): Promise<void> => {
      opening.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { batches, applied, open, answers: (next: typeof answer) => (answer = next) };
  };
  const one = pool('pool:1', '1');
  const two = pool('pool:2', '1');
  const three = pool('pool:3', '1');

  it('go together when they wait for the same writer', async () => {
    const { batches, applied, open } = gate();
    const done = Promise.all([one, two, three].map((events) => batches.apply(seats, events, undefined)));
    const beside = batches.apply(totals, one, undefined);
    await open();
    await open();
    await open();
    await Promise.all([done, beside]);
    expect(applied).toEqual(['seats all pool:1/1', 'totals all pool:1/1', 'seats all pool:2/1 pool:3/1']);
  });

  it('stay apart, and in their order, where they are for different generations', async () => {
    const { batches, applied, open } = gate();
    const done = Promise.all([
      batches.apply(seats, one, undefined),
      batches.apply(seats, two, 'g1'),
      batches.apply(seats, three, 'g1'),
      batches.apply(seats, pool('pool:4', '1'), undefined),
    ]);
    await open();
    await open();
    await open();
    await done;
    expect(applied).toEqual(['seats all pool:1/1', 'seats g1 pool:2/1 pool:3/1', 'seats all pool:4/1']);
  });

  it('share a failure, and the next ones are applied', async () => {
    const { batches, open, answers } = gate();
    const first = batches.apply(seats, one, undefined);
    const failed = Promise.allSettled([batches.apply(seats, two, undefined), batches.apply(seats, three, undefined)]);
    await open();
    await first;
    answers(() => {
      throw new RangeError('our bug');
    });
    await open();
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    answers(() => []);
    const next = batches.apply(seats, one, undefined);
    await open();
    expect(await next).toEqual([]);
  });

  it('each get their own holes', async () => {
    const { batches, open, answers } = gate();
    const hole = (stream: string): Hole => ({ generation: 'g0', stream, seen: 0, next: 2 });
    const done = Promise.all([one, two, three].map((events) => batches.apply(seats, events, undefined)));
    await open();
    answers(() => [hole('pool:2'), hole('pool:3')]);
    await open();
    expect(await done).toEqual([[], [hole('pool:2')], [hole('pool:3')]]);
  });
});

describe('runs of events', () => {
  const counts = (keys: readonly number[], most: number): readonly number[] => {
    const events = keys.map((_count, at) => ({ version: at }) as RecordedEvent);
    const projection = { ...seats, keys: ({ version }: RecordedEvent) => Array.from({ length: keys[version] ?? 0 }, (_, n) => String(n)) };
    return runsOf(projection, events, most).map((run) => run.length);
  };

  it('hold as many events as concern so many documents, and at least one', () => {
    expect(counts([1, 1, 1, 1, 1], 2)).toEqual([2, 2, 1]);
    expect(counts([1, 500, 1, 1], 2)).toEqual([1, 1, 2]);
    expect(counts([0, 0, 0], 2)).toEqual([2, 1]);
    expect(counts([], 2)).toEqual([]);
  });
});
