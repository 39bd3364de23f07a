import { tempDir } from '@pstream/testing';
import { systemClock } from '@pstream/kernel';
import type { TransportFixture } from '../transport.fixture.js';
import { embeddedTransport } from './embedded-transport.js';

/** A fresh directory. */
export const embeddedFixture = (): Promise<TransportFixture> => {
  const dir = tempDir();
  let names = 0;
  return Promise.resolve({
    open: () => embeddedTransport({ dir, clock: systemClock, segmentBytes: 1024 * 1024 }),
    name: (base) => `${base}.${names++}`,
    dispose: () => Promise.resolve(),
  });
};
