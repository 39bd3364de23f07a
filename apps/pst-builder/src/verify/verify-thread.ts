import { parentPort } from 'node:worker_threads';
import type { PartStore } from '@pstream/blob';
import { openFolderParts } from '@pstream/blob/folder';
import { assert, faultToText, isFault, systemClock, systemRandom } from '@pstream/kernel';
import { verifyPart, type PartToVerify, type Verdict } from './verify-part.js';

// A thread that verifies one part after another, so that reading back does not hold up building.

const port = parentPort;
assert(port !== null, 'this file is the start of a worker thread');

const open = async ({ destination, layout }: PartToVerify): Promise<PartStore> => {
  const ports = { clock: systemClock, random: systemRandom, layout };
  if (destination.kind === 'folder') return openFolderParts(destination, ports);
  // Azure's SDK takes as long to load as a small part to verify.
  return (await import('@pstream/blob')).openPartStore(destination, ports);
};

const verify = async (part: PartToVerify): Promise<string> => verifyPart(await open(part), part.name, part.entries);

port.on('message', (part: PartToVerify) => {
  verify(part).then(
    (sha256) => port.postMessage({ sha256 } satisfies Verdict),
    (error: unknown) => {
      // Our own bug ends the thread; whoever waits is told.
      if (!isFault(error)) throw error;
      port.postMessage({ fault: faultToText(error) } satisfies Verdict);
    },
  );
});
