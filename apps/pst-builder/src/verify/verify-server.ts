import type { MessagePort } from 'node:worker_threads';
import type { PartStore } from '@pstream/blob';
import { openFolderParts } from '@pstream/blob/folder';
import { defectToText, faultToText, isFault, type Clock, type Random } from '@pstream/kernel';
import { verifyPart, type FromVerifyThread, type PartToVerify } from './verify-part.js';

type Ports = { readonly clock: Clock; readonly random: Random };

const open = async ({ destination, layout }: PartToVerify, ports: Ports): Promise<PartStore> => {
  if (destination.kind === 'folder') return openFolderParts(destination, { ...ports, layout });
  // Azure's SDK takes as long to load as a small part to verify.
  return (await import('@pstream/blob')).openPartStore(destination, { ...ports, layout });
};

/** Verifies the parts that come through the port, one after another, and answers each. */
export const serveVerification = (port: Pick<MessagePort, 'on' | 'postMessage'>, ports: Ports): void => {
  const send = (message: FromVerifyThread): void => port.postMessage(message);
  const verify = async (part: PartToVerify): Promise<string> => verifyPart(await open(part, ports), part.name, part.entries);
  port.on('message', (part: PartToVerify) => {
    verify(part).then(
      (sha256) => send({ sha256 }),
      (error: unknown) => send(isFault(error) ? { fault: faultToText(error) } : { defect: defectToText(error) }),
    );
  });
  send('ready');
};
