import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../shared-dir.js';
import { freePort, runToEnd, startChild } from './child.js';

/** A running Azurite. `endpoint` holds the account in its path; `kind` says which way it came about. */
export type AzuriteServer = {
  readonly endpoint: string;
  readonly account: string;
  readonly key: string;
  readonly kind: string;
  close(): Promise<void>;
};

// The account that every Azurite has, and its key as its documentation prints it.
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const IMAGE = 'mcr.microsoft.com/azure-storage/azurite:latest';
const VERSION = '3.37.0';

/** Finds or starts an Azurite for tests: env PSTREAM_TEST_AZURITE (a blob endpoint with the account in its path), else a container
 *  where an engine answers, else Azurite 3.37.0 from `.cache/azurite`, installed there by npm on first use (365 MB), else `skipped` with
 *  the reason. Prints which it is. With env PSTREAM_REQUIRE_SERVERS=1 a skip is thrown instead. Await it at the top of a spec file, so
 *  that the suites can be skipped by name. */
export const azuriteServer = async (): Promise<AzuriteServer | { readonly skipped: string }> => {
  const found = await firstThatWorks();
  process.stderr.write(`Azurite for tests: ${'skipped' in found ? `skipped: ${found.skipped}` : found.kind}\n`);
  if ('skipped' in found && process.env['PSTREAM_REQUIRE_SERVERS'] === '1') throw new Error(`an Azurite is required: ${found.skipped}`);
  return found;
};

const firstThatWorks = async (): Promise<AzuriteServer | { readonly skipped: string }> => {
  const given = process.env['PSTREAM_TEST_AZURITE'];
  if (given !== undefined && given !== '') {
    return { ...described(given.replace(/\/$/, ''), 'the server of PSTREAM_TEST_AZURITE'), close: () => Promise.resolve() };
  }
  const container = await inContainer();
  if (!('skipped' in container)) return container;
  const local = await fromCache();
  return 'skipped' in local ? { skipped: `${container.skipped}; ${local.skipped}` } : local;
};

const described = (endpoint: string, kind: string): Omit<AzuriteServer, 'close'> => ({
  endpoint,
  account: endpoint.slice(endpoint.lastIndexOf('/') + 1),
  key: KEY,
  kind,
});

const inContainer = async (): Promise<AzuriteServer | { readonly skipped: string }> => {
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return { skipped: 'no container engine answers' };
  }
  // The SDK's API version is newer than the one Azurite knows.
  const container = await new GenericContainer(IMAGE)
    .withCommand(['azurite-blob', '--blobHost', '0.0.0.0', '--skipApiVersionCheck', '--disableTelemetry'])
    .withExposedPorts(10_000)
    .withStartupTimeout(120_000)
    .start();
  const endpoint = `http://${container.getHost()}:${container.getMappedPort(10_000)}/${ACCOUNT}`;
  return {
    ...described(endpoint, 'Azurite (container)'),
    close: async () => {
      await container.stop();
    },
  };
};

const fromCache = async (): Promise<AzuriteServer | { readonly skipped: string }> => {
  const script = join('node_modules', 'azurite', 'dist', 'src', 'blob', 'main.js');
  const home = join(repositoryRoot, '.cache', 'azurite');
  if (!existsSync(join(home, script))) {
    const failed = await install(home, script);
    if (failed !== undefined) return { skipped: failed };
  }
  const port = await freePort();
  const child = await startChild({
    name: 'azurite',
    command: process.execPath,
    args: [
      join(home, script),
      '--blobHost',
      '127.0.0.1',
      '--blobPort',
      String(port),
      '--inMemoryPersistence',
      '--extentMemoryLimit',
      '2048',
      '--silent',
      '--skipApiVersionCheck',
      '--disableTelemetry',
    ],
    readyPort: port,
  });
  return { ...described(`http://127.0.0.1:${port}/${ACCOUNT}`, `Azurite ${VERSION} (local)`), close: () => child.stop() };
};

/** Installs beside and renames, so that two test files that start at once do not use each other's half. Returns why it failed. */
const install = async (home: string, script: string): Promise<string | undefined> => {
  const beside = `${home}.${process.pid}`;
  try {
    mkdirSync(beside, { recursive: true });
    copyFileSync(join(repositoryRoot, 'libs', 'testing', 'servers', 'azurite', 'package.json'), join(beside, 'package.json'));
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const { code, output } = await runToEnd(npm, ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: beside,
    });
    if (code !== 0) return `npm could not install azurite ${VERSION} (exit ${code}): ${output.trim().split('\n').at(-1) ?? ''}`;
    if (!existsSync(join(home, script))) {
      rmSync(home, { recursive: true, force: true });
      renameSync(beside, home);
    }
    return undefined;
  } catch (error) {
    return existsSync(join(home, script))
      ? undefined
      : `azurite could not be installed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
};
