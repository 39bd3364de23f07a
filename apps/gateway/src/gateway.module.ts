import { Inject, Module, type DynamicModule, type MiddlewareConsumer, type NestModule, type OnApplicationShutdown } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import type { Clock, Ids, Random } from '@pstream/kernel';
import { apiDocument } from '@pstream/api';
import { ask, type LogClient } from '@pstream/transport';
import { CLOCK, COMMANDS, IDS, LOG, RANDOM, type Log } from '@pstream/wiring';
import { AuditedObjects } from './audit/audited-objects.js';
import { Recorder } from './audit/recorder.js';
import { RefusedAttempts } from './audit/refused-attempts.js';
import { Trail } from './audit/trail.js';
import { BulkAdd } from './bulk-add/bulk-add.js';
import { Callers } from './callers/callers.js';
import { Entrance } from './callers/entrance.js';
import { SessionStore } from './callers/session-store.js';
import { authenticate } from './door/authenticate.js';
import { compress } from './door/compress.js';
import { readConsole } from './door/console-files.js';
import { hostCheck } from './door/host-check.js';
import type { Middleware } from './door/http.js';
import { findOperation } from './door/operation-at.js';
import { ProblemFilter } from './door/problem.filter.js';
import { readBody } from './door/read-body.js';
import { requestId } from './door/request-id.js';
import { secureHeaders } from './door/secure-headers.js';
import { serveConsole } from './door/serve-console.js';
import { serveDocs } from './door/serve-docs.js';
import { CONSOLE_BUNDLE, DEFAULT_VERSION, GATEWAY_OPTIONS, type GatewayOptions } from './options.js';
import { Estimates } from './estimate/estimates.js';
import { serveStripe } from './payments/serve-stripe.js';
import { ChangeFeed } from './events/change-feed.js';
import { ItemErrors } from './read/item-errors.js';
import { NameHolders } from './read/name-holders.js';
import { QueuePlaces } from './read/places.js';
import { Sums } from './read/sums.js';
import { Views } from './read/views.js';
import { ProjectReports } from './report/project-report.js';
import { AuditController } from './routes/audit.controller.js';
import { AdminController } from './routes/admin.controller.js';
import { ContentController } from './routes/content.controller.js';
import { CouponsController } from './routes/coupons.controller.js';
import { CustomersController } from './routes/customers.controller.js';
import { DeadLetterDesk } from './dead-letters/dead-letter-desk.js';
import { DeadLettersController } from './routes/dead-letters.controller.js';
import { DiscoveryController } from './routes/discovery.controller.js';
import { EndpointsController } from './routes/endpoints.controller.js';
import { ErrorsController } from './routes/errors.controller.js';
import { LicencesController } from './routes/licences.controller.js';
import { MailboxesController } from './routes/mailboxes.controller.js';
import { OverviewController } from './routes/overview.controller.js';
import { PassesController } from './routes/passes.controller.js';
import { NoticesController } from './routes/notices.controller.js';
import { Operations } from './routes/operations.js';
import { OperationsController } from './routes/operations.controller.js';
import { PeopleController } from './routes/people.controller.js';
import { PlansController } from './routes/plans.controller.js';
import { ProjectsController } from './routes/projects.controller.js';
import { ReportLinks } from './report/report-links.js';
import { ReportLinksController } from './routes/report-links.controller.js';
import { ReportsController } from './routes/reports.controller.js';
import { SessionsController } from './routes/sessions.controller.js';
import { SystemController } from './routes/system.controller.js';
import { TokensController } from './routes/tokens.controller.js';
import { guard } from './scope/guard.js';
import { Scope } from './scope/scope.js';
import { Sender } from './send/sender.js';
import { AccountSignIn } from './sign-in/account-sign-in.js';
import { serveSignIn } from './sign-in/serve-sign-in.js';
import { TokenStore } from './tokens/token-store.js';

/** Everything that answers requests. */
const CONTROLLERS = [
  SystemController,
  SessionsController,
  PeopleController,
  TokensController,
  AuditController,
  NoticesController,
  CustomersController,
  DiscoveryController,
  EndpointsController,
  ProjectsController,
  MailboxesController,
  ContentController,
  ErrorsController,
  ReportsController,
  ReportLinksController,
  PassesController,
  PlansController,
  OperationsController,
  LicencesController,
  CouponsController,
  OverviewController,
  AdminController,
  DeadLettersController,
];

/** What the module needs of Nest's express adapter. */
type Adapter = { use(middleware: Middleware): void; set(name: string, value: unknown): void };

/** The REST door. Create the application with `bodyParser: false`: bodies are read after the sender has been recognised.
 *  Needs the ports COMMANDS, PROJECTION_STORE, TRANSPORT, SECRETS, CLOCK, IDS, RANDOM and LOG. */
@Module({})
export class GatewayModule implements NestModule, OnApplicationShutdown {
  static with(options: GatewayOptions): DynamicModule {
    return {
      module: GatewayModule,
      controllers: CONTROLLERS,
      providers: [
        { provide: GATEWAY_OPTIONS, useValue: options },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_INTERCEPTOR, useClass: Recorder },
        {
          provide: TokenStore,
          useFactory: (clock: Clock, random: Random) => TokenStore.open(options.tokensDir, { clock, random }),
          inject: [CLOCK, RANDOM],
        },
        {
          provide: SessionStore,
          useFactory: (clock: Clock, random: Random) => SessionStore.open(options.tokensDir, { clock, random }),
          inject: [CLOCK, RANDOM],
        },
        Trail,
        AuditedObjects,
        RefusedAttempts,
        {
          provide: ReportLinks,
          useFactory: (clock: Clock, random: Random) => ReportLinks.open(options.tokensDir, { clock, random }),
          inject: [CLOCK, RANDOM],
        },
        Callers,
        Entrance,
        AccountSignIn,
        Scope,
        Sender,
        Views,
        Sums,
        QueuePlaces,
        NameHolders,
        ItemErrors,
        ProjectReports,
        Estimates,
        ChangeFeed,
        DeadLetterDesk,
        BulkAdd,
        Operations,
      ],
    };
  }

  constructor(
    @Inject(GATEWAY_OPTIONS) private readonly options: GatewayOptions,
    @Inject(TokenStore) private readonly tokens: TokenStore,
    @Inject(SessionStore) private readonly sessions: SessionStore,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Scope) private readonly scope: Scope,
    @Inject(AccountSignIn) private readonly accounts: AccountSignIn,
    @Inject(RefusedAttempts) private readonly attempts: RefusedAttempts,
    @Inject(COMMANDS) private readonly commands: LogClient,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
    @Inject(IDS) private readonly ids: Ids,
    @Inject(RANDOM) private readonly random: Random,
  ) {}

  /** In this order: who is asked, who asks, and only then what. */
  configure(consumer: MiddlewareConsumer): void {
    // Asked of the consumer, not injected: whoever composes the module may have a copy of Nest of its own.
    const adapter = (consumer as unknown as { getHttpAdapter(): Adapter }).getHttpAdapter();
    // Its tags would tell nothing of versions, and be taken for them.
    adapter.set('etag', false);
    adapter.use(requestId(this.ids));
    adapter.use(secureHeaders);
    adapter.use(compress);
    adapter.use(
      serveStripe({
        secret: this.options.stripeWebhookSecret,
        clock: this.clock,
        look: (order) => ask(this.commands, 'licensing', 'LookAtOrder', order),
      }),
    );
    adapter.use(hostCheck(this.options.hosts ?? []));
    adapter.use(serveSignIn(this.accounts, { random: this.random, log: this.log, attempts: this.attempts }));
    adapter.use(serveConsole(() => readConsole(this.options.consoleDir ?? CONSOLE_BUNDLE), this.random));
    adapter.use(authenticate(this.callers));
    adapter.use(findOperation);
    adapter.use(guard(this.scope));
    adapter.use(readBody());
    adapter.use(serveDocs(() => apiDocument(this.options.version ?? DEFAULT_VERSION)));
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.tokens.close(), this.sessions.close()]);
  }
}
