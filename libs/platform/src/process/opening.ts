import type { ConfigKeys, ConfigOf, Failed } from '@pstream/wiring';
import { embeddedKeys, platformKeys, platformProblems, serviceKeys } from '../config.js';
import { openEmbedded } from '../embedded.js';
import type { Platform, SystemPorts } from '../platform.js';
import { usableDirectory } from './start-faults.js';

/** How a process comes by its adapters. */
export type Opening<O extends ConfigKeys> = {
  /** The keys that the adapters need. */
  readonly keys: O;
  /** What is wrong with those keys taken together. */
  readonly problems: (config: ConfigOf<O>) => readonly string[];
  /** Milliseconds for which a start waits for what it cannot reach yet. */
  readonly waitMs: (config: ConfigOf<O>) => number;
  /** Where probes are answered; undefined where the process has an HTTP door that answers them. */
  readonly probes: (config: ConfigOf<O>) => { readonly host: string; readonly port: number } | undefined;
  readonly open: (
    config: ConfigOf<O>,
    system: SystemPorts & { readonly name: string; readonly relay: boolean; readonly failed: Failed },
  ) => Promise<Platform>;
};

/** Everything in one data directory, for one process. */
export const embedded: Opening<typeof embeddedKeys> = {
  keys: embeddedKeys,
  problems: () => [],
  waitMs: () => 0,
  probes: () => undefined,
  open: async ({ dataDir: dir }, { clock, ids, random, log, failed }) => {
    await usableDirectory(dir, 'PSTREAM_DATA');
    return openEmbedded({ dir, clock, ids, random, log, failed });
  },
};

const distributedKeys = { ...platformKeys, ...serviceKeys };

/** Kafka, MongoDB and shared working storage, for one process of many. */
export const distributed: Opening<typeof distributedKeys> = {
  keys: distributedKeys,
  problems: platformProblems,
  waitMs: ({ startWaitMs }) => startWaitMs,
  probes: ({ healthHost: host, healthPort: port }) => ({ host, port }),
  // Loaded here alone: an embedded process needs no client of Kafka or MongoDB, and would start later.
  open: async (config, options) => (await import('../distributed.js')).openDistributed(config, options),
};
