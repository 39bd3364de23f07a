import { Module } from '@nestjs/common';
import { openPartStore } from '@pstream/blob';
import type { PassSettings } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { connectTenant, type TenantConnection } from '@pstream/graph';
import { retryBudget, type Clock, type Random } from '@pstream/kernel';
import { CLOCK, EVENT_STORE, RANDOM, SECRETS } from '@pstream/wiring';
import { destinationConfig, PST_LAYOUT, tenantConnection } from '@pstream/platform';
import type { SecretStore } from '@pstream/secrets';
import {
  CredentialsController,
  ENDPOINT_TEST_PORTS,
  EndpointTestController,
  VERIFICATION_PORTS,
  type EndpointPorts,
} from './credentials.controller.js';
import type { EndpointTestPorts } from './endpoint-test.js';
import { MailboxSizesReader } from './mailbox-sizes.js';
import { Shared } from './shared.js';
import { SharedClients } from './shared-clients.js';
import type { VerificationPorts } from './verification.js';

/** A test says what does not answer instead of waiting for it. */
const SOON = { tries: 2, longestInlineWaitMs: 5_000 } as const;

/** For so long the check of a destination holds for other mailboxes that go there. */
const CHECK_HOLDS_MS = 2_000;
/** For so long what the tenant said of a secret holds for other mailboxes. */
const SECRET_HOLDS_MS = 600_000;

/** Verify Credentials: checks against the tenant and the destination. */
@Module({
  controllers: [CredentialsController, EndpointTestController],
  providers: [
    {
      provide: VERIFICATION_PORTS,
      useFactory: (store: EventStore, clock: Clock, random: Random, secrets: SecretStore): VerificationPorts => {
        const clients = new SharedClients((connection) => connectTenant(connection, { clock, random }));
        const checks = new Shared<void>(clock, CHECK_HOLDS_MS);
        const ends = new Shared<string | null>(clock, SECRET_HOLDS_MS);
        const connections = new Shared<TenantConnection>(clock);
        return {
          store,
          clock,
          client: async ({ sourceEndpoint }) =>
            clients.take(await connections.get(JSON.stringify(sourceEndpoint), () => tenantConnection(sourceEndpoint, secrets))),
          secretEndsAt: ({ sourceEndpoint }, client, signal) =>
            ends.get(JSON.stringify(sourceEndpoint), () => client.secretEndsAt(signal), signal),
          parts: async (settings: PassSettings) =>
            openPartStore(await destinationConfig(settings, secrets), { clock, random, layout: PST_LAYOUT }),
          check: ({ destination, container }, parts, signal) =>
            checks.get(JSON.stringify([destination, container]), () => parts.check(), signal),
        };
      },
      inject: [EVENT_STORE, CLOCK, RANDOM, SECRETS],
    },
    {
      provide: ENDPOINT_TEST_PORTS,
      useFactory: (store: EventStore, clock: Clock, random: Random, secrets: SecretStore): EndpointPorts => {
        const ports: EndpointTestPorts = {
          store,
          clock,
          // Each has a client of its own: a secret that is given with a test is not taken for the one on record.
          tenant: async (source) => connectTenant(await tenantConnection(source, secrets), { clock, random, limits: SOON }),
          destination: async (destination, container) =>
            openPartStore(await destinationConfig({ destination, container }, secrets), {
              clock,
              random,
              layout: PST_LAYOUT,
              budget: retryBudget(clock, { share: 0, least: 1 }),
            }),
        };
        return { ...ports, sizes: new MailboxSizesReader(ports) };
      },
      inject: [EVENT_STORE, CLOCK, RANDOM, SECRETS],
    },
  ],
})
export class CredentialsModule {}
