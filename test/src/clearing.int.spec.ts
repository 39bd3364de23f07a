import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jest } from '@jest/globals';
import type { MailboxView } from '@pstream/contracts';
import { systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { readConfig } from '@pstream/wiring';
import { standaloneKeys, startSystem } from '@pstream/standalone';
import { generatedTenant, startTenant } from '@pstream/tenant-sim';
import { repositoryRoot, startChild, tempDir, type Child } from '@pstream/testing';
import { Operator } from './distributed/operator.fixture.js';
import { eventually } from './support/eventually.js';
import { startRunning, type Running } from './support/running-system.js';

jest.setTimeout(300_000);

// Everything but the shortest items is a claim, there are many checkpoints, and there is time to look at both.
const env = {
  PSTREAM_EXTRACTOR_CLAIM_BYTES: '4KiB',
  PSTREAM_EXTRACTOR_SLICE_ITEMS: '10',
  PSTREAM_EXTRACTOR_PAGE_ITEMS: '20',
  PSTREAM_BUILDER_CHECKPOINT_MS: '100',
};
const faults = { rules: [{ on: 'exportItems' as const, effect: 'delay' as const, milliseconds: 60 }] };

const running: Running[] = [];
const start = async (dir: string, items = 80): Promise<Running> => {
  const system = await startRunning(dir, { items, size: 'mail', env, faults });
  running.push(system);
  return system;
};
afterAll(async () => {
  for (const each of running) await each.close();
});

/** Files of the working storage that hold mail, half-written ones too. */
const mailIn = (dir: string): string[] =>
  ['claims', 'ckpt', '~tmp'].flatMap((kind) => {
    const root = join(dir, 'data', 'work', kind);
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
    );
  });
const claimsIn = (dir: string): string[] => mailIn(dir).filter((path) => path.includes('/claims/'));
const checkpointsIn = (dir: string): string[] => mailIn(dir).filter((path) => path.includes('/ckpt/'));
const settled = (dir: string): Promise<string[]> =>
  eventually(
    () => Promise.resolve(mailIn(dir)),
    (paths) => paths.length === 0,
  );

const ended = (number: number) => (view: MailboxView) => view.pass?.number === number && view.pass.endedAt !== null;
const whole = (items: number) => ({ discovered: items, exported: items, skipped: 0, failed: 0 });

describe('the working storage of an export with large items', () => {
  it('holds no mail any more after each pass', async () => {
    const dir = tempDir();
    const system = await start(dir);
    const { projectId, mailbox } = await system.prepare();
    for (const kind of ['trial', 'full', 'full']) {
      const before = (await mailbox()).pass?.number ?? 0;
      const items = (await mailbox()).totals.discovered;
      if (before === 2) {
        const { state } = system.tenant.contents.primary(system.tenant.contents.user('user1@fabrikam.test')!)!;
        await state.arrive(state.folders().find(({ wellKnownName }) => wellKnownName === 'inbox')!);
      }
      await system.post(`/projects/${projectId}/passes`, { kind, mailboxes: 'all' });
      if (kind === 'full' && before < 2) {
        await eventually(
          () => Promise.resolve([claimsIn(dir).length, checkpointsIn(dir).length]),
          (counts) => counts.every((count) => count > 0),
        );
      }
      const view = await eventually(mailbox, ended(before + 1));
      expect(view.status).toBe('Completed');
      if (before === 2) expect(view.totals).toEqual(whole(items + 1));
      await settled(dir);
    }
  });

  it('holds none after a pass that failed, and was resumed', async () => {
    const dir = tempDir();
    const system = await start(dir);
    const { projectId, mailbox } = await system.prepare();
    writeFileSync(system.out, 'a file where the folder should be');
    await system.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    await eventually(mailbox, (view) => view.status === 'Failed');
    await eventually(
      () => Promise.resolve(claimsIn(dir).length),
      (count) => count > 0,
    );
    rmSync(system.out);
    await system.post(`/projects/${projectId}/resume`, { mailboxes: 'all' });
    const done = await eventually(mailbox, (view) => view.status === 'Completed');
    expect(done.totals).toEqual(whole(80));
    await settled(dir);
  });

  it('is swept at the start of what a crash after the end of a pass has left', async () => {
    const dir = tempDir();
    const system = await start(dir);
    const { projectId, mailbox } = await system.prepare();
    await system.post(`/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const names = await eventually(
      () => Promise.resolve(claimsIn(dir).length > 0 && checkpointsIn(dir).length > 0 ? mailIn(dir) : []),
      (paths) => paths.length > 0,
    );
    await eventually(mailbox, (view) => view.status === 'Completed');
    await settled(dir);
    running.splice(running.indexOf(system), 1);
    await system.close();
    for (const name of names) {
      mkdirSync(dirname(name), { recursive: true });
      writeFileSync(name, 'mail');
    }
    const config = readConfig(standaloneKeys, {}, { dataDir: join(dir, 'data'), port: 0 });
    const again = await startSystem(
      config,
      { clock: systemClock, ids: systemIds, random: systemRandom, log: { write: () => undefined } },
      'inline',
    );
    await settled(dir);
    await again.close();
  });
});

const MAIN = join(repositoryRoot, 'apps', 'standalone', 'dist', 'main.js');

(existsSync(MAIN) ? describe : describe.skip)(
  `the embedded system as a process${existsSync(MAIN) ? '' : ' (skipped: not compiled)'}`,
  () => {
    it('that is killed in the middle leaves no mail in working storage after the end, and exports what comes later', async () => {
      const dir = tempDir();
      const tenant = await startTenant({
        tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: 120, sizeProfile: 'mail' }),
        faults,
      });
      const boot = (): Promise<Child> =>
        startChild({
          name: 'standalone',
          command: process.execPath,
          args: ['--disable-warning=ExperimentalWarning', MAIN],
          env: { ...env, PSTREAM_DATA: join(dir, 'data'), PSTREAM_PORT: '0', PSTREAM_CARDS: 'trial' },
          readyLine: /Address: (http:\S+)/,
        });
      const first = await boot();
      const token = await eventually(
        () => Promise.resolve(/Token: +(\S+)/.exec(first.output())?.[1]),
        (found) => found !== undefined,
      );
      const operatorOf = ({ match }: Child): Operator => new Operator({ url: match?.[1] ?? '', token: token ?? '' });
      let operator = operatorOf(first);
      const { projectId, mailboxJobIds } = await operator.prepare(tenant, { kind: 'folder', path: join(dir, 'out') }, 'mailboxes', [
        'user1@fabrikam.test',
      ]);
      const mailboxJobId = mailboxJobIds[0]!;
      await operator.start(projectId, 'full');
      await operator.until(mailboxJobId, 'a third of the items', (view) => view.extracted.items >= 40 && checkpointsIn(dir).length > 0);
      first.signal('SIGKILL');
      await first.exited;
      expect(claimsIn(dir).length).toBeGreaterThan(0);
      // As a kill in the middle of a write leaves it.
      writeFileSync(join(dir, 'data', 'work', '~tmp', 'torn'), 'mail');

      const second = await boot();
      operator = operatorOf(second);
      const done = await operator.until(mailboxJobId, 'the end of the pass', ended(1));
      expect(done).toMatchObject({ status: 'Completed', totals: whole(120) });
      await settled(dir);

      const { state } = tenant.contents.primary(tenant.contents.user('user1@fabrikam.test')!)!;
      await state.arrive(state.folders().find(({ wellKnownName }) => wellKnownName === 'inbox')!);
      await operator.start(projectId, 'full');
      const again = await operator.until(mailboxJobId, 'the end of the next pass', ended(2));
      expect(again).toMatchObject({ status: 'Completed', totals: whole(121) });
      await settled(dir);
      await second.stop();
      await tenant.close();
    });
  },
);
