import { join } from 'node:path';
import { systemClock } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import { generatedTenant, startTenant, type RunningTenant, type TenantOptions } from '@pstream/tenant-sim';
import { accessOf, startFleet, type Exported, type Fleet } from './fleet.js';

const USER = 'user1@fabrikam.test';

/** The embedded system and a made-up tenant in this process, and a way to speak to the system's API. */
export type Running = Pick<Fleet, 'get' | 'post' | 'send' | 'shows' | 'close'> & {
  readonly tenant: RunningTenant;
  /** The folder that is exported to. */
  readonly out: string;
  /** A project with one mailbox; `secret` is what the source endpoint signs in with. */
  readonly prepare: (options?: { readonly secret?: string }) => Promise<Exported>;
};

/** How many items the mailbox has, what goes wrong in the tenant, and the settings of the system. */
export type RunningOptions = Pick<TenantOptions, 'faults' | 'recoverable'> & {
  readonly items: number;
  readonly size?: 'small' | 'mail';
  readonly env?: Readonly<Record<string, string>>;
};

/** Starts both in a directory of the test. */
export const startRunning = async (dir: string, options: RunningOptions): Promise<Running> => {
  const { items, size = 'small', env = {}, ...more } = options;
  const tenant = await startTenant({
    tenant: generatedTenant({ seed: 5, mailboxes: 1, itemsPerMailbox: items, sizeProfile: size }),
    ...more,
  });
  const fleet = await startFleet(dir, [USER], { clock: systemClock, env });
  const out = join(dir, 'out');
  return {
    tenant,
    out,
    get: fleet.get,
    post: fleet.post,
    send: fleet.send,
    shows: fleet.shows,
    prepare: ({ secret = tenant.clientSecret } = {}) => fleet.add(USER, { ...accessOf(tenant), secret }, { folder: out }),
    close: async () => {
      await fleet.close();
      await tenant.close();
    },
  };
};

/** For a suite: a function that starts both in a directory of its own; whatever it started is closed when the suite is over. */
export const systemsOfSuite = (): ((options: RunningOptions) => Promise<Running>) => {
  const started: Running[] = [];
  afterAll(async () => {
    for (const each of started) await each.close();
  });
  return async (options) => {
    const running = await startRunning(tempDir(), options);
    started.push(running);
    return running;
  };
};
