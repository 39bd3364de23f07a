import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Fault, systemRandom as random } from '@pstream/kernel';
import { privateFolder, writePrivate } from '@pstream/storage/files';
import { nestLogger } from '@pstream/wiring';
import type { ServiceParts } from '@pstream/platform';
import type { gatewayKeys } from './config.js';
import { createFirstToken } from './tokens/token-store.js';

const FIRST_TOKEN = 'first-token';

/** Brings the gateway up as an HTTP server. The very first token goes into a file beside the hashed ones, for its owner alone, since the
 *  log of a container is read by many. Fault 'gateway.port-in-use' (never). */
export const startGateway = async ({ config, log, clock, root }: ServiceParts<typeof gatewayKeys>): Promise<{ close(): Promise<void> }> => {
  const { tokensDir, host, port } = config;
  await privateFolder(tokensDir);
  const token = await createFirstToken(tokensDir, { clock, random });
  if (token !== undefined) {
    const file = join(tokensDir, FIRST_TOKEN);
    await writePrivate(file, `${token}\n`, 'replace');
    log.write('info', 'gateway.first-token', { file });
  }
  const app = await NestFactory.create(root, { logger: nestLogger(log), bodyParser: false, abortOnError: false });
  try {
    await listen(app, port, host);
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  log.write('info', 'gateway.listening', { port: (app.getHttpServer() as { address(): { port: number } }).address().port });
  return app;
};

const listen = async (app: INestApplication, port: number, host: string): Promise<void> => {
  try {
    await app.listen(port, host);
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause) || cause.syscall !== 'listen') throw cause;
    throw new Fault('gateway.port-in-use', {
      retry: 'never',
      facts: { port, reason: 'code' in cause ? String(cause.code) : 'unknown' },
      advice: 'Set PSTREAM_PORT to a free port, or to 0, and PSTREAM_HOST to an address of this machine.',
      cause,
    });
  }
};
