import { cpSync } from 'node:fs';
import { systemClock } from '@pstream/kernel';
import { tempDir } from '@pstream/testing';
import type { TransportFixture } from '../transport.fixture.js';
import type { Transport } from '../transport.js';
import { embeddedTransport } from './embedded-transport.js';

/** A fresh directory. A crash leaves the files as they are at that moment: they are copied under the running transport. */
export const embeddedFixture = (segmentBytes = 1024 * 1024): Promise<TransportFixture> => {
  let dir = tempDir();
  let names = 0;
  const open = (): Promise<Transport> => embeddedTransport({ dir, clock: systemClock, segmentBytes });
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
