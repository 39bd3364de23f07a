import { Module } from '@nestjs/common';
import { openPartStore } from '@pstream/blob';
import type { PassSettings } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';
import { connectTenant } from '@pstream/graph';
import type { Clock, Random } from '@pstream/kernel';
import { CLOCK, EVENT_STORE, RANDOM, SECRETS } from '@pstream/wiring';
import { destinationConfig, PST_LAYOUT, tenantConnection } from '@pstream/platform';
import type { SecretStore } from '@pstream/secrets';
import { CredentialsController, VERIFICATION_PORTS } from './credentials.controller.js';
import { SharedClients } from './shared-clients.js';
import type { VerificationPorts } from './verification.js';

/** Verify Credentials: checks against the tenant and the destination. */
@Module({
  controllers: [CredentialsController],
  providers: [
    {
      provide: VERIFICATION_PORTS,
      useFactory: (store: EventStore, clock: Clock, random: Random, secrets: SecretStore): VerificationPorts => {
        const clients = new SharedClients((connection) => connectTenant(connection, { clock, random }));
        return {
          store,
          clock,
          client: async (settings: PassSettings) => clients.take(await tenantConnection(settings.sourceEndpoint, secrets)),
          parts: async (settings: PassSettings) =>
            openPartStore(await destinationConfig(settings, secrets), { clock, random, layout: PST_LAYOUT }),
        };
      },
      inject: [EVENT_STORE, CLOCK, RANDOM, SECRETS],
    },
  ],
})
export class CredentialsModule {}
