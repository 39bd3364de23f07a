// `npm run compose:try`: brings docker-compose.yml up with the simulated tenant, exports its first mailbox into Azurite through the API, verifies
// the PST inside a container, and takes everything down again (--keep leaves it up). Needs docker, or podman with podman-compose.
// Build the image first: docker compose build. Exit code 0 if every item is in the PST once.
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const keep = process.argv.includes('--keep');
const environment = join(root, '.env');
const USER = 'user1@fabrikam.test';
const CONTAINER = 'mailboxes';
const PATIENCE_MS = 300_000;
const door = `http://127.0.0.1:${process.env.PSTREAM_PUBLISHED_PORT ?? '4321'}`;

const found = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const compose = found('docker', ['compose', 'version'])
  ? ['docker', 'compose', '--profile', 'demo']
  : found('podman-compose', ['--version'])
    ? ['podman-compose']
    : undefined;
if (compose === undefined) {
  process.stderr.write('Neither docker compose nor podman-compose is there.\n');
  process.exit(2);
}

const say = (text) => process.stdout.write(`${text}\n`);
const run = (...args) => {
  const { status, stdout, stderr } = spawnSync(compose[0], [...compose.slice(1), ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${compose[0]} ${args.join(' ')}: ${stderr}`);
  return stdout;
};
/** What a command in a container prints; the container takes no terminal. */
const inside = (service, ...command) => run('exec', '-T', service, ...command);

const until = async (what, look) => {
  for (const begun = performance.now(); ; await pause(500)) {
    const value = await look().catch(() => undefined);
    if (value !== undefined && value !== false) return value;
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
  }
};

const exportMailbox = async () => {
  await until('the gateway', async () => (await fetch(`${door}/v1/health`)).ok);
  // podman-compose prints lines of its own around those of the command.
  const [token] = /^pstream_\S+$/m.exec(inside('gateway', 'cat', '/data/tokens/first-token'));
  const call = async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const response = await fetch(`${door}/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  const carryOut = async (path, body) => {
    const { operationId } = await call('POST', path, body);
    const ended = await until(path, async () => {
      const operation = await call('GET', `/operations/${operationId}`);
      return operation.state === 'finished' || operation.state === 'failed' ? operation : undefined;
    });
    if (ended.state === 'failed' || ended.rejected > 0) throw new Error(`${path}: ${JSON.stringify(ended)}`);
  };
  const tenant = JSON.parse(
    run('logs', 'tenant')
      .split('\n')
      .find((line) => line.includes('graphUrl'))
      .replace(/^[^{]*/, ''),
  );
  const { graphUrl, authorityUrl, tenantId, clientId, clientSecret } = tenant;
  const settings = Object.fromEntries(
    readFileSync(environment, 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('PSTREAM_') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [])),
  );

  const customer = await call('POST', '/customers', { name: `Trial ${randomUUID().slice(0, 8)}` });
  await call('GET', `/customers?atLeast=${customer.stream}:${customer.version}`);
  await call('POST', '/orders', { quantity: 1, payment: 'card' });
  await carryOut(`/customers/${customer.id}/bundles`, { users: [USER] });
  const source = await call('POST', `/customers/${customer.id}/endpoints`, {
    ...{ name: 'Simulated tenant', kind: 'microsoft-365', tenantId, clientId, graphUrl, authorityUrl },
    credential: { kind: 'secret', value: clientSecret },
  });
  const destination = await call('POST', `/customers/${customer.id}/endpoints`, {
    ...{
      name: 'Azurite',
      kind: 'azure-blob',
      account: settings.PSTREAM_WORK_ACCOUNT,
      endpoint: 'http://127.0.0.1:10000/devstoreaccount1',
      region: 'local',
    },
    credential: { kind: 'key', value: settings.PSTREAM_WORK_KEY },
  });
  const project = await call('POST', `/customers/${customer.id}/projects`, {
    ...{ name: 'Mailboxes', type: 'mailbox', container: CONTAINER },
    ...{ sourceEndpointId: source.id, destinationEndpointId: destination.id },
  });
  await call('GET', `/projects/${project.id}?atLeast=${project.stream}:${project.version}`);
  const added = await call('POST', `/projects/${project.id}/mailboxes`, { items: [{ source: USER, destination: 'user1.pst' }] });
  const { items } = await call('GET', `/projects/${project.id}/mailboxes?atLeast=${added.stream}:${added.version}`);
  const { mailboxJobId } = items[0];
  for (const kind of ['verify', 'full']) {
    await carryOut(`/projects/${project.id}/passes`, { kind, mailboxes: 'all' });
    const view = await until(kind, async () => {
      const now = await call('GET', `/mailboxes/${mailboxJobId}`);
      return now.pass?.kind === kind && now.pass.endedAt !== null ? now : undefined;
    });
    if (view.cause !== null) throw new Error(`${kind}: ${JSON.stringify(view.cause)}`);
    say(`✓ ${kind}: ${view.status}, ${JSON.stringify(view.totals)}`);
  }
  const { totals } = await call('GET', `/mailboxes/${mailboxJobId}`);
  const parts = (await call('GET', `/mailboxes/${mailboxJobId}/parts`)).items;
  return { totals, parts };
};

/** Reads the PST of the destination back, in the builder's container. */
const VERIFY = `
  import { openPartStore } from '@pstream/blob';
  import { systemClock as clock, systemRandom as random } from '@pstream/kernel';
  import { verifyPst } from '@pstream/pst/verify';
  const [name, container] = process.argv.slice(1);
  const { PSTREAM_WORK_ACCOUNT: account, PSTREAM_WORK_ENDPOINT: endpoint, PSTREAM_WORK_KEY: key } = process.env;
  const source = await openPartStore({ kind: 'azure-blob', account, endpoint, container, credential: { key } }, { clock, random }).open(name);
  const { ok, items, sha256, problems } = await verifyPst(source);
  await source.close();
  console.log(JSON.stringify({ ok, items, sha256, problems: problems.length }));
`;

const begun = performance.now();
const made = !existsSync(environment);
let outcome = 1;
try {
  if (made) {
    const text = readFileSync(join(root, '.env.example'), 'utf8')
      .replace('PSTREAM_MASTER_KEY=\n', `PSTREAM_MASTER_KEY=${randomBytes(32).toString('base64')}\n`)
      .replace('#PSTREAM_CARDS=none', 'PSTREAM_CARDS=trial');
    writeFileSync(environment, text, { mode: 0o600 });
  }
  run('up', '-d');
  const { totals, parts } = await exportMailbox();
  let inParts = 0;
  for (const part of parts) {
    const printed = inside('pst-builder', 'node', '--input-type=module', '-e', VERIFY, part.name, CONTAINER);
    const report = JSON.parse(printed.split('\n').find((line) => line.startsWith('{"ok"')));
    if (!report.ok || report.sha256 !== part.sha256 || report.items !== part.items)
      throw new Error(`${part.name}: ${JSON.stringify(report)}`);
    inParts += report.items;
    say(`✓ ${part.name}: ${report.items} items, ${part.bytes} bytes, SHA-256 ${report.sha256}`);
  }
  if (totals.failed > 0 || totals.discovered !== inParts + totals.skipped)
    throw new Error(`${JSON.stringify(totals)}, and ${inParts} items in the parts`);
  say(
    `✓ discovered ${totals.discovered} = ${inParts} in the parts + ${totals.skipped} skipped, ${Math.round((performance.now() - begun) / 1000)} s`,
  );
  outcome = 0;
} catch (error) {
  process.stderr.write(`✗ ${error.message}\n`);
  for (const service of ['gateway', 'projects', 'credentials', 'extractor', 'pst-builder', 'projector']) {
    const { stdout, stderr } = spawnSync(compose[0], [...compose.slice(1), 'logs', service], { cwd: root, encoding: 'utf8' });
    process.stderr.write(`— ${service}\n${`${stdout}${stderr}`.slice(-2_000)}\n`);
  }
} finally {
  if (!keep) {
    run('down', '-v');
    if (made) rmSync(environment);
  }
}
process.exit(outcome);
