import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import fc from 'fast-check';
import { openFile, type DatabaseSpec } from './database-file.js';

const specOf = (path: string): DatabaseSpec => ({ path, applicationId: 7, version: 1, schema: 'CREATE TABLE numbers (n INTEGER) STRICT' });

describe('the journal of a database', () => {
  it('is whole after the process died, and known to be cut short wherever a bit was flipped in front of a commit', () => {
    const dir = tempDir();
    const path = join(dir, 'numbers.sqlite');
    const first = openFile(specOf(path));
    first.database.close();
    const { database } = openFile(specOf(path));
    for (let n = 0; n < 20; n++) database.exec(`INSERT INTO numbers VALUES (${n})`);
    copyFileSync(path, join(dir, 'copy.sqlite'));
    const journal = readFileSync(`${path}-wal`);
    database.close();
    let copies = 0;
    const recovered = (bytes: Buffer): { readonly rows: number; readonly cutShort: boolean } => {
      const copy = join(dir, `${copies++}.sqlite`);
      copyFileSync(join(dir, 'copy.sqlite'), copy);
      writeFileSync(`${copy}-wal`, bytes);
      const opened = openFile(specOf(copy));
      const rows = Number(opened.database.prepare('SELECT count(*) AS n FROM numbers').get()?.['n']);
      opened.database.close();
      return { rows, cutShort: opened.cutShort };
    };
    expect(recovered(journal)).toEqual({ rows: 20, cutShort: false });
    expect(recovered(journal.subarray(0, 32 + 5 * (24 + 4096)))).toMatchObject({ cutShort: false });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: journal.length - 2 * (24 + 4096) }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const flipped = Buffer.from(journal);
        flipped[at] = flipped[at]! ^ (1 << bit);
        const { rows, cutShort } = recovered(flipped);
        expect(cutShort).toBe(rows < 20);
      }),
      { numRuns: 60 },
    );
  });
});
