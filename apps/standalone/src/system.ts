import { join } from 'node:path';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CredentialsModule } from '@pstream/credentials';
import { ExtractorModule } from '@pstream/extractor';
import { createFirstToken, GatewayModule } from '@pstream/gateway';
import type { Clock, Ids, Random } from '@pstream/kernel';
import { LicensingModule } from '@pstream/licensing';
import { errorFacts, nestLogger, PortsModule, type Log } from '@pstream/wiring';
import { openEmbedded, type Platform } from '@pstream/platform';
import { ProjectorModule } from '@pstream/projector';
import { ProjectsModule } from '@pstream/projects';
import { PstBuilderModule } from '@pstream/pst-builder';
import { LogServer } from '@pstream/transport';
import type { StandaloneConfig } from './config.js';

/** The embedded system, running. */
export type System = {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** A token made at the very first start of the data directory; undefined later. */
  readonly firstToken: string | undefined;
  close(): Promise<void>;
};

export type SystemPorts = { readonly clock: Clock; readonly ids: Ids; readonly random: Random; readonly log: Log };

@Module({})
class StandaloneModule {
  static of(config: StandaloneConfig, platform: Platform): DynamicModule {
    return {
      module: StandaloneModule,
      imports: [
        PortsModule.of(platform.ports),
        LicensingModule.with({ cards: config.cards }),
        ProjectsModule,
        CredentialsModule,
        ExtractorModule.with(config),
        PstBuilderModule.with(config),
        ProjectorModule,
        GatewayModule.with({ tokensDir: tokensDir(config), hosts: [config.host] }),
      ],
    };
  }
}

const tokensDir = (config: StandaloneConfig): string => join(config.dataDir, 'tokens');

/** Starts every service in this process on embedded adapters. Faults: those of `openEmbedded`, 'gateway.port-in-use'. */
export const startSystem = async (config: StandaloneConfig, ports: SystemPorts): Promise<System> => {
  const { clock, ids, random, log } = ports;
  const platform = await openEmbedded({ dir: config.dataDir, clock, ids, random, log });
  let app: INestApplication | undefined;
  try {
    const firstToken = await createFirstToken(tokensDir(config), { clock, random });
    app = await NestFactory.create(StandaloneModule.of(config, platform), {
      logger: nestLogger(log),
      bodyParser: false,
      abortOnError: false,
    });
    app.connectMicroservice({
      strategy: new LogServer({
        transport: platform.transport,
        clock,
        failed: (error) => log.write('error', 'service.stopped', errorFacts(error)),
      }),
    });
    await app.startAllMicroservices();
    await app.listen(config.port, config.host);
    const { port } = app.getHttpServer().address() as { port: number };
    return { url: `http://${config.host}:${port}`, firstToken, close: () => closeAll(app, platform) };
  } catch (error) {
    await closeAll(app, platform);
    throw error;
  }
};

const closeAll = async (app: INestApplication | undefined, platform: Platform): Promise<void> => {
  try {
    await app?.close();
  } finally {
    await platform.close();
  }
};
