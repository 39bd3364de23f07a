import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tempDir } from '@pstream/testing';
import { openFile, type DatabaseSpec } from './database-file.js';

const specOf = (more: Partial<DatabaseSpec> = {}): DatabaseSpec => ({
  path: join(tempDir(), 'numbers.sqlite'),
  applicationId: 7,
  version: 2,
  schema: 'CREATE TABLE numbers (n INTEGER) STRICT',
  ...more,
});

const fill = (spec: DatabaseSpec): void => {
  const { database } = openFile(spec);
  database.exec('INSERT INTO numbers VALUES (1)');
  database.close();
};
const count = (database: DatabaseSync): unknown => database.prepare('SELECT count(*) AS n FROM numbers').get()?.['n'];

describe('a database file', () => {
  it('says whether this opening created it, and keeps its identity', () => {
    const spec = specOf({ identity: 'first' });
    const made = openFile(spec);
    expect([made.created, made.identity]).toEqual([true, 'first']);
    made.database.close();
    const again = openFile({ ...spec, identity: 'second' });
    expect([again.created, again.identity]).toEqual([false, 'first']);
    again.database.close();
  });

  it.each([
    ['of another version', { version: 3 }, 'storage.other-format'],
    ['of another program', { applicationId: 8 }, 'storage.other-format'],
    ['of another set', { belongsTo: 'other' }, 'storage.not-of-this-set'],
  ])('%s is refused and left as it is', (_, change, code) => {
    const spec = specOf({ identity: 'own' });
    fill(spec);
    expect(() => openFile({ ...spec, ...change })).toThrow(expect.objectContaining({ code, retry: 'never' }));
    const { database } = openFile(spec);
    expect(count(database)).toBe(1);
    database.close();
  });

  it('of another version is begun again where it can be rebuilt', () => {
    const spec = specOf({ rebuildable: true });
    fill(spec);
    const newer = openFile({ ...spec, version: 3 });
    expect([newer.created, count(newer.database)]).toEqual([true, 0]);
    newer.database.close();
    expect(openFile({ ...spec, version: 3 }).created).toBe(false);
  });

  it('that another connection has open is in use, also where it could be begun again', () => {
    const spec = specOf({ rebuildable: true });
    const { database } = openFile(spec);
    expect(() => openFile({ ...spec, version: 3 })).toThrow(expect.objectContaining({ code: 'storage.in-use' }));
    expect(existsSync(spec.path)).toBe(true);
    database.close();
  });

  it('in a folder that is not there, or that is something else, is named', () => {
    expect(() => openFile(specOf({ path: join(tempDir(), 'none', 'numbers.sqlite') }))).toThrow(
      expect.objectContaining({ code: 'storage.forbidden', facts: { file: 'numbers.sqlite', reason: 'ENOENT' } }),
    );
    const spec = specOf();
    writeFileSync(spec.path, 'not a database, but long enough to look like one'.repeat(100));
    expect(() => openFile(spec)).toThrow(expect.objectContaining({ code: 'storage.corrupt' }));
    expect(statSync(spec.path).size).toBe(4800);
  });
});
