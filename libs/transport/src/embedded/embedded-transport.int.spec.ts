import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@pstream/kernel';
import { transportContract } from '../transport.contract.js';
import { embeddedTransport } from './embedded-transport.js';

describe('embedded transport', () => {
  transportContract(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pstream-log-'));
    let names = 0;
    return {
      open: () => embeddedTransport({ dir, clock: systemClock, segmentBytes: 1024 * 1024 }),
      name: (base) => `${base}.${names++}`,
      dispose: () => rm(dir, { recursive: true }),
    };
  });
});
