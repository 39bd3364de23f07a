// The way of an operator from an empty system to a finished migration, with the command line alone, against a simulated tenant: a mailbox project and
// an archive project with the same file names, one mistyped address mended, Verify, Trial, Pre-Stage, Full and Retry Errors, and the project reports saved.
// Usage: npm run seed-flow [-- DIR]. DIR, which must be new or empty, keeps the PSTs and the reports; without it a temporary folder is used and removed.
// Exit 0 if every step ended as it should; 1 with the step that did not; 2 if DIR cannot be used.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundled, ready } from './ready.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const kept = process.argv[2];
/** A system that has run there before would not print its token again. */
const isFresh = (folder) =>
  !folder.startsWith('-') && (!existsSync(folder) || (statSync(folder).isDirectory() && readdirSync(folder).length === 0));
if (kept !== undefined && !isFresh(kept)) {
  process.stderr.write(`seed-flow: ${kept} cannot be used. Give a folder that is new or empty: npm run seed-flow -- DIR\n`);
  process.exit(2);
}
const node = await ready(root);
bundled(root, node);
const quiet = '--disable-warning=ExperimentalWarning';

const dir = kept === undefined ? mkdtempSync(join(tmpdir(), 'pstream-seed-flow-')) : resolve(kept);
mkdirSync(dir, { recursive: true });
const out = join(dir, 'psts');
const children = [];

/** Starts a program and resolves with what `found` makes of a line of its output. */
const start = async (program, args, env, found) => {
  const child = spawn(node, [quiet, join(root, program), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${program} ended with exit code ${code}.`)));
  ended.catch(() => undefined);
  const lines = createInterface({ input: child.stdout });
  const answer = new Promise((done) => {
    lines.on('line', (line) => {
      const value = found(line);
      if (value !== undefined) done(value);
    });
  });
  return Promise.race([answer, ended]);
};

const stopAll = async () => {
  for (const child of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
};

let environment = {};
let step = '';
/** Runs a command, which must end with this exit code; returns its standard output. */
const pstream = (args, code = 0, { shown = true } = {}) => {
  step = `pstream ${args.map((arg) => (/\s/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`;
  process.stdout.write(`$ ${step}\n`);
  const run = spawnSync(node, [quiet, join(root, 'apps', 'cli', 'bin', 'pstream.mjs'), ...args], {
    cwd: dir,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  const said = `${shown ? run.stdout : ''}${run.stderr}`.trimEnd();
  if (said !== '') process.stdout.write(`${said.replace(/^/gm, '  ')}\n`);
  if (run.status !== code) throw new Error(`Exit code ${run.status}, expected ${code}.`);
  return run.stdout;
};
const json = (args) => JSON.parse(pstream([...args, '--json'], 0, { shown: false }));
const must = (what, holds) => {
  if (!holds) throw new Error(`It does not hold that ${what}.`);
};

/** Items of each mailbox; its archive has some more of its own. */
const ITEMS = 300;
const user = (n) => `user${n}@fabrikam.test`;

const flow = async () => {
  // An item of the first mailbox comes cut off until it has been tried three times: it fails in the Full pass, and Retry Errors mends it.
  const faults = { rules: [{ on: 'exportItems', mailbox: user(1), kind: 'primary', itemIndex: 75, effect: 'item-cut', times: 3 }] };
  writeFileSync(join(dir, 'faults.json'), JSON.stringify(faults));
  const generated = ['--generate', String(ITEMS), '--mailboxes', '2', '--archives', '2', '--faults', join(dir, 'faults.json')];
  const tenant = await start('apps/tenant-sim/dist/main.js', generated, {}, (line) =>
    line.startsWith('{') ? JSON.parse(line) : undefined,
  );
  let url;
  const system = { PSTREAM_CARDS: 'trial', PSTREAM_DATA: join(dir, 'data'), PSTREAM_PORT: '0', PSTREAM_LOG: 'error' };
  const token = await start('apps/standalone/dist/main.js', [], system, (line) => {
    url ??= /^ +Address: (\S+)/.exec(line)?.[1];
    return /^ +Token: +(\S+)/.exec(line)?.[1];
  });
  environment = { PSTREAM_URL: url, PSTREAM_TOKEN: token };
  writeFileSync(join(dir, 'secret.txt'), tenant.clientSecret, { mode: 0o600 });

  pstream(['customer', 'create', 'Fabrikam']);
  pstream(['licence', 'order', '2']);
  pstream(['licence', 'apply', 'Fabrikam', user(1), user(2)]);
  const app = ['--tenant-id', tenant.tenantId, '--client-id', tenant.clientId, '--secret-file', join(dir, 'secret.txt')];
  const where = ['--graph-url', tenant.graphUrl, '--authority-url', tenant.authorityUrl];
  pstream(['endpoint', 'add-source', 'Fabrikam', 'M365', ...app, ...where]);
  pstream(['endpoint', 'add-destination', 'Fabrikam', 'Folder', '--folder', out]);
  const between = ['--source', 'M365', '--destination', 'Folder'];
  pstream(['project', 'create', 'Fabrikam', 'Mailboxes', ...between, '--trial-parts', 'discard']);
  pstream(['project', 'create', 'Fabrikam', 'Archives', '--type', 'archive', ...between]);

  // The same file for both projects, with a mistyped address.
  const rows = ['Source Email,Destination Email', `${user(1)},user1.pst`, 'usr2@fabrikam.test,user2.pst'];
  writeFileSync(join(dir, 'mailboxes.csv'), `${rows.join('\r\n')}\r\n`);
  pstream(['mailbox', 'import', 'Mailboxes', 'mailboxes.csv']);
  pstream(['mailbox', 'import', 'Archives', 'mailboxes.csv'], 3);
  pstream(['mailbox', 'import', 'Archives', 'mailboxes.csv', '--rename']);

  const projects = ['Mailboxes', 'Archives'];
  const wait = (project, code = 0, ...more) => pstream(['export', 'wait', project, '--timeout', '10m', '--interval', '1s', ...more], code);
  const each = (work) => projects.forEach((project) => work(project));
  each((project) => pstream(['export', 'verify', project]));
  each((project) => wait(project, 1));
  each((project) => pstream(['mailbox', 'edit', project, 'usr2@fabrikam.test', '--source', user(2)]));
  each((project) => pstream(['export', 'verify', project, user(2)]));
  each((project) => wait(project, 0, '--for', 'verified'));

  each((project) => pstream(['export', 'trial', project]));
  each((project) => wait(project));
  must('a Trial puts its PSTs into a folder of their own', existsSync(join(out, 'migrationwiz', 'trial', 'user1.pst')));
  each((project) => pstream(['export', 'pre-stage', project, '--older-than', '2022-01-01']));
  each((project) => wait(project));
  must('the PSTs of a Trial are deleted where the project says so', !existsSync(join(out, 'migrationwiz', 'trial', 'user1.pst')));
  must('they are kept otherwise', existsSync(join(out, 'migrationwiz', 'trial', 'user1-archive.pst')));
  each((project) => pstream(['export', 'start', project]));
  wait('Mailboxes', 10);
  wait('Archives');
  pstream(['export', 'retry-errors', 'Mailboxes']);
  wait('Mailboxes', 0, '--for', 'completed');

  for (const project of projects) {
    const file = project.toLowerCase();
    pstream(['project', 'report', project, '--html', `${file}.html`]);
    const report = json(['project', 'report', project]);
    writeFileSync(join(dir, `${file}.json`), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(dir, `${file}-statistics.csv`), pstream(['project', 'statistics-csv', project], 0, { shown: false }));
    must(`the report of ${project} is complete`, report.verdict.complete);
    const { discovered, exported, skipped, failed } = report.sums.totals;
    must('every discovered item is exported, skipped or failed', discovered === exported + skipped + failed);
    must('every item is exported', exported === discovered && (project === 'Archives' || exported === 2 * ITEMS));
    must('every PST is verified', report.parts.files > 0 && report.parts.files === report.parts.verified);
  }
  lint();
};

/** An independent checker looks at every PST, where there is one. */
const lint = () => {
  const checker = join(process.env.PSTREAM_SHARED ?? join(root, '..', 'shared'), 'tools', 'pstlint.py');
  if (!existsSync(checker)) return void process.stdout.write('The independent checker is not here: PSTs are not looked at.\n');
  const files = readdirSync(out, { recursive: true }).filter((name) => name.endsWith('.pst'));
  for (const file of files) {
    step = `pstlint ${file}`;
    const run = spawnSync('python3', [checker, '--strict', join(out, file)], { encoding: 'utf8' });
    process.stdout.write(`$ ${step}\n${`${run.stdout}${run.stderr}`.trimEnd().replace(/^/gm, '  ')}\n`);
    if (run.status !== 0) throw new Error(`Exit code ${run.status}, expected 0.`);
  }
};

try {
  await flow();
  process.stdout.write(kept === undefined ? 'seed flow passed\n' : `seed flow passed: reports and PSTs are in ${dir}\n`);
} catch (error) {
  process.stdout.write(`seed flow failed at: ${step}\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
  if (kept === undefined) rmSync(dir, { recursive: true, force: true });
}
