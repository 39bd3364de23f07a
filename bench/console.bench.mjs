// The console in Chromium over a project of 10,000 mailboxes (`--mailboxes N`): how long until the first rows, a sort, a filter and selecting all, and
// whether a verification of them all, as it happens, ever blocks the page. The source refuses connections. Needs a bundle and a Chromium.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { caller, startSystem } from './system/embedded.mjs';

export const name = 'console';

/** Every figure is within its limit. */
export const target = 1;

const CHROMIUM = process.env.PSTREAM_CHROMIUM ?? '/usr/bin/chromium';
const SAMPLES = 5;
const LIVE_MS = 10_000;
const LIMITS = { firstRows: 1_500, sort: 300, filter: 300, selectAll: 200, elements: 1_500, longTasks: 1 };
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** Runs in the page before its scripts: when the first row came, and tasks that blocked it. */
const WATCH = `
  globalThis.watched = { rowAt: undefined, tasks: [] };
  new MutationObserver(() => {
    if (watched.rowAt === undefined && document.querySelector('[data-row]') !== null) watched.rowAt = performance.now();
  }).observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => watched.tasks.push(...list.getEntries().map((entry) => Math.round(entry.duration)))).observe({ type: 'longtask' });
`;
/** Does something in the page and resolves to the milliseconds until it shows. */
const until = (act, shows) => `(async () => {
  const before = performance.now();
  ${act}
  while (!(${shows})) await new Promise(requestAnimationFrame);
  return performance.now() - before;
})()`;
const GRID = "document.querySelector('[role=grid]')";
const typed = (text) =>
  `const box = document.querySelector('input[type=search]'); Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, '${text}'); box.dispatchEvent(new Event('input', { bubbles: true }));`;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** The figure that is furthest over its limit, and all of them. */
export const run = async ({ log, options = {} }) => {
  if (!existsSync(CHROMIUM)) throw new Error(`There is no Chromium at ${CHROMIUM}; name one in PSTREAM_CHROMIUM.`);
  const mailboxes = options.mailboxes ?? 10_000;
  const dir = await mkdtemp(join(tmpdir(), 'pstream-console-'));
  const system = await startSystem(join(dir, 'data'));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const call = caller(system);
    const projectId = await prepare(call, dir, mailboxes);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.addInitScript(WATCH);
    await page.goto(`${system.url}${(await call('POST', '/v1/sign-in-codes')).path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const firstRows = [];
    for (let n = 0; n < SAMPLES; n++) {
      await page.goto(`${system.url}/projects/${projectId}`);
      await page.locator(`[aria-rowcount="${mailboxes + 1}"]`).waitFor({ timeout: 60_000 });
      firstRows.push(await page.evaluate('watched.rowAt'));
    }
    const [sort, filter, selectAll] = [[], [], []];
    for (let n = 0; n < SAMPLES; n++) {
      const header = `${GRID}.querySelector('.source[role=columnheader] button').click();`;
      sort.push(
        await page.evaluate(
          until(header, `${GRID}.querySelector('.source[aria-sort=${n % 2 === 0 ? 'descending' : 'ascending'}]') !== null`),
        ),
      );
      filter.push(
        await page.evaluate(until(typed('user9'), `Number(${GRID}.ariaRowCount ?? ${GRID}.getAttribute('aria-rowcount')) < ${mailboxes}`)),
      );
      await page.evaluate(until(typed(''), `Number(${GRID}.getAttribute('aria-rowcount')) === ${mailboxes + 1}`));
      const all = `${GRID}.querySelector('[role=columnheader] input')`;
      selectAll.push(await page.evaluate(until(`${all}.click();`, `${GRID}.querySelector('[data-row][aria-selected=true]') !== null`)));
      await page.evaluate(until(`${all}.click();`, `${GRID}.querySelector('[data-row][aria-selected=true]') === null`));
    }
    const elements = await page.evaluate("document.querySelectorAll('*').length");
    await page.evaluate('watched.tasks.length = 0');
    await call('POST', `/v1/projects/${projectId}/passes`, { kind: 'verify', mailboxes: 'all' });
    await sleep(LIVE_MS);
    const tasks = await page.evaluate('watched.tasks');
    const measured = {
      ...{ firstRows: median(firstRows), sort: median(sort), filter: median(filter), selectAll: median(selectAll), elements },
      longTasks: tasks.filter((ms) => ms > 50).length,
    };
    log(`  long tasks: ${tasks.join(', ') || 'none'} ms`);
    const figures = Object.entries(LIMITS).map(([figure, limit]) => ({
      figure,
      value: measured[figure],
      limit,
      holds: figure === 'longTasks' ? measured[figure] < limit : measured[figure] <= limit,
    }));
    for (const { figure, value, limit, holds } of figures)
      log(`  ${figure.padEnd(10)} ${value.toFixed(0).padStart(7)} (limit ${limit}): ${holds ? 'holds' : 'missed'}`);
    const worst = figures.reduce((a, b) => (a.value / a.limit > b.value / b.limit ? a : b));
    return { value: worst.value, unit: worst.figure, baseline: worst.limit, ratio: worst.limit / Math.max(worst.value, 1), figures };
  } finally {
    await browser.close();
    await system.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

/** A project with so many mailboxes of a tenant that nobody reaches. */
const prepare = async (call, dir, mailboxes) => {
  const { id: customerId } = await call('POST', '/v1/customers', { name: 'Console' });
  const endpoint = async (body) => (await call('POST', `/v1/customers/${customerId}/endpoints`, body)).id;
  const sourceEndpointId = await endpoint({
    ...{ name: 'Nowhere', kind: 'microsoft-365', tenantId: 'contoso.example', clientId: '00000000-0000-0000-0000-000000000000' },
    ...{ credential: { kind: 'secret', value: 'nothing' }, graphUrl: NOWHERE, authorityUrl: NOWHERE },
  });
  const destinationEndpointId = await endpoint({ name: 'Folder', kind: 'folder', path: dir });
  const ends = { type: 'mailbox', sourceEndpointId, destinationEndpointId };
  const { id, stream, version } = await call('POST', `/v1/customers/${customerId}/projects`, {
    ...ends,
    name: 'Large',
    container: 'large',
  });
  await call('GET', `/v1/projects/${id}?atLeast=${stream}:${version}`);
  const rows = Array.from({ length: mailboxes }, (_none, n) => `user${n}@contoso.example,user${n}.pst`);
  await call('POST', `/v1/projects/${id}/mailboxes`, `Source,Destination\n${rows.join('\n')}\n`);
  while ((await call('GET', `/v1/projects/${id}`)).sums.mailboxes < mailboxes) await sleep(200);
  return id;
};
