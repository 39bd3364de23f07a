// Takes the screenshots of the manual (docs/manual/img): a made-up tenant of which some mailboxes are slow, throttled or broken, exported by the system
// of this clone and looked at in Chromium. Needs a build, a bundle and a Chromium. Usage: node tools/console-shots.mjs [--only NAME,NAME]
// With names of pages (project, start, licences, ...), only these are taken, and at once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { generatedTenant, startTenant } from '../libs/tenant-sim/dist/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'docs', 'manual', 'img');
const at = process.argv.indexOf('--only');
const only = at === -1 ? undefined : (process.argv[at + 1] ?? '').split(',');
const MAILBOXES = 40;
const ITEMS = 900;
const users = Array.from({ length: MAILBOXES }, (_none, at) => `user${at + 1}@fabrikam.test`);
/** An item of it fails for good, and its folders have English names: fonts of this machine may lack other scripts. */
const SHOWN = users[8];
const data = mkdtempSync(join(tmpdir(), 'pstream-shots-'));
mkdirSync(out, { recursive: true });

const tenant = await startTenant({
  tenant: generatedTenant({ seed: 5, mailboxes: MAILBOXES - 2, itemsPerMailbox: ITEMS, sizeProfile: 'small' }),
  faults: {
    rules: [
      ...[3, 8, 15].map((at) => ({
        on: 'exportItems',
        mailbox: users[at],
        kind: 'primary',
        itemIndex: 7 + at,
        effect: 'item-cut',
        times: 50,
      })),
      { on: 'exportItems', mailbox: users[5], kind: 'primary', itemIndex: 9, effect: 'item-damaged', atBytes: 0 },
      { on: 'exportItems', effect: 'delay', milliseconds: 6_000 },
    ],
  },
});
const system = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'apps/standalone/dist/main.js')], {
  env: {
    ...process.env,
    PSTREAM_DATA: join(data, 'data'),
    PSTREAM_PORT: '0',
    PSTREAM_LOG: 'error',
    PSTREAM_CARDS: 'trial',
    PSTREAM_LICENCE_PRICE: '2026-11 15.00 EUR',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let [url, token] = [];
for await (const line of createInterface({ input: system.stdout })) {
  url ??= /Address: (\S+)/.exec(line)?.[1];
  token ??= /Token: +(\S+)/.exec(line)?.[1];
  if (url !== undefined && token !== undefined) break;
}
system.stdout.resume();

const call = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
  const response = await fetch(`${url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=20' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer;
};
const shown = ({ stream, version }, path) => call(`${path}?atLeast=${stream}:${version}`);

const customer = await call('/customers', { name: 'Contoso' });
await shown(customer, `/customers/${customer.id}`);
await shown(await call(`/customers/${customer.id}`, { name: 'Contoso GmbH' }, 'PATCH'), `/customers/${customer.id}`);
await call('/orders', { quantity: MAILBOXES, payment: 'card' });
await call(`/customers/${customer.id}/bundles`, { users: users.slice(0, -1) });
const { graphUrl, authorityUrl, tenantId, clientId, clientSecret: value } = tenant;
const source = await call(`/customers/${customer.id}/endpoints`, {
  ...{ name: 'Microsoft 365', kind: 'microsoft-365', graphUrl, authorityUrl, tenantId, clientId, credential: { kind: 'secret', value } },
});
const target = await call(`/customers/${customer.id}/endpoints`, { name: 'Exports', kind: 'folder', path: join(data, 'out') });
const ends = { type: 'mailbox', sourceEndpointId: source.id, destinationEndpointId: target.id };
const project = await call(`/customers/${customer.id}/projects`, { ...ends, name: 'Leavers 2026', container: 'leavers' });
await shown(project, `/projects/${project.id}`);
const items = users.map((user) => ({ source: user, destination: `${user.split('@')[0]}.pst` }));
await shown(await call(`/projects/${project.id}/mailboxes`, { items }), `/projects/${project.id}/mailboxes`);
await call(`/projects/${project.id}/passes`, { kind: 'full', mailboxes: 'all' });

await call('/orders', { quantity: 100, payment: 'wire' });
for (const [name, role] of [
  ['Ada Lovelace', 'admin'],
  ['Ben Okri', 'agent'],
  ['Finn Kassel', 'finance'],
])
  await call('/people', { email: `${name.split(' ')[0].toLowerCase()}@contoso.com`, name, role });
const archives = await call(`/customers/${customer.id}/projects`, { ...ends, type: 'archive', name: 'Archives', container: 'archives' });
await shown(archives, `/projects/${archives.id}`);
const days = ['mon', 'tue', 'wed', 'thu', 'fri'];
await call(
  `/projects/${archives.id}/plan`,
  { window: { from: '20:00', to: '06:00', zone: 'Europe/Berlin', days }, maxMailboxes: 4, paused: { reason: 'The customer asked.' } },
  'PATCH',
);
const about = { kinds: ['pass.completed-with-errors', 'pass.failed', 'pass.held', 'pass.silent'] };
const mail = { kind: 'mail', to: ['ada@contoso.com', 'night.shift@contoso.com'] };
const byMail = await call('/notices/subscriptions', { name: 'Operations', ...about, channel: mail });
const hook = { kind: 'webhook', url: 'https://127.0.0.1:9/pstream' };
const byHook = await call('/notices/subscriptions', { name: 'Tickets', kinds: ['pass.failed'], projectId: project.id, channel: hook });
for (const { id } of [byMail, byHook]) await call(`/notices/subscriptions/${id}/test`, {});
const words = {
  subject: '{count} mailboxes of {customer} need you',
  body: '{mailbox}: {cause}\n{advice} See https://wiki.contoso.com/pstream',
};
await call('/notices/templates/pass.failed', words, 'PATCH');
/** A project that is to be closed: two mailboxes that were tried. */
const handed = await call(`/customers/${customer.id}/projects`, { ...ends, name: 'Handed over', container: 'handed-over' });
await shown(handed, `/projects/${handed.id}`);
await shown(await call(`/projects/${handed.id}/mailboxes`, { items: items.slice(10, 12) }), `/projects/${handed.id}/mailboxes`);
await call(`/projects/${handed.id}/passes`, { kind: 'trial', mailboxes: 'all' });
/** A customer whose first migration has just begun. */
const fresh = await call('/customers', { name: 'Fabrikam' });
await shown(fresh, '/customers');
await call(`/customers/${fresh.id}/endpoints`, {
  ...{ name: 'Microsoft 365', kind: 'microsoft-365', graphUrl, authorityUrl, tenantId, clientId, credential: { kind: 'secret', value } },
});

const browser = await chromium.launch({
  executablePath: process.env.PSTREAM_CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
/** A page of a theme and a width, signed in. */
const open = async (dark, width) => {
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 800 : 900 },
    colorScheme: dark ? 'dark' : 'light',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const { path } = await call('/sign-in-codes', {});
  await page.goto(`${url}${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
};
const shoot = async (page, name, path) => {
  if (only?.includes(name.split('-')[1]) === false) return;
  if (path !== undefined) await page.goto(`${url}${path}`);
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined);
  await sleep(1_500);
  await page.screenshot({ path: join(out, `${name}.png`) });
};

try {
  // Five minutes of throughput, so that there is a band to show.
  await sleep(only === undefined ? Number(process.env.SHOTS_AFTER_MS ?? 330_000) : 5_000);
  for (const [theme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 375],
    ['dark', 375],
  ]) {
    const page = await open(theme === 'dark', width);
    const name = (what) => `console-${what}-${theme}-${width}`;
    await shoot(page, name('project'), `/projects/${project.id}`);
    if (theme === 'light') {
      await shoot(page, name('overview'), '/');
      const { items: rows } = await call(`/projects/${project.id}/mailboxes?limit=1000`);
      const { mailboxJobId } = rows.find(({ source: address }) => address === SHOWN);
      await shoot(page, name('mailbox'), `/mailboxes/${mailboxJobId}`);
    }
    const pages = {
      start: `/start?customer=${fresh.id}`,
      licences: '/licences',
      buy: '/licences/buy',
      people: '/people',
      plans: '/plans',
      notices: '/notices',
      templates: '/notices/templates',
      audit: '/audit',
      report: `/projects/${project.id}/report`,
      help: '/help/reference/causes?q=throttled',
    };
    const narrow = ['start', 'licences', 'notices', 'templates', 'audit'];
    for (const [what, path] of Object.entries(pages))
      if (width === 1280 ? theme === 'light' || what === 'start' : narrow.includes(what)) await shoot(page, name(what), path);
    if (only?.includes('entry') !== false && (theme === 'light') === (width === 1280)) {
      await page.goto(`${url}/audit?action=renameCustomer`);
      await page.locator('.entry').first().click();
      await shoot(page, name('entry'));
    }
    if (only?.includes('closing') !== false && (theme === 'light') === (width === 1280)) {
      while (!(await call(`/projects/${handed.id}/parts`)).items.some(({ state }) => state === 'verified')) await sleep(1_000);
      await page.goto(`${url}/projects/${handed.id}`);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Close project…' }).click();
      await page.getByRole('combobox').last().selectOption('delete');
      await page.getByRole('button', { name: 'Show what would happen' }).click();
      await page.locator('.sums').waitFor();
      await shoot(page, name('closing'));
    }
    if (theme === 'light' && width === 1280 && only?.includes('viewer') !== false) {
      await call(`/projects/${project.id}/viewing`, { allowed: true }, 'PATCH');
      const { items: parts } = await call(`/projects/${project.id}/parts?limit=1000`);
      const part = parts.find(({ state }) => state === 'verified');
      if (part !== undefined) {
        await page.goto(`${url}/mailboxes/${part.mailboxJobId}/parts/${part.partId}`);
        await page.locator('.messages a').first().click();
        await shoot(page, name('viewer'));
      }
    }
    if (theme === 'light' && width === 1280 && only === undefined) {
      await shoot(page, name('errors'), `/projects/${project.id}/errors?state=all`);
      await page.goto(`${url}/projects/${project.id}?view=attention`);
      await page.getByRole('checkbox', { name: /Select the/ }).check();
      await page.getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name: /Retry Errors/ }).click();
      await shoot(page, name('action'));
    }
    await page.context().close();
  }
} finally {
  await browser.close();
  system.kill('SIGTERM');
  await once(system, 'exit');
  await tenant.close();
  rmSync(data, { recursive: true, force: true });
}
