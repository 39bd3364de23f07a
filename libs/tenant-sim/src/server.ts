import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault, systemClock, systemRandom, type Clock, type Random } from '@pstream/kernel';
import { FaultEngine } from './fault-engine.js';
import { parseFaultScript, type FaultScript } from './fault-script.js';
import { deriveGuid, digest } from './ids.js';
import type { ArchiveOptions } from './http/context.js';
import { Door } from './http/door.js';
import type { Exchange } from './http/exchange.js';
import { Gate, OUTLOOK_LIMITS, type Limits } from './http/gate.js';
import { ReportHost, type ReportOptions } from './http/report-host.js';
import { StreamCache } from './http/stream-cache.js';
import { TokenService, type ClientCredential } from './http/tokens.js';
import type { RequestRecord } from './request-log.js';
import type { SimUser, TenantSource } from './source.js';
import { Tenant } from './tenant.js';

/** What a simulated tenant is made of. Everything but `tenant` has a default. */
export type TenantOptions = {
  readonly tenant: TenantSource;
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: '127.0.0.1';
  /** The origin that links in answers are spelled with, where clients reach the simulator through a front; its own by default. */
  readonly publicUrl?: string;
  readonly faults?: FaultScript;
  /** Ways to sign in; by default one secret with all permissions. */
  readonly credentials?: readonly ClientCredential[];
  readonly clock?: Clock;
  readonly random?: Random;
  /** True, the default, refuses what the service refuses. False lets unknown query options and missing permissions pass. */
  readonly strict?: boolean;
  /** Limits per app and mailbox; `off` for none. */
  readonly limits?: Limits | 'off';
  readonly archives?: ArchiveOptions;
  /** User objects without a mailbox in Exchange Online: on premises, unlicensed, guests. */
  readonly usersWithoutMailbox?: readonly string[];
  readonly wellKnownNames?: boolean;
  readonly recoverable?: 'export' | 'refuse';
  /** How the usage report of the mailboxes answers; `shown` by default. */
  readonly usageReport?: ReportOptions;
  /** Base64 texts kept for the next time, in bytes. 256 MiB by default. */
  readonly cacheBytes?: number;
  /** Records of the request log. 100 000 by default. */
  readonly keepRequests?: number;
  /** Hears of every call once it is answered, with headers and bodies as they were: for tests, it holds each answer whole. */
  readonly observe?: (exchange: Exchange) => void;
};

/** A tenant that is up. */
export type RunningTenant = {
  /** Origin without version segment; calls go to `<graphUrl>/v1.0/…`. */
  readonly graphUrl: string;
  /** The token endpoint is `<authorityUrl>/<tenantId>/oauth2/v2.0/token`. */
  readonly authorityUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What was asked, oldest first. */
  readonly requests: readonly RequestRecord[];
  /** How often each rule of the script has fired. */
  faultsFired(): readonly number[];
  /** What happens in the tenant while it runs: change, delete and receive items by hand. */
  readonly contents: Tenant;
  /** Stops listening, ends open answers and closes the source. */
  close(): Promise<void>;
};

const DEFAULT_CACHE_BYTES = 256 * 1024 * 1024;

/** Starts the server. Faults: `tenant.port-taken` (never) when it cannot listen, `fault-script.invalid` (never). */
export const startTenant = async (options: TenantOptions): Promise<RunningTenant> => {
  const { tenant: source, clock = systemClock, random = systemRandom } = options;
  const users = [...source.users, ...(options.usersWithoutMailbox ?? []).map((name) => withoutMailbox(name, source.tenantId))];
  const tenant = new Tenant(source, users, clock, options.archives?.auxiliaries ?? 0);
  const clientId = deriveGuid('client', source.tenantId);
  const clientSecret = digest('secret', source.tenantId).toString('base64url').slice(0, 40);
  const credentials = (options.credentials ?? [{ secret: clientSecret }]).map((each) => ({ clientId, ...each }));
  const domains = new Set(users.map((user) => user.userPrincipalName.split('@')[1]?.toLowerCase() ?? ''));
  const limits = options.limits === 'off' ? undefined : (options.limits ?? OUTLOOK_LIMITS);
  const requests: RequestRecord[] = [];
  const engine = new FaultEngine(parseFaultScript(options.faults ?? { rules: [] }), clock);
  const server = createServer({ keepAliveTimeout: 60_000, noDelay: true });
  await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  const { port } = server.address() as AddressInfo;
  const own = `http://127.0.0.1:${port}`;
  const origin = options.publicUrl ?? own;
  const reports = new ReportHost(options.usageReport ?? 'shown');
  const door = new Door({
    context: {
      tenant,
      credentials,
      clock,
      engine,
      cache: new StreamCache(options.cacheBytes ?? DEFAULT_CACHE_BYTES),
      origin,
      strict: options.strict ?? true,
      archives: options.archives ?? {},
      wellKnownNames: options.wellKnownNames ?? true,
      recoverable: options.recoverable ?? 'export',
      reports,
    },
    tokens: new TokenService(source.tenantId, domains, credentials, clock, random),
    gate: new Gate(limits, clock),
    random,
    requests,
    keepRequests: options.keepRequests ?? 100_000,
    ...(options.observe === undefined ? {} : { observe: options.observe }),
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void door.serve(request, response));
  const first = credentials[0];
  return {
    graphUrl: own,
    authorityUrl: own,
    tenantId: source.tenantId,
    clientId: first?.clientId ?? clientId,
    clientSecret: first?.secret ?? clientSecret,
    requests,
    faultsFired: () => engine.fired(),
    contents: tenant,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await reports.close();
      await source.close();
    },
  };
};

const withoutMailbox = (userPrincipalName: string, tenantId: string): SimUser => ({
  id: deriveGuid('user', tenantId, userPrincipalName),
  userPrincipalName,
  displayName: userPrincipalName.split('@')[0] ?? userPrincipalName,
  accountEnabled: true,
  purpose: 'user',
});

const listen = (server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new Fault('tenant.port-taken', {
          message: `cannot listen on ${host}:${port}: ${cause.message}`,
          retry: 'never',
          facts: { port },
          advice: 'Choose another port, or 0 for any free one.',
          cause,
        }),
      ),
    );
    server.listen(port, host, () => resolve());
  });
