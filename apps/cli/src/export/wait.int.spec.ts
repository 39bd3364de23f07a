import type { Mailbox } from '@pstream/api';
import { HastyClock, type Ended } from '../cli.fixture.js';
import { mailbox, PROJECT, sceneOfSuite, sums } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

const wait = (...argv: readonly string[]): Promise<Ended> =>
  run(['export', 'wait', 'Leavers', ...argv, '--json'], { clock: new HastyClock() });
const endOf = ({ exitCode, stdout }: Ended): unknown[] => [exitCode, (JSON.parse(stdout) as { verdict: string }).verdict];

describe('waiting', () => {
  it.each([
    [{ Verified: 2 }, [], 0, 'verified'],
    [{ Verified: 2 }, ['--for', 'verified'], 0, 'verified'],
    [{ Verified: 1, Completed: 1 }, ['--for', 'verified'], 0, 'verified'],
    [{ Verified: 1, 'Verification failed': 1 }, [], 1, 'verification-failed'],
    [{ Verified: 1, 'Not Submitted': 1 }, ['--for', 'verified'], 1, 'not-submitted'],
    [{ Verified: 1, Completed: 1 }, [], 1, 'not-exported'],
    [{ Completed: 2 }, [], 0, 'completed'],
  ])('for %j with %j ends with %i, %s', async (statuses, argv, exitCode, verdict) => {
    let looks = 0;
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => ({ body: sums(++looks === 1 ? { Verifying: 2 } : statuses) }));
    expect(endOf(await wait(...argv))).toEqual([exitCode, verdict]);
  });

  describe('for some mailboxes', () => {
    const other = { ...mailbox, mailboxJobId: '01J8ZQ4N5W9K7C1B2D3E4F5G6Z', source: 'ben@contoso.com' };
    const inProject = (...mailboxes: readonly Mailbox[]): void => gateway.list(`/v1/projects/${PROJECT}/mailboxes`, mailboxes);
    beforeEach(() => gateway.routes.set(`GET /v1/projects/${PROJECT}`, { body: sums({ Migrating: 1, Failed: 1 }) }));

    it('judges these alone, by their own sums', async () => {
      const done: Mailbox = { ...mailbox, status: 'Completed', totals: { discovered: 5, exported: 5, skipped: 0, failed: 0 } };
      inProject(done, { ...other, status: 'Failed' });
      const ended = await wait('ADA@contoso.com');
      expect(endOf(ended)).toEqual([0, 'completed']);
      expect(JSON.parse(ended.stdout)).toMatchObject({ statuses: { Completed: 1 }, totals: { exported: 5 } });
      expect(endOf(await wait('ada@contoso.com', other.mailboxJobId))).toEqual([1, 'failed']);
      expect((await wait('nobody@contoso.com')).exitCode).toBe(3);
    });

    it('keeps to those that had a status when it began', async () => {
      let looks = 0;
      gateway.routes.set(`GET /v1/projects/${PROJECT}/mailboxes`, () => {
        const status = ++looks < 3 ? 'Migrating' : 'Completed with errors';
        return {
          body: {
            items: [
              { ...mailbox, status },
              { ...other, status: 'Failed' },
            ],
            total: 2,
            limit: 1_000,
            next: null,
          },
        };
      });
      expect(endOf(await wait('--status', 'migrating'))).toEqual([10, 'completed-with-errors']);
    });
  });
});
