import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page, type Request } from 'playwright-core';
import type { Role } from '@pstream/contracts';
import { startChild, tempDir, waitFor, type Child } from '@pstream/testing';
import { apiOf, type Api } from '../support/api.js';

const ROOT = join(import.meta.dirname, '../../..');
const MAIN = join(ROOT, 'apps/standalone/dist/main.js');
const BUNDLE = join(ROOT, 'apps/console/bundle/index.html');

/** Debian's and Ubuntu's names of it, and that of Chrome; nothing is downloaded. */
const found = [process.env['PSTREAM_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);
const required = process.env['PSTREAM_REQUIRE_SERVERS'] === '1';

/** A suite in a real browser. Skipped with the reason where there is none, unless servers are required. */
export const describeBrowser = (title: string, body: () => void): void => {
  if (found !== undefined) describe(title, body);
  else if (required) describe(title, () => it('needs a Chromium', () => expect(found).toBeDefined()));
  else describe.skip(`${title} (skipped: no Chromium found; name one in PSTREAM_CHROMIUM)`, body);
};

/** The embedded system as `npm start` runs it. */
export type ConsoleSystem = {
  readonly url: string;
  readonly dir: string;
  readonly api: Api;
  /** An address that signs in once, as the owner of the token: the first one unless another is given. */
  readonly signInAddress: (token?: string) => Promise<string>;
  /** Ends the process and starts it again on the same data and port. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What the bundle is made of: the compiled console and client, and what is copied as it is. */
const BUNDLED = [
  'apps/console/dist',
  'libs/api/dist',
  'apps/console/src/console.css',
  'apps/console/src/index.html',
  'tools/bundle-console.mjs',
];

const newestMs = (path: string): number =>
  statSync(path).isDirectory()
    ? Math.max(
        0,
        ...readdirSync(path, { recursive: true, encoding: 'utf8' })
          .filter((name) => /\.js(on)?$/.test(name))
          .map((name) => statSync(join(path, name)).mtimeMs),
      )
    : statSync(path).mtimeMs;

/** Whether there is no bundle of what is compiled now. */
const isStale = (): boolean => !existsSync(BUNDLE) || BUNDLED.some((path) => newestMs(join(ROOT, path)) > statSync(BUNDLE).mtimeMs);

/** Starts it in a directory of its own, with the console bundled from what is compiled. */
export const startConsole = async (env: Readonly<Record<string, string>> = {}): Promise<ConsoleSystem> => {
  if (isStale()) {
    const made = spawnSync(process.execPath, [join(ROOT, 'tools/bundle-console.mjs')], { cwd: ROOT, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
  }
  const dir = tempDir();
  const start = (port: string): Promise<Child> =>
    startChild({
      name: 'pstream',
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', MAIN],
      env: { PSTREAM_DATA: join(dir, 'data'), PSTREAM_PORT: port, PSTREAM_LOG: 'error', PSTREAM_CARDS: 'trial', ...env },
      readyLine: /Sign in: +\S+/,
    });
  let child = await start('0');
  const url = /Address: (\S+)/.exec(child.output())?.[1] ?? '';
  const token = /Token: +(\S+)/.exec(child.output())?.[1];
  return {
    url,
    dir,
    api: apiOf({ url, firstToken: token }),
    signInAddress: async (own = token) => {
      const response = await fetch(`${url}/v1/sign-in-codes`, { method: 'POST', headers: { authorization: `Bearer ${own}` } });
      return `${url}${((await response.json()) as { path: string }).path}`;
    },
    restart: async () => {
      await child.stop();
      child = await start(new URL(url).port);
    },
    close: async () => {
      await child.stop();
    },
  };
};

/** How a page is shown: in English, light and 1280 pixels wide unless it says something else. */
export type Look = { readonly width?: number; readonly dark?: boolean; readonly locale?: string; readonly contrast?: boolean };

/** A browser, and the pages of a suite in it. */
export type Pages = {
  /** A page of a fresh profile. What it reports as an error, a violation of its policy among it, is collected in `complaints`. */
  readonly open: (look?: Look) => Promise<Page>;
  readonly complaints: string[];
};

/** What each page has asked for and not been answered. */
const unanswered = new WeakMap<Page, Set<Request>>();

/** Waits until a page has its heading and every answer that it asked for, and has drawn them. */
export const settles = async (page: Page): Promise<void> => {
  await page.locator('h1, .empty').first().waitFor();
  const left = async (): Promise<number> => {
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    return unanswered.get(page)?.size ?? 0;
  };
  // Where one does not come, the page is looked at as it is then.
  await waitFor(left, { until: (requests) => requests === 0 }).catch(() => undefined);
};

/** A browser for a suite. */
export const browserOfSuite = (): Pages => {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  beforeAll(async () => {
    // Within a container there is nobody but root, whom the sandbox of Chromium refuses.
    browser = await chromium.launch({ executablePath: found ?? '', args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser.close();
  });
  return {
    complaints,
    open: async ({ width = 1280, dark = false, locale = 'en-GB', contrast = false } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: dark ? 'dark' : 'light',
        locale,
        reducedMotion: 'reduce',
        forcedColors: contrast ? 'active' : 'none',
      });
      contexts.push(context);
      const page = await context.newPage();
      // A limit for what hangs: other suites may have the processors meanwhile.
      page.setDefaultTimeout(60_000);
      const asked = new Set<Request>();
      unanswered.set(page, asked);
      page.on('request', (request) => {
        // The stream of events is never answered to its end.
        if (new URL(request.url()).pathname !== '/v1/events') asked.add(request);
      });
      page.on('requestfinished', (request) => asked.delete(request));
      page.on('requestfailed', (request) => asked.delete(request));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
      page.on('console', (message) => {
        // A connection that breaks is part of some tests.
        if (message.type() === 'error' && !/Failed to load resource|ERR_|net::/.test(message.text())) complaints.push(message.text());
      });
      return page;
    },
  };
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Fluent's focus helpers are hidden and can be focused, which its authors exempt; nothing else is. */
const EXEMPT = '[data-tabster-dummy]';

type Finding = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** What axe holds against a page at A, AA and best practice of WCAG 2.2. */
export const findingsOf = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axeSource);
  const { violations, passes } = await page.evaluate<{ violations: readonly Finding[]; passes: readonly unknown[] }>(
    `axe.run({ exclude: ['${EXEMPT}'] }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
  );
  // A page on which no rule has anything to look at has not been looked at.
  expect(passes.length).toBeGreaterThan(5);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
};

/** Whether the page as a whole goes beyond its width. */
export const overflows = (page: Page): Promise<boolean> => page.evaluate('document.documentElement.scrollWidth > innerWidth');

/** Themes and widths that every page is looked at in. */
export const LOOKS = [
  ['light', 1280],
  ['dark', 1280],
  ['light', 320],
] as const;

/** Goes to each address, and expects nothing that axe objects to and nothing beyond the width. */
export const expectSound = async (page: Page, url: string, paths: readonly string[]): Promise<void> => {
  for (const path of paths) {
    await page.goto(`${url}${path}`);
    await settles(page);
    expect([path, await findingsOf(page)]).toEqual([path, []]);
    expect([path, await overflows(page)]).toEqual([path, false]);
  }
};

/** Sends what is in the dialog of a page, which somebody else has changed meanwhile, and looks at it again. */
export const looksAgain = async (page: Page, submit: string): Promise<void> => {
  const button = (name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true });
  await button(submit).click();
  await page.getByRole('dialog').getByText('This was changed meanwhile').waitFor();
  expect(await findingsOf(page)).toEqual([]);
  await button('Look again').click();
};

/** The system in a process of its own, and a browser, from the first test of a suite to its last. */
export type SuiteConsole = {
  /** Only within hooks and tests: before, nothing has been started. */
  readonly system: () => ConsoleSystem;
  readonly open: Pages['open'];
  /** A page that has signed in: as the owner unless another token is given. */
  readonly signedIn: (look?: Look, token?: string) => Promise<Page>;
  /** A page that has signed in with a new token of a role. */
  readonly signedInAs: (role: Role) => Promise<Page>;
  /** Tests each page in every look: nothing that axe objects to, and nothing beyond its width. */
  readonly looksSound: (paths: () => readonly string[] | Promise<readonly string[]>) => void;
};

/** Starts both for a suite. A page that reports an error, or asks anything of anybody but the system, fails the test that it does so in. */
export const consoleOfSuite = (env: Readonly<Record<string, string>> = {}): SuiteConsole => {
  const { open: openBlank, complaints } = browserOfSuite();
  let running: ConsoleSystem | undefined;
  const system = (): ConsoleSystem => {
    if (running === undefined) throw new Error('the system has not been started');
    return running;
  };
  beforeAll(async () => {
    running = await startConsole(env);
  }, 120_000);
  afterAll(() => running?.close());
  afterEach(() => expect(complaints.splice(0)).toEqual([]));
  const open: SuiteConsole['open'] = async (look) => {
    const page = await openBlank(look);
    page.on('request', (request) => {
      const asked = request.url();
      if (!asked.startsWith(system().url) && !/^(data|blob):/.test(asked)) complaints.push(`a request to ${asked}`);
    });
    return page;
  };
  const signedIn: SuiteConsole['signedIn'] = async (look, token) => {
    const page = await open(look);
    await page.goto(await system().signInAddress(token));
    // Only whoever has signed in sees the frame around the pages.
    await page.getByRole('banner').waitFor();
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    return page;
  };
  return {
    system,
    open,
    signedIn,
    signedInAs: async (role) => {
      const { body } = await system().api.post<{ token: string }>('/tokens', { name: role, role });
      return signedIn({}, body.token);
    },
    looksSound: (paths) => {
      it.each(LOOKS)(
        'is sound in %s at %i pixels: nothing that axe objects to, nothing beyond the width',
        async (theme, width) => {
          const page = await signedIn({ width, dark: theme === 'dark' });
          await expectSound(page, system().url, await paths());
          // A page that is open listens and draws for as long as the suite lasts.
          await page.context().close();
        },
        180_000,
      );
    },
  };
};
