// Many small mailboxes (`--mailboxes N`, 500 by default, of 20 items; and two fifths as many of 500 items) in the embedded system, from Start to the last verified PST: when the
// first one is there, how long all take, how much memory that needs. The baseline is the same work with every mailbox admitted at once, in the same
// run. The system and the tenant run in processes of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { caller, startSystem } from './system/embedded.mjs';

export const name = 'many';

/** The whole run takes no longer than with everything admitted at once; a tenth is what two runs differ by. */
export const target = 0.9;

const TENANT = fileURLToPath(new URL('pipeline/generated-tenant.mjs', import.meta.url));
const SEED = 11;
const POLL_MS = 100;
const STALL_MS = 120_000;
const FIRST_PST_MS = 5_000;
const PEAK_RSS_MIB = 768;
/** As before there was a queue. */
const ALL_AT_ONCE = { PSTREAM_MAILBOXES: '1024', PSTREAM_MAILBOXES_PER_TENANT: '1024', PSTREAM_MAILBOXES_PER_PROJECT: '1024' };

/** Time of all mailboxes with everything admitted at once, over that of now; with `figures`, the time to the first PST, in all, and peak memory. */
export const run = async ({ log, options = {} }) => {
  const many = options.mailboxes ?? 500;
  const shapes = [
    { mailboxes: many, items: 20 },
    { mailboxes: Math.max(1, Math.round(many * 0.4)), items: 500 },
  ];
  const figures = [];
  let first;
  for (const { mailboxes, items } of shapes) {
    const tenant = await startTenant(mailboxes, items);
    try {
      const alone = await exportAll(tenant.address, 1, items, {});
      const runs = { now: [], atOnce: [] };
      // The tenant gets faster with each run, and the machine changes: neither comes first or last alone.
      for (const which of ['atOnce', 'now', 'now', 'atOnce'])
        runs[which].push(await exportAll(tenant.address, mailboxes, items, which === 'now' ? {} : ALL_AT_ONCE));
      const now = best(runs.now);
      const atOnce = best(runs.atOnce);
      first ??= { now, atOnce };
      const shape = `${mailboxes}x${items}`;
      const figure = (what, value, limit, before) =>
        figures.push({ figure: `${shape}.${what}`, value, limit, before, holds: value <= limit });
      figure('firstPstMs', now.firstMs, FIRST_PST_MS, atOnce.firstMs);
      figure('totalMs', now.totalMs, atOnce.totalMs / target, atOnce.totalMs);
      figure('peakRssMiB', now.peakRssMiB, PEAK_RSS_MIB, atOnce.peakRssMiB);
      log(
        `${shape}: first PST after ${now.firstMs} ms (all at once ${atOnce.firstMs}, one alone ${alone.firstMs}), all after ${now.totalMs} ms (${atOnce.totalMs}), peak memory ${now.peakRssMiB} MiB (${atOnce.peakRssMiB}); load ${loadavg()[0].toFixed(1)}`,
      );
    } finally {
      tenant.close();
    }
  }
  const { now, atOnce } = first;
  return { value: now.totalMs, unit: 'ms', baseline: atOnce.totalMs, ratio: atOnce.totalMs / now.totalMs, figures };
};

/** The shortest times of the runs, and the most memory. */
const best = (runs) => ({
  firstMs: Math.min(...runs.map(({ firstMs }) => firstMs)),
  totalMs: Math.min(...runs.map(({ totalMs }) => totalMs)),
  peakRssMiB: Math.max(...runs.map(({ peakRssMiB }) => peakRssMiB)),
});

const startTenant = async (mailboxes, items) => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', TENANT, String(mailboxes), String(items), String(SEED)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { address: JSON.parse(line), close: () => child.kill() };
};

/** Exports the first `mailboxes` of the tenant. Times in milliseconds from the acceptance of Start. */
const exportAll = async (tenant, mailboxes, items, env) => {
  const dir = await mkdtemp(join(tmpdir(), 'pstream-many-'));
  const system = await startSystem(join(dir, 'data'), { PSTREAM_CARDS: 'trial', ...env });
  try {
    const call = caller(system);
    const projectId = await prepare(call, tenant, mailboxes, join(dir, 'out'));
    await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'full', mailboxes: 'all' });
    const begun = performance.now();
    let firstMs;
    let seen = '';
    let movedAt = begun;
    for (;;) {
      const { sums } = await call('GET', `/v1/projects/${projectId}`);
      const done = sums.statuses['Completed'] ?? 0;
      if (done > 0) firstMs ??= Math.round(performance.now() - begun);
      if (done === mailboxes) break;
      const now = JSON.stringify(sums);
      if (now !== seen) movedAt = performance.now();
      seen = now;
      if (performance.now() - movedAt > STALL_MS) throw new Error(`stands still: ${now}`);
      await sleep(POLL_MS);
    }
    const totalMs = Math.round(performance.now() - begun);
    const { totals } = (await call('GET', `/v1/projects/${projectId}`)).sums;
    if (totals.exported < mailboxes || totals.failed > 0) throw new Error(`not whole: ${JSON.stringify(totals)}`);
    return { firstMs, totalMs, peakRssMiB: await system.peakRssMiB() };
  } finally {
    await system.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

const prepare = async (call, tenant, mailboxes, out) => {
  const { id: customerId } = await call('POST', '/v1/customers', { name: 'Many' });
  const endpoint = async (body) => (await call('POST', `/v1/customers/${customerId}/endpoints`, body)).id;
  const { tenantId, clientId, clientSecret, graphUrl, authorityUrl } = tenant;
  const credential = { kind: 'secret', value: clientSecret };
  const source = { name: 'Tenant', kind: 'microsoft-365', tenantId, clientId, credential, graphUrl, authorityUrl };
  const sourceEndpointId = await endpoint(source);
  const destinationEndpointId = await endpoint({ name: 'Folder', kind: 'folder', path: out });
  const { id: projectId } = await call('POST', `/v1/customers/${customerId}/projects`, {
    name: 'Many',
    type: 'mailbox',
    sourceEndpointId,
    destinationEndpointId,
    container: 'many',
    partBytes: 2 ** 30,
  });
  const users = Array.from({ length: mailboxes }, (_, n) => `user${n + 1}@fabrikam.test`);
  await call('POST', '/v1/orders', { quantity: Math.max(mailboxes, 1), payment: 'card' });
  for (let at = 0; at < users.length; at += 500)
    await call('POST', `/v1/customers/${customerId}/bundles`, { users: users.slice(at, at + 500) }, { prefer: 'wait=30' });
  await call(
    'POST',
    `/v1/projects/${projectId}/mailboxes`,
    `Source,Destination\n${users.map((user, n) => `${user},user${n + 1}.pst`).join('\n')}\n`,
  );
  while ((await call('GET', `/v1/projects/${projectId}`)).sums.mailboxes < mailboxes) await sleep(POLL_MS);
  return projectId;
};
