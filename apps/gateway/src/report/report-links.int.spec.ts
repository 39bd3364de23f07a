import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@pstream/kernel';
import { FakeClock, tempDir } from '@pstream/testing';
import { ReportLinks } from './report-links.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

describe('links to a report', () => {
  const open = async (dir = tempDir(), clock = new FakeClock()): Promise<{ dir: string; clock: FakeClock; links: ReportLinks }> => ({
    dir,
    clock,
    links: await ReportLinks.open(dir, { clock, random: seededRandom(1) }),
  });

  it('show one project until they expire, also after a restart', async () => {
    const { dir, clock, links } = await open();
    const { secret, linkId } = (await links.create('p1', 7, 'Ada'))!;
    expect(links.find(secret)).toMatchObject({ projectId: 'p1', linkId });
    expect((await open(dir, clock)).links.find(secret)).toMatchObject({ linkId });
    expect(links.of('p1')).toMatchObject([{ linkId, madeBy: 'Ada' }]);
    expect(links.of('p2')).toEqual([]);
    await clock.advance(7 * DAY_MS);
    expect(links.find(secret)).toBeUndefined();
    expect(links.of('p1')).toEqual([]);
  });

  it('are revoked by their project alone, at once', async () => {
    const { links } = await open();
    const [one, other] = [(await links.create('p1', 7, 'Ada'))!, (await links.create('p1', 7, 'Ada'))!];
    expect(await links.revoke('p2', one.linkId)).toBe(false);
    expect(await links.revoke('p1', one.linkId)).toBe(true);
    expect(await links.revoke('p1', one.linkId)).toBe(false);
    expect([links.find(one.secret)?.projectId, links.find(other.secret)?.projectId]).toEqual([undefined, 'p1']);
  });

  it('that were revoked while nothing could be written are gone for good when it is asked again', async () => {
    const { dir, clock, links } = await open();
    const { secret, linkId } = (await links.create('p1', 7, 'Ada'))!;
    const file = join(dir, 'report-links.json');
    const before = readFileSync(file);
    rmSync(file);
    mkdirSync(join(file, 'x'), { recursive: true });
    await expect(links.revoke('p1', linkId)).rejects.toMatchObject({ code: 'tokens.unwritable' });
    await expect(links.create('p1', 7, 'Ada')).rejects.toMatchObject({ code: 'tokens.unwritable' });
    expect([links.find(secret), links.of('p1')]).toEqual([undefined, []]);
    rmSync(file, { recursive: true });
    writeFileSync(file, before, { mode: 0o600 });
    expect(await links.revoke('p1', linkId)).toBe(false);
    expect((await open(dir, clock)).links.find(secret)).toBeUndefined();
  });

  it('are kept as hashes alone, and are not without number', async () => {
    const { dir, links } = await open();
    const { secret } = (await links.create('p1', 1, 'Ada'))!;
    expect(readFileSync(join(dir, 'report-links.json'), 'utf8')).not.toContain(secret);
    for (let n = 1; n < 100; n++) await links.create('p1', 1, 'Ada');
    expect(await links.create('p1', 1, 'Ada')).toBeUndefined();
    expect(await links.create('p2', 1, 'Ada')).toBeDefined();
  });

  it('know no other secret', async () => {
    const { links } = await open();
    for (const secret of ['', 'psr_', 'undefined']) expect(links.find(secret)).toBeUndefined();
  });
});
