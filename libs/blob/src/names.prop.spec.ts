import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { tempDir } from '@pstream/testing';
import { checkPartName } from './names.js';

describe('a part name that is accepted', () => {
  it('is one entry of its folder under exactly this name', () => {
    const stem = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 130 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ maxLength: 40 }),
    );
    fc.assert(
      fc.property(stem, (text) => {
        const name = `${text}.pst`;
        if (checkPartName(name) !== null) return;
        const dir = tempDir();
        writeFileSync(join(dir, name), '');
        expect(readdirSync(dir)).toEqual([name]);
        expect(new URL(`http://host/c/${encodeURIComponent(name)}`).pathname.split('/')).toHaveLength(3);
      }),
      { numRuns: 500 },
    );
  });
});
