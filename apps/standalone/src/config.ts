import { extractorKeys } from '@pstream/extractor';
import { type ConfigKeys, type ConfigOf } from '@pstream/wiring';
import { builderKeys } from '@pstream/pst-builder';
import { z } from 'zod';

/** Keys of the embedded system. */
export const standaloneKeys = {
  dataDir: {
    env: 'PSTREAM_DATA',
    schema: z
      .string()
      .default('pstream-data')
      .describe('Directory of the embedded system: events, log, read models, working files, sealed secrets.'),
  },
  host: { env: 'PSTREAM_HOST', schema: z.string().default('127.0.0.1').describe('Address to listen on; loopback by default.') },
  port: {
    env: 'PSTREAM_PORT',
    schema: z.coerce.number().int().min(0).max(65_535).default(4321).describe('Port to listen on; 0 takes any free one.'),
  },
  cards: {
    env: 'PSTREAM_CARDS',
    schema: z
      .enum(['none', 'trial'])
      .default('none')
      .describe('Card payments: none, or trial, which accepts every card and moves no money.'),
  },
  logLevel: {
    env: 'PSTREAM_LOG',
    schema: z
      .enum(['debug', 'info', 'warn', 'error'])
      .default('info')
      .describe('Least level that is written to the log on standard error.'),
  },
  ...extractorKeys,
  ...builderKeys,
} satisfies ConfigKeys;

export type StandaloneConfig = ConfigOf<typeof standaloneKeys>;

/** The environment as configuration sees it. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env;
