import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { CTRL_C, inTerminal, tempDir, waitFor, type PseudoTerminal } from '@pstream/testing';
import { FakeGateway } from '../../apps/cli/src/cli.fixture.js';
import { mailbox, PROJECT, setScene, sums } from '../../apps/cli/src/scene.fixture.js';

const root = join(import.meta.dirname, '..', '..');
const WIDTHS = [60, 80, 120];
/** Whether a text holds escape codes that colour: pstream has none. */
const isColoured = (text: string): boolean => text.split('\u001b[').some((rest, at) => at > 0 && /^[0-9;]*m/.test(rest));

/** A program that starts on a busy machine takes its time. */
const PATIENT = { stallMs: 90_000 };

describe('the command line in a terminal', () => {
  const gateway = new FakeGateway();
  let url: string;
  beforeAll(async () => {
    url = await gateway.start();
    // Builds what `bin/pstream.mjs` starts, if anything has changed.
    expect(spawnSync(process.execPath, [join(root, 'tools', 'run.mjs'), 'cli', '--version'], { encoding: 'utf8' }).stdout).toBe('0.1.0\n');
  });
  beforeEach(() => setScene(gateway));
  afterAll(() => gateway.stop());

  const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HOME: tempDir(),
    TERM: 'xterm-256color',
    PSTREAM_URL: url,
    PSTREAM_TOKEN: 'pstream_test',
    ...more,
  });
  const pstream = (columns: number, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<PseudoTerminal> =>
    inTerminal(process.execPath, [join(root, 'apps', 'cli', 'bin', 'pstream.mjs'), ...args], {
      columns,
      cwd: root,
      environment: environment(more),
    });

  it.each(WIDTHS)('keeps help and tables within %i columns', async (columns) => {
    for (const args of [
      ['help'],
      ['help', 'exit-codes'],
      ['export', '--help'],
      ['export', 'pre-stage', '--help'],
      ['endpoint', 'add-source', '--help'],
      ['mailbox', 'list', 'Leavers'],
      ['export', 'status', 'Leavers'],
    ]) {
      gateway.routes.set(`GET /v1/projects/${PROJECT}`, { body: sums({ Migrating: 1, 'Completed with errors': 12, Submitted: 700 }) });
      const terminal = await pstream(columns, args);
      const { exitCode } = await terminal.ended;
      expect([args, exitCode]).toEqual([args, 0]);
      // A line that was too long was wrapped by the terminal, and then it is as wide as that. Usage is one line, to be copied.
      const tooWide = (await terminal.screen.lines()).filter((line) => line.length >= columns && !line.startsWith('Usage: '));
      expect([args, tooWide]).toEqual([args, []]);
      expect(isColoured(terminal.raw())).toBe(false);
    }
  });

  it.each(WIDTHS)('redraws its line in place at %i columns, and says on Ctrl+C how to go on', async (columns) => {
    let asked = 0;
    const statuses = { Migrating: 3, Submitted: 120, 'Completed with errors': 14, Queued: 700, Completed: 31 };
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => {
      asked++;
      gateway.send('changed');
      return { body: sums(statuses, { discovered: 99_999, exported: 1_000 + asked, skipped: 0, failed: 0 }, 6) };
    });
    const terminal = await pstream(columns, ['export', 'watch', 'Leavers', '--interval', '50ms']);
    await waitFor(() => asked > 5, { what: 'some lines to be drawn', ...PATIENT });
    expect(await terminal.screen.lines()).toHaveLength(1);
    terminal.press(CTRL_C);
    expect(await terminal.ended).toEqual({ exitCode: 130 });
    const text = (await terminal.screen.lines()).join('\n');
    expect(text.replaceAll('\n', '')).toMatch(
      /^(\^C)?Error: Interrupted; the export goes on\.Still running\. Reattach: pstream export watch Leavers {2}Stop: pstream export stop LeaversTry: pstream export watch Leavers$/,
    );
    // The cursor is shown again.
    expect(terminal.raw().lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw().lastIndexOf('\u001b[?25l'));
  });

  it('says the same under npm, which passes the signal on once more', async () => {
    let asked = 0;
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, () => {
      asked++;
      gateway.send('changed');
      return { body: sums({ Migrating: 1 }) };
    });
    const terminal = await inTerminal('npm', ['run', '-s', 'pstream', '--', 'export', 'watch', 'Leavers', '--interval', '50ms'], {
      columns: 100,
      cwd: root,
      environment: environment(),
    });
    await waitFor(() => asked > 2, { what: 'a line to be drawn', ...PATIENT });
    terminal.press(CTRL_C);
    expect((await terminal.ended).exitCode).toBe(130);
    expect((await terminal.screen.lines()).join('\n')).toContain('Still running. Reattach: pstream export watch Leavers');
  });

  it('writes lines instead of redrawing on a dumb terminal', async () => {
    gateway.routes.set(`GET /v1/projects/${PROJECT}`, { body: sums({ Completed: 1 }) });
    const terminal = await pstream(80, ['export', 'watch', 'Leavers'], { TERM: 'dumb', NO_COLOR: '1' });
    expect((await terminal.ended).exitCode).toBe(0);
    expect(terminal.raw()).not.toContain('\u001b');
  });

  it('shows wide characters in columns that line up', async () => {
    gateway.list(`/v1/projects/${PROJECT}/mailboxes`, [
      { ...mailbox, source: '漢字漢字@contoso.com' },
      { ...mailbox, source: 'ada@contoso.com' },
    ]);
    const terminal = await pstream(160, ['mailbox', 'list', 'Leavers']);
    await terminal.ended;
    const lines = (await terminal.screen.lines()).filter((line) => line.includes('ada.pst'));
    // Each wide character takes two columns but is one in the text.
    expect(lines.map((line) => line.indexOf('ada.pst') + (line.match(/[漢字]/g)?.length ?? 0))).toEqual(
      Array.from({ length: 2 }, () => lines[1]?.indexOf('ada.pst')),
    );
  });
});

describe('the demo in a terminal', () => {
  it('leaves only what stays, though the terminal is narrow and is resized', async () => {
    const out = join(tempDir(), 'out');
    const terminal = await inTerminal(
      process.execPath,
      [join(root, 'apps', 'standalone', 'dist', 'demo', 'main.js'), '--generate', '6', '--out', out],
      {
        columns: 60,
        cwd: root,
        environment: { PATH: process.env['PATH'] ?? '', HOME: tempDir(), TERM: 'xterm-256color' },
      },
    );
    await waitFor(() => terminal.raw().includes('items read'), { what: 'the first pass', ...PATIENT });
    await terminal.resize(80);
    await waitFor(() => terminal.raw().split('items read').length > 3, { what: 'another drawing', ...PATIENT });
    await terminal.resize(60);
    expect((await terminal.ended).exitCode).toBe(0);
    const lines = await terminal.screen.lines();
    expect(lines.filter((line) => /items read|░|█|not counted yet|found so far/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('✓ Full Migration'))).toHaveLength(1);
  });
});
