import { decodeExportStream } from '@pstream/fasttransfer';
import { bufferSource, openPst } from '@pstream/pst/reader';
import { itemDigest } from '@pstream/pst/verify';
import type { MailboxSource } from '@pstream/tenant-sim';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Digests of all items that a mailbox lists, sorted. */
export const sourceDigests = async (mailbox: MailboxSource): Promise<readonly string[]> => {
  const digests: string[] = [];
  for (const folder of mailbox.folders()) {
    if (folder.searchOf !== undefined || folder.recoverable === true) continue;
    for (const item of await mailbox.items(folder, 0, folder.count))
      digests.push(hex(itemDigest(decodeExportStream(await mailbox.stream(item)))));
  }
  return digests.sort();
};

/** Digests of all items in a PST, read back by our own reader, sorted. */
export const pstDigests = async (bytes: Uint8Array): Promise<readonly string[]> => {
  const digests: string[] = [];
  const pst = await openPst(bufferSource(bytes), { mode: 'strict' });
  for await (const folder of pst.folders()) for await (const found of pst.items(folder)) digests.push(hex(itemDigest(await found.item())));
  return digests.sort();
};
