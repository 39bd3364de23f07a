import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MailboxView } from '@pstream/contracts';
import { ask, describeWith, ORACLES } from './readers/oracles.fixture.js';
import { eventually } from './support/eventually.js';
import { systemsOfSuite } from './support/running-system.js';

const start = systemsOfSuite();
/** Where the PSTs of these tests are, for an independent checker. */
const made: string[] = [];
type Carried = { readonly accepted: readonly { readonly renamed: string | null }[]; readonly rejected: readonly unknown[] };
const SOMEBODY = 'somebody else';

describe('a file of somebody else under the name of a later PST', () => {
  it('is answered with another name: the pass goes on, and so do later ones, and nothing is lost or overwritten', async () => {
    const system = await start({ items: 60, size: 'mail' });
    const { projectId, mailbox, parts } = await system.prepare();
    expect((await system.send('PATCH', `/projects/${projectId}`, { partBytes: 1024 ** 2 })).status).toBe(200);
    const { body: project } = await system.get<{ container: string }>(`/projects/${projectId}`);
    const place = join(system.out, project.container);
    const found = await mailbox();
    const order = async (path: string, body: Readonly<Record<string, unknown>>): Promise<Carried['accepted']> => {
      const answer = await system.post<Carried>(`/projects/${projectId}/${path}`, { mailboxes: 'all', ...body });
      expect([answer.status, answer.body.rejected]).toEqual([202, []]);
      return answer.body.accepted;
    };
    const ended = (status: MailboxView['status']): Promise<MailboxView> => eventually(mailbox, (view) => view.status === status);

    await order('passes', { kind: 'verify' });
    await ended('Verified');
    writeFileSync(join(place, 'user1.002.pst'), SOMEBODY);
    await order('passes', { kind: 'full' });
    const failed = await ended('Failed');
    expect(failed).toMatchObject({ destination: 'user1.pst', cause: { code: 'part.foreign-blob', facts: { name: 'user1.002.pst' } } });

    expect(await order('resume', { rename: true })).toMatchObject([{ renamed: 'user1-2.pst' }]);
    const completed = await ended('Completed');
    expect(completed).toMatchObject({ mailboxJobId: found.mailboxJobId, destination: 'user1-2.pst', pass: { number: 2 } });
    expect(completed.totals).toEqual({ discovered: 60, exported: 60, skipped: 0, failed: 0 });

    // The part that met the file has nothing in it and is given up.
    const files = await eventually(parts, (all) => all.every(({ state }) => state === 'verified' || state === 'abandoned'));
    expect(files.filter(({ state }) => state === 'abandoned').map(({ name, items }) => [name, items])).toEqual([['user1.002.pst', 0]]);
    const names = files
      .filter(({ state }) => state === 'verified')
      .toSorted((a, b) => a.ordinal - b.ordinal)
      .map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['user1.pst', 'user1-2.002.pst', 'user1-2.003.pst']);
    expect(readFileSync(join(place, 'user1.002.pst'), 'utf8')).toBe(SOMEBODY);
    made.push(...names.map((name) => join(place, name)));
  }, 180_000);
});

describeWith('the PSTs of a pass that took another name', ORACLES.pstlint.missing, () => {
  it('are sound by an independent strict checker', () => {
    expect(made.length).toBeGreaterThan(2);
    expect(ask('pstlint', '--quiet', ...made)).toMatchObject({ status: 0 });
  });
});
