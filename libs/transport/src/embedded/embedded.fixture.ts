import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@pstream/kernel';
import { inlineStorage, type Storage } from '@pstream/storage';
import { tempDir } from '@pstream/testing';
import type { TransportFixture } from '../transport.fixture.js';
import type { Transport } from '../transport.js';
import { embeddedTransport, type EmbeddedTransport, type EmbeddedTransportOptions } from './embedded-transport.js';

/** Opens a transport that takes its storage with it when it is closed. */
export const openIn = async (
  dir: string,
  options: Partial<EmbeddedTransportOptions> = {},
  makeStorage: () => Storage = inlineStorage,
): Promise<EmbeddedTransport> => {
  const storage = makeStorage();
  try {
    const transport = await embeddedTransport({ storage, path: join(dir, 'log.sqlite'), clock: systemClock, ...options });
    const close = transport.close.bind(transport);
    transport.close = async () => {
      await close();
      await storage.close();
    };
    return transport;
  } catch (error) {
    await storage.close();
    throw error;
  }
};

/** A fresh directory. A crash leaves the files as they are at that moment: they are copied under the running transport. */
export const embeddedFixture = (makeStorage: () => Storage): Promise<TransportFixture> => {
  let dir = tempDir();
  let names = 0;
  const open = (): Promise<Transport> => openIn(dir, {}, makeStorage);
  return Promise.resolve({
    open,
    crash: async (transport) => {
      const copy = tempDir();
      cpSync(dir, copy, { recursive: true });
      await transport.close();
      dir = copy;
      return open();
    },
    name: (base) => `${base}.${names++}`,
    dispose: () => Promise.resolve(),
  });
};
