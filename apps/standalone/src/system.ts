import { join } from 'node:path';
import { CredentialsModule } from '@pstream/credentials';
import { ExtractorModule } from '@pstream/extractor';
import { createFirstToken, discardFirstToken, GatewayModule, oidcOf, stripeWebhookOf } from '@pstream/gateway';
import type { Threads } from '@pstream/kernel';
import { LicensingModule } from '@pstream/licensing';
import { NotifierModule } from '@pstream/notifier';
import { PeopleModule } from '@pstream/people';
import { embedded, startProcess, type ProcessPlan, type RunningProcess, type SystemPorts } from '@pstream/platform';
import { ProjectorModule } from '@pstream/projector';
import { ProjectsModule } from '@pstream/projects';
import { PstBuilderModule } from '@pstream/pst-builder';
import { systemKeys, type StandaloneConfig } from './config.js';

/** What was made before the services started: a token, at the very first start of the data directory alone. */
export type Prepared = { readonly firstToken: string | undefined };

/** Where the API tokens of a data directory are. */
export const tokensDir = (dataDir: string): string => join(dataDir, 'tokens');

/** Where the mails of a data directory are, without a mail server. */
const mailDir = (dataDir: string): string => join(dataDir, 'mail');

/** The plan of the embedded system. */
export type Standalone = ProcessPlan<typeof systemKeys, typeof embedded.keys, Prepared>;

/** Every service in one process on embedded adapters. */
export const standalone = (threads: Threads): Standalone => ({
  name: 'pstream',
  keys: systemKeys,
  open: embedded,
  modules: (config) => [
    LicensingModule.with(config),
    PeopleModule,
    NotifierModule.with({ ...config, mailFolder: config.mailFolder ?? mailDir(config.dataDir) }),
    ProjectsModule.with(config),
    CredentialsModule,
    ExtractorModule.with({ ...config, threads }),
    PstBuilderModule.with({ ...config, threads }),
    ProjectorModule,
    GatewayModule.with({
      tokensDir: tokensDir(config.dataDir),
      hosts: [config.host],
      pricesUrl: config.pricesUrl,
      oidc: oidcOf(config),
      stripeWebhookSecret: stripeWebhookOf(config),
    }),
  ],
  door: ({ host, port }) => ({ host, port }),
  prepare: async (config, { clock, random }) => {
    // Refused before anything is made.
    oidcOf(config);
    stripeWebhookOf(config);
    return { firstToken: await createFirstToken(tokensDir(config.dataDir), { clock, random }) };
  },
  // The next start makes another one, and shows it.
  takeBack: async ({ firstToken }, config) => {
    if (firstToken !== undefined) await discardFirstToken(tokensDir(config.dataDir), firstToken);
  },
});

/** The embedded system, running. */
export type System = Omit<RunningProcess, 'prepared'> & Prepared & { readonly url: string };

/** The system of a running process of the plan above. */
export const systemOf = ({ url = '', prepared, ...running }: RunningProcess<Prepared>): System => ({
  ...running,
  url,
  firstToken: prepared?.firstToken,
});

/** Starts every service in the caller's process. Faults of `startProcess`. */
export const startSystem = async (config: StandaloneConfig, ports: SystemPorts, threads: Threads): Promise<System> =>
  systemOf(await startProcess(standalone(threads), config, ports));
