import { readFile } from 'node:fs/promises';
import { Fault, isFault } from '@pstream/kernel';
import {
  dumpTenant,
  generatedTenant,
  parseFaultScript,
  pstTenant,
  startTenant,
  type FaultScript,
  type SIZE_PROFILES,
  type TenantSource,
} from '@pstream/tenant-sim';
import { HELP, readOptions, UsageError, type Content } from './options.js';

/** What the program writes to and listens to; the process in `main.ts`, something in memory in tests. */
export type Surroundings = {
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the program is to end. */
  stopped(): Promise<void>;
};

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Runs the program to its end and returns its exit code. */
export const run = async (args: readonly string[], around: Surroundings): Promise<number> => {
  let opened: { close(): Promise<void> } | undefined;
  try {
    const options = readOptions(args);
    if (options.is === 'help') {
      around.out(HELP);
      return EXIT.done;
    }
    const faults = options.faults === undefined ? undefined : await readFaults(options.faults);
    const source = await sourceOf(options.content);
    opened = source;
    const tenant = await startTenant({
      tenant: source,
      port: options.port,
      strict: !options.loose,
      archives: { auxiliaries: options.auxiliaries },
      ...(options.unlimited ? { limits: 'off' as const } : {}),
      ...(faults === undefined ? {} : { faults }),
    });
    opened = tenant;
    const { graphUrl, authorityUrl, tenantId, clientId, clientSecret } = tenant;
    around.out(`${JSON.stringify({ graphUrl, authorityUrl, tenantId, clientId, clientSecret })}\n`);
    await around.stopped();
    return EXIT.done;
  } catch (error) {
    if (error instanceof UsageError) {
      around.err(`tenant: ${error.message}\nRun it with --help for all options.\n`);
      return EXIT.usage;
    }
    if (isFault(error)) {
      around.err(`tenant: ${error.message}\n${error.advice === undefined ? '' : `${error.advice}\n`}`);
      return EXIT.usage;
    }
    around.err(`tenant: ${error instanceof Error ? (error.stack ?? error.message) : 'failed'}\n`);
    return EXIT.failed;
  } finally {
    await opened?.close();
  }
};

const sourceOf = (content: Content): Promise<TenantSource> => {
  switch (content.is) {
    case 'dump':
      return dumpTenant(content.directory);
    case 'pst':
      return pstTenant(content.mailboxes);
    case 'generated': {
      const { seed, mailboxes, items, archives, size } = content;
      return Promise.resolve(
        generatedTenant({ seed, mailboxes, itemsPerMailbox: items, archives, sizeProfile: size as keyof typeof SIZE_PROFILES }),
      );
    }
  }
};

const readFaults = async (file: string): Promise<FaultScript> => {
  let data: unknown;
  try {
    data = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Fault('fault-script.unreadable', {
      message: `${file}: ${cause instanceof Error ? cause.message : 'cannot be read'}`,
      retry: 'never',
      facts: { file },
      advice: 'Give a JSON file with a list of rules.',
      cause,
    });
  }
  return parseFaultScript(data);
};
