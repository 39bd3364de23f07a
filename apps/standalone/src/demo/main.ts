import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isFault, systemClock, systemIds, systemRandom } from '@pstream/kernel';
import { jsonLog, readConfig } from '@pstream/wiring';
import { environment, standaloneKeys } from '../config.js';
import { startSystem } from '../system.js';
import { demoApi } from './api.js';
import { DemoFlow } from './flow.js';
import { DEMO_HELP, readDemoOptions, UsageError, type DemoOptions } from './options.js';
import { Progress } from './progress.js';
import { printReport, reportMailbox, type DemoReport } from './report.js';
import { SpaceWatch } from './space-watch.js';
import { openPlace, saveState, type DemoPlace } from './state.js';
import { demoToken } from './token.js';
import { demoUsers, startTenantProcess } from './tenant.js';

/** Times that the stream of the made-up failing item is cut off: in its batch and twice alone in the Full Migration, and no more in the retry. */
const CUTS = 3;

/** How long an interrupted demo waits for its services to come to rest. */
const SHUTDOWN_MS = 10_000;

const clock = systemClock;

/** False when services did not come to rest in time; they are cut off then. */
let isAtRest = true;

const run = async (options: DemoOptions, from: string): Promise<number> => {
  const started = clock.monotonicMs();
  const progress = new Progress(process.stderr, environment()['TERM']);
  const users = await demoUsers(options);
  const place = await openPlace(options, from);
  const tenant = await startTenantProcess(options, place.state.tenantPort, await faults(options, place, users[0]?.userPrincipalName));
  const log = jsonLog(process.stderr, clock, 'error');
  const keys = { ...environment(), PSTREAM_HOST: undefined, PSTREAM_PORT: undefined };
  const config = readConfig(standaloneKeys, keys, { dataDir: join(place.dataDir, 'data'), port: 0, cards: 'trial' });
  const system = await startSystem(config, { clock, ids: systemIds, random: systemRandom, log });
  const stopped = untilStopped(() => Promise.all([system.close(), tenant.close()]));
  try {
    progress.say(`pstream is running at ${system.url}, the simulated tenant at ${tenant.address.graphUrl}`);
    const api = demoApi(system.url, await demoToken(place, system.firstToken), { clock, ids: systemIds });
    const flow = new DemoFlow(api, clock, progress, options, new SpaceWatch(place.out));
    const projects = await flow.prepare(users, tenant.address, place.out);
    await flow.verify(projects);
    await flow.migrate(projects);
    await flow.retryErrors(projects);
    const mailboxes = [];
    let ok = true;
    for (const project of projects) {
      for (const { view, parts } of await flow.outcome(project)) {
        const { report, problems } = reportMailbox(view, project.kind, parts);
        for (const problem of problems) progress.say(`✗ ${view.source} (${project.kind}): ${problem}`);
        ok &&= problems.length === 0;
        mailboxes.push(report);
      }
    }
    const report: DemoReport = {
      ok,
      mailboxes,
      seconds: Math.round(clock.monotonicMs() - started) / 1000,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    };
    await saveState(place, { finished: ok });
    progress.close();
    process.stderr.write(printReport(report));
    if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    if (options.keep) {
      process.stderr.write(`\nStill running at ${system.url} (API description: ${system.url}/docs). Interrupt to end it.\n`);
      await stopped.signalled;
    }
    return ok ? 0 : 1;
  } finally {
    const limit = new AbortController();
    const tooLong = clock.sleep(SHUTDOWN_MS, limit.signal).then(
      () => false,
      () => true,
    );
    isAtRest = await Promise.race([stopped.close().then(() => true), tooLong]);
    limit.abort();
  }
};

/** Of the first mailbox the stream of one item is cut off at first, and that of another is damaged for ever; only the made-up tenant has them. */
const faults = async (options: DemoOptions, place: DemoPlace, first: string | undefined): Promise<string | undefined> => {
  if (options.content.is !== 'generated' || first === undefined || options.content.items === 0) return undefined;
  const file = join(place.dataDir, 'faults.json');
  const { items } = options.content;
  const where = { on: 'exportItems', mailbox: first, kind: 'primary' };
  const cut = { ...where, itemIndex: Math.floor(items / 2), effect: 'item-cut', times: CUTS };
  const damaged = { ...where, itemIndex: Math.floor(items / 3), effect: 'item-damaged', atBytes: 0 };
  await writeFile(file, JSON.stringify({ rules: [cut, damaged] }));
  return file;
};

const untilStopped = (close: () => Promise<unknown>): { readonly signalled: Promise<void>; close(): Promise<void> } => {
  const signalled = Promise.withResolvers<void>();
  let closing: Promise<unknown> | undefined;
  const end = async (): Promise<void> => void (await (closing ??= close()));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      signalled.resolve();
      process.stderr.write('\nStopping; start the demo again with the same arguments to go on.\n');
      // Whatever is under way is safe to cut off; a service that does not come to rest must not hold the terminal.
      void Promise.race([end(), clock.sleep(SHUTDOWN_MS)]).finally(() => process.exit(130));
    });
  }
  return { signalled: signalled.promise, close: end };
};

const main = async (): Promise<number> => {
  const from = process.cwd();
  try {
    const options = readDemoOptions(process.argv.slice(2), from);
    if (options === undefined) {
      process.stderr.write(DEMO_HELP);
      return 0;
    }
    return await run(options, from);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\nTry: npm run demo -- --help\n`);
      return 2;
    }
    if (isFault(error)) {
      process.stderr.write(`${error.message}\n${error.advice === undefined ? '' : `${error.advice}\n`}`);
      return 1;
    }
    throw error;
  }
};

process.exitCode = await main();
if (!isAtRest) process.exit();
