import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { isFault } from '@pstream/kernel';
import { describeShared } from '@pstream/testing';
import { readMsg, readTnef } from './index.js';

describeShared('damaged copies of real messages', (shared) => {
  const sample = (folder: string, end: string, most: number): readonly Buffer[] => {
    const dir = join(shared, 'data', folder);
    const names = readdirSync(dir).filter((name) => name.endsWith(end));
    return names.map((name) => readFileSync(join(dir, name))).filter(({ length }) => length <= most);
  };
  const readers = [
    ['.msg', readMsg, sample('msg', '.msg', 60_000)],
    ['TNEF', readTnef, sample('eml', '.tnef', 60_000)],
  ] as const;

  it.each(readers)('give an item or a fault, never anything else: %s', (_, read, files) => {
    expect(files.length).toBeGreaterThan(5);
    const damage = fc.record({
      file: fc.nat(files.length - 1),
      cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }),
      changes: fc.array(
        fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), word: fc.constantFrom(0, 1, 0xff, 0x7fff_ffff, 0xffff_ffff) }),
        {
          maxLength: 8,
        },
      ),
    });
    fc.assert(
      fc.property(damage, ({ file, cut, changes }) => {
        const whole = files[file] ?? Buffer.alloc(0);
        const bytes = Buffer.from(whole.subarray(0, cut === null ? whole.length : Math.floor(cut * whole.length)));
        for (const { at, word } of changes) if (bytes.length >= 4) bytes.writeUInt32LE(word, Math.floor(at * (bytes.length - 4)));
        try {
          expect(read(bytes).item.properties).toBeDefined();
        } catch (error) {
          if (!isFault(error)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });
});
