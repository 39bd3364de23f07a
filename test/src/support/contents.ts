import { decodeExportStream } from '@pstream/fasttransfer';
import { fileSource, itemDigest, openPst } from '@pstream/pst';
import type { MailboxState } from '@pstream/tenant-sim';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A digest of every item that a simulated mailbox holds now, search folders and recoverable items left out. */
export const digestsInMailbox = async (state: MailboxState): Promise<string[]> => {
  const found: string[] = [];
  for (const folder of state.folders()) {
    if (folder.searchOf !== undefined || folder.recoverable === true) continue;
    const { items } = await state.from(folder, 0, state.end(folder));
    for (const item of items) found.push(hex(itemDigest(decodeExportStream(await state.stream(item)))));
  }
  return found;
};

/** A digest of every item in PSTs, read strictly. */
export const digestsInPsts = async (paths: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const path of paths) {
    const source = await fileSource(path);
    try {
      const pst = await openPst(source, { mode: 'strict' });
      for await (const folder of pst.folders())
        for await (const pending of pst.items(folder)) found.push(hex(itemDigest(await pending.item())));
    } finally {
      await source.close();
    }
  }
  return found;
};
