import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pstream/testing';
import { PROJECT, sceneOfSuite, sums } from '../scene.fixture.js';

const { gateway, run } = sceneOfSuite();

const report = {
  generatedAt: '2026-03-01T10:42:00.000Z',
  customer: 'Contoso',
  project: { name: 'Leavers' },
  verdict: { complete: false, done: 1, sentence: 'Not complete: 1 of 2 mailboxes are not done.' },
  sums: { ...sums({ Completed: 2 }, { discovered: 1_200, exported: 1_190, skipped: 8, failed: 2 }).sums, mailboxes: 2 },
  parts: { files: 2, verified: 1, bytes: 12_000_000_000, overLimit: 1 },
  causes: [{ outcome: 'failed', code: 'fasttransfer.truncated', items: 2, open: 1, advice: null, mailboxes: 1 }],
  notCovered: [
    { code: 'folders-filtered', title: 'Folders that a filter skips', why: 'The folder filter skips them.', folders: 3, items: 1_204 },
    { code: 'hidden-items', title: 'Hidden items', why: 'The interface lists none.', folders: 0, items: 0 },
  ],
  mailboxes: [],
};

describe('the report of a project', () => {
  beforeEach(() => gateway.routes.set(`GET /v1/projects/${PROJECT}/report`, { body: report }));

  it('is the verdict, the sums and what is not covered on a terminal', async () => {
    const { exitCode, stdout } = await run(['project', 'report', 'Leavers'], { tty: true });
    expect(exitCode).toBe(0);
    for (const line of [
      /Verdict +Not complete: 1 of 2 mailboxes are not done\./,
      /PSTs +2, 12\.0 GB; 1 verified; 1 larger than a part, because of a single item/,
      /Cause failed +fasttransfer\.truncated: 2 items, 1 open/,
      /Not covered +Folders that a filter skips \(3 folders, 1,204 items\): The folder filter skips them\./,
      /Not covered +Hidden items: The interface lists none\./,
    ])
      expect(stdout).toMatch(line);
  });

  it('is one object for programs', async () => {
    expect(JSON.parse((await run(['project', 'report', 'Leavers', '--json'])).stdout)).toEqual(report);
  });

  it('is a page in a file for its owner alone, or on standard output', async () => {
    const page = '<!doctype html>\n<html lang="en"><title>Report</title></html>\n';
    gateway.routes.set(`GET /v1/projects/${PROJECT}/report.html`, { text: page });
    const file = join(tempDir(), 'report.html');
    expect(await run(['project', 'report', 'Leavers', '--html', file])).toMatchObject({ exitCode: 0, stdout: `${file}\n` });
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([page, 0o600]);
    expect((await run(['project', 'report', 'Leavers', '--html', '-'])).stdout).toBe(page);
    expect((await run(['project', 'report', 'Leavers', '--html', '/no/such/folder/report.html'])).exitCode).toBe(2);
  });
});
