import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { runner } from '../cli.fixture.js';
import { writePst } from './pst.fixture.js';

const run = runner('http://127.0.0.1:1');

describe('pst check-import', () => {
  it('passes what Microsoft 365 takes, and writes its mapping file', async () => {
    const dir = tempDir();
    const [own, other] = [join(dir, 'ann@contoso.com.002.pst'), join(dir, 'old mail.pst')];
    await writePst(own, 1, ['one']);
    await writePst(other, 2, ['two', 'three']);
    expect(await run(['pst', 'check-import', own])).toMatchObject({ exitCode: 0, stderr: '' });
    const mapping = join(dir, 'map.csv');
    const { exitCode, stdout, stderr } = await run([
      'pst',
      'check-import',
      own,
      other,
      '--mapping',
      mapping,
      '--folder',
      '/Imported',
      '--archive',
    ]);
    expect(exitCode).toBe(10);
    expect(stdout).toMatch(/old mail\.pst\tok\t\d+\t2\t\d+\t0\n$/);
    expect(stderr).toBe('old mail.pst: the file name does not identify a mailbox; fill in the Mailbox column, or use --mailbox\n');
    expect(readFileSync(mapping, 'utf8').split('\r\n').slice(1, 3)).toEqual([
      'Exchange,,ann@contoso.com.002.pst,ann@contoso.com,TRUE,/Imported,,,,',
      'Exchange,,old mail.pst,,TRUE,/Imported,,,,',
    ]);
    expect((await run(['pst', 'check-import', own, '--mapping', mapping])).stderr).toContain('There is already a file');
  });

  it('prints limits in the units that Microsoft means', async () => {
    const path = join(tempDir(), 'ann@contoso.com.pst');
    await writePst(path, 1, ['one']);
    truncateSync(path, 21.5 * 2 ** 30);
    const { exitCode, stderr } = await run(['pst', 'check-import', path]);
    expect([exitCode, stderr]).toEqual([10, expect.stringContaining('the file has 21.5 GiB, the import takes 20 GiB;')]);
  });
});
