import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { tempDir } from '@pstream/testing';
import fc from 'fast-check';
import { killed, watchFiles } from './killed-files.fixture.js';
import type { ConvertOptions } from './options.js';
import type { Loss } from './report.js';

// Each run writes, syncs and reads back; the machine may be busy.
jest.setTimeout(600_000);

watchFiles();
const { convert } = await import('./convert.js');

const mail = (subject: string, bytes: number): string =>
  `From: ada@contoso.example\r\nDate: Mon, 1 Jul 2024 10:00:00 +0200\r\nSubject: ${subject}\r\n\r\n${subject} ${'x'.repeat(bytes)}\r\n`;

/** A folder of every kind of source, with files and items that are lost. */
const sources = (dir: string): void => {
  mkdirSync(join(dir, 'in', 'deep'), { recursive: true });
  const put = (name: string, content: string | Uint8Array): void => writeFileSync(join(dir, 'in', name), content);
  for (let at = 0; at < 5; at++) put(`deep/${at}.eml`, mail(`deep ${at}`, at * 60_000));
  put('a.mbox', ['one', 'two', 'three', 'four'].map((name) => `From - Mon Jul 01\n${mail(name, 90_000)}`).join('\n'));
  put('b.msg', Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]));
  put('c.eml', `Content-Type: multipart/mixed; boundary=x\r\nSubject: cut\r\n\r\n--x\r\n\r\nText`);
  put('d.pst', Buffer.concat([Buffer.from('!BDN'), Buffer.alloc(600)]));
  put('e.txt', 'milk');
};

const scene = () => {
  const dir = tempDir();
  sources(dir);
  const run = async (more: Partial<ConvertOptions> = {}) => {
    const losses: Loss[] = [];
    const report = await convert({
      sources: [join(dir, 'in')],
      nameOf: (ordinal) => join(dir, ordinal === 1 ? 'out.pst' : `out.${ordinal}.pst`),
      displayName: 'out',
      createdAt: '2024-01-01T00:00:00Z',
      recordKey: () => new Uint8Array(16).fill(7),
      maxBytes: 700_000,
      checkpointAt: { bytes: 100_000, items: 2 },
      onLoss: (loss) => void losses.push(loss),
      ...more,
    });
    return { report, losses };
  };
  const contents = (): ReadonlyMap<string, Buffer> =>
    new Map(
      readdirSync(dir)
        .filter((name) => name !== 'in')
        .map((name) => [name, readFileSync(join(dir, name))]),
    );
  const clear = (): void => {
    for (const name of contents().keys()) rmSync(join(dir, name));
  };
  return { dir, run, contents, clear };
};

const stop = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((at) => ({ by: 'kill' as const, at })),
  fc.integer({ min: 1, max: 12 }).map((at) => ({ by: 'interrupt' as const, at })),
);

it('gives the same files, report and losses however often it is killed or interrupted, and no file has a name before it is whole', async () => {
  const { run, contents, clear } = scene();
  killed.calls = 0;
  const expected = await run();
  const { calls } = killed;
  const whole = contents();
  expect([...whole.keys()].length).toBeGreaterThan(2);
  expect(expected.report).toMatchObject({ found: 11, written: 10, failed: 1, unreadable: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(stop, { minLength: 1, maxLength: 3 }), async (stops) => {
      clear();
      let last: Awaited<ReturnType<typeof run>> | undefined;
      for (const { by, at } of stops) {
        const interrupted = new AbortController();
        if (by === 'kill') killed.left = Math.floor(at * calls);
        const onProgress = ({ found }: { found: number }): void => {
          if (by === 'interrupt' && found === at) interrupted.abort(new Error('interrupted'));
        };
        last = await run({ signal: interrupted.signal, onProgress }).catch(() => undefined);
        killed.left = Infinity;
        for (const [name, bytes] of contents())
          if (name.endsWith('.pst')) expect([name, bytes.equals(whole.get(name) ?? Buffer.of())]).toEqual([name, true]);
        if (last !== undefined) break;
      }
      last ??= await run();
      expect(last).toEqual(expected);
      expect([...contents()].map(([name, bytes]) => [name, bytes.equals(whole.get(name) ?? Buffer.of())])).toEqual(
        [...whole.keys()].map((name) => [name, true]),
      );
    }),
    { numRuns: 10 },
  );
});
