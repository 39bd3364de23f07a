import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { handOver, quickWrite, read, write } from './calls.js';
import type { DatabaseSpec } from './database-file.js';
import { openFile, type OpenFile } from './database-file.js';
import { inlineStorage } from './inline-storage.js';
import type { Database, Program } from './storage.js';

const calls = (database: DatabaseSync) => {
  const add = database.prepare('INSERT INTO numbers VALUES (?)');
  const all = database.prepare('SELECT n FROM numbers ORDER BY n');
  return {
    add: write((n: number): number => {
      add.run(n);
      if (n < 0) throw new Fault('numbers.negative', { retry: 'never', facts: { n } });
      return n;
    }),
    note: quickWrite((n: number): void => void add.run(n)),
    all: read((): readonly number[] => all.all().map((row) => Number(row['n']))),
    bytes: read((length: number) => {
      const bytes = new Uint8Array(length).fill(7);
      return handOver(bytes, [bytes.buffer]);
    }),
  };
};
const program: Program<ReturnType<typeof calls>> = { module: new URL('numbers:'), calls };

/** A database of numbers, and the statements that the engine itself ran on it. */
const open = async (): Promise<{ readonly numbers: Database<ReturnType<typeof calls>>; readonly ran: string[] }> => {
  const ran: string[] = [];
  const openDatabase: OpenFile = (spec) => {
    const file = openFile(spec);
    const exec = file.database.exec.bind(file.database);
    file.database.exec = (sql) => {
      ran.push(sql);
      exec(sql);
    };
    return file;
  };
  const spec: DatabaseSpec = {
    path: join(tempDir(), 'numbers.sqlite'),
    applicationId: 7,
    version: 1,
    schema: 'CREATE TABLE numbers (n INTEGER) STRICT',
  };
  return { numbers: await inlineStorage({ openDatabase }).open(spec, program), ran };
};

describe('the storage engine', () => {
  it('commits what comes together once, and answers each writer', async () => {
    const { numbers, ran } = await open();
    expect(await Promise.all([3, 1, 2].map((n) => numbers.call('add', n)))).toEqual([3, 1, 2]);
    expect(ran.filter((sql) => sql === 'COMMIT')).toHaveLength(1);
    expect(await numbers.call('all', null)).toEqual([1, 2, 3]);
    await numbers.close();
  });

  it('reads before it writes, of what comes together', async () => {
    const { numbers } = await open();
    const answered: string[] = [];
    const noted = (name: string) => (value: unknown) => void answered.push(`${name} ${JSON.stringify(value)}`);
    await Promise.all([numbers.call('add', 1).then(noted('add')), numbers.call('all', null).then(noted('all'))]);
    expect(answered).toEqual(['all []', 'add 1']);
    await numbers.close();
  });

  it('undoes a call that fails, alone', async () => {
    const { numbers } = await open();
    const outcomes = await Promise.allSettled([1, -5, 2].map((n) => numbers.call('add', n)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'numbers.negative', facts: { n: -5 } } });
    await expect(numbers.call('add', -6)).rejects.toMatchObject({ code: 'numbers.negative' });
    expect(await numbers.call('all', null)).toEqual([1, 2]);
    await numbers.close();
  });

  it('waits for the disk only where somebody asked for it', async () => {
    const { numbers, ran } = await open();
    await numbers.call('note', 1);
    await Promise.all([numbers.call('note', 2), numbers.call('add', 3)]);
    expect(ran.filter((sql) => sql.startsWith('PRAGMA'))).toEqual(['PRAGMA synchronous = NORMAL', 'PRAGMA synchronous = FULL']);
    await numbers.close();
  });

  it('refuses calls after it was closed, and hands buffers over', async () => {
    const { numbers } = await open();
    expect((await numbers.call('bytes', 5)).join()).toBe('7,7,7,7,7');
    await numbers.close();
    await expect(numbers.call('all', null)).rejects.toMatchObject({ code: 'storage.closed' });
  });
});
