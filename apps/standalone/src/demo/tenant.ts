import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Fault } from '@pstream/kernel';
import { dumpTenant, generatedTenant } from '@pstream/tenant-sim';
import type { DemoOptions } from './options.js';

/** What a user of the tenant has that can be exported. */
export type DemoUser = { readonly userPrincipalName: string; readonly hasArchive: boolean };

/** How to reach the simulated tenant. */
export type TenantAddress = {
  readonly graphUrl: string;
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** Mailboxes of the generated tenant; the first of them has an archive. */
export const GENERATED = { mailboxes: 3, archives: 1 };

/** The users whose mailboxes the demo exports. Faults 'dump.*', when a tenant dump cannot be read. */
export const demoUsers = async (options: DemoOptions): Promise<DemoUser[]> => {
  switch (options.content.is) {
    case 'mailboxes':
      return options.content.mailboxes.map(({ userPrincipalName, archive }) => ({ userPrincipalName, hasArchive: archive !== undefined }));
    case 'dump':
    case 'generated': {
      const source =
        options.content.is === 'dump'
          ? await dumpTenant(options.content.directory)
          : generatedTenant({
              seed: options.seed,
              mailboxes: GENERATED.mailboxes,
              archives: GENERATED.archives,
              itemsPerMailbox: options.content.items,
            });
      const users = source.users.flatMap((user) =>
        user.primary === undefined ? [] : [{ userPrincipalName: user.userPrincipalName, hasArchive: user.archive !== undefined }],
      );
      await source.close();
      return users;
    }
  }
};

/** Starts the simulator as a process of its own, as a tenant is in real life. Fault 'demo.tenant-failed' with what it said. */
export const startTenantProcess = async (
  options: DemoOptions,
  port: number,
  faultsFile: string | undefined,
): Promise<{ readonly address: TenantAddress; close(): Promise<void> }> => {
  const program = fileURLToPath(import.meta.resolve('@pstream/tenant-sim-app'));
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      program.replace(/index\.js$/, 'main.js'),
      '--port',
      String(port),
      ...contentArguments(options),
      ...(faultsFile === undefined ? [] : ['--faults', faultsFile]),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const line = await firstLine(child);
  return { address: JSON.parse(line) as TenantAddress, close: () => stop(child) };
};

const contentArguments = (options: DemoOptions): string[] => {
  switch (options.content.is) {
    case 'dump':
      return ['--tenant', options.content.directory];
    case 'mailboxes':
      return options.content.mailboxes.flatMap(({ userPrincipalName, primary, archive }) => [
        '--mailbox',
        `${userPrincipalName}=${primary}${archive === undefined ? '' : `,${archive}`}`,
      ]);
    case 'generated':
      return [
        '--generate',
        String(options.content.items),
        '--mailboxes',
        String(GENERATED.mailboxes),
        '--archives',
        String(GENERATED.archives),
        '--seed',
        String(options.seed),
      ];
  }
};

const firstLine = async (child: ChildProcess): Promise<string> => {
  let out = '';
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => (err = (err + chunk.toString()).slice(-4000)));
  return new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const end = out.indexOf('\n');
      if (end >= 0) resolve(out.slice(0, end));
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(
        new Fault('demo.tenant-failed', {
          message: err.trim() || `the tenant simulator ended with exit code ${code ?? 'none'}`,
          retry: 'never',
          facts: { exit: code ?? -1 },
        }),
      );
    });
  });
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
};
