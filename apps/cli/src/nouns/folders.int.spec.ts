import { noItems } from '@pstream/contracts';
import { MAILBOX, mailbox, sceneOfSuite } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

describe('the folders of a mailbox', () => {
  it('say why one could not be listed, and how often it was asked for', async () => {
    const folder = {
      folderKey: 'f',
      path: 'Inbox',
      containerClass: null,
      left: null,
      target: null,
      totals: noItems,
      mime: 0,
      doubts: 0,
      unaccounted: 0,
      listed: true,
      cause: null,
      attempts: 0,
    };
    const cause = { code: 'graph.mailbox-forbidden', advice: 'Grant it.', facts: { what: 'items' } };
    gateway.routes.set(`GET /v1/mailboxes/${MAILBOX}`, { body: mailbox });
    gateway.list(`/v1/mailboxes/${MAILBOX}/folders`, [folder, { ...folder, path: 'Sick', listed: false, cause, attempts: 2 }]);
    const { stdout } = await run(['mailbox', 'folders', MAILBOX], { tty: true });
    expect(stdout).toContain('graph.mailbox-forbidden: Grant it. (asked for 2 times)');
    const rows = (await run(['mailbox', 'folders', MAILBOX])).stdout.trimEnd().split('\n');
    expect(rows.map((row) => row.includes('graph.mailbox-forbidden'))).toEqual([false, true]);
  });
});
