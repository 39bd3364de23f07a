import { Fault } from '@pstream/kernel';
import { Shared } from './shared.js';

describe('what verifications share', () => {
  const never = new AbortController().signal;
  /** Checks that end when it is said. */
  const make = (holdsMs?: number) => {
    let nowMs = 0;
    const begun: { readonly pass: () => void; readonly fail: () => void }[] = [];
    const checks = new Shared<void>({ monotonicMs: () => nowMs }, holdsMs);
    const check = (name: string, signal = never): Promise<void> =>
      checks.get(
        name,
        () => {
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          begun.push({ pass: resolve, fail: () => reject(new Fault('blob.forbidden', { retry: 'never' })) });
          return promise;
        },
        signal,
      );
    return { check, begun, later: (ms: number) => void (nowMs += ms) };
  };

  it('is made once for all that ask at the same time, and holds for a while', async () => {
    const { check, begun, later } = make(2_000);
    const both = Promise.all([check('a'), check('a')]);
    later(60_000);
    begun[0]?.pass();
    await both;
    later(1_999);
    await check('a');
    expect(begun).toHaveLength(1);
    later(1);
    const again = check('a');
    expect(begun).toHaveLength(2);
    begun[1]?.pass();
    await again;
  });

  it('is another by another name', async () => {
    const { check, begun } = make();
    const both = Promise.all([check('a'), check('b')]);
    expect(begun).toHaveLength(2);
    for (const one of begun) one.pass();
    await both;
  });

  it('is made again after it could not be, for all that had asked', async () => {
    const { check, begun } = make();
    const both = Promise.allSettled([check('a'), check('a')]);
    begun[0]?.fail();
    expect(await both).toMatchObject([{ reason: { code: 'blob.forbidden' } }, { reason: { code: 'blob.forbidden' } }]);
    const again = check('a');
    begun[1]?.pass();
    await again;
    expect(begun).toHaveLength(2);
  });

  it('goes on for the others when one that asked is stopped', async () => {
    const { check, begun } = make();
    const stop = new AbortController();
    const stopped = check('a', stop.signal);
    const other = check('a');
    stop.abort(new Fault('transport.not-owner', { retry: 'never' }));
    await expect(stopped).rejects.toMatchObject({ code: 'transport.not-owner' });
    begun[0]?.pass();
    await other;
    expect(begun).toHaveLength(1);
  });

  it('is made again at once where it holds for no time', async () => {
    const { check, begun } = make();
    const both = Promise.all([check('a'), check('a')]);
    begun[0]?.pass();
    await both;
    const again = check('a');
    begun[1]?.pass();
    await again;
    expect(begun).toHaveLength(2);
  });
});
