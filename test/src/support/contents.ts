import { decodeExportStream } from '@pstream/fasttransfer';
import { ID, utf16Text, type MapiItem } from '@pstream/mapi';
import { fileSource, openPst } from '@pstream/pst/reader';
import { itemDigest } from '@pstream/pst/verify';
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

/** Items and bytes of their streams by message class in a simulated mailbox, search folders and recoverable items left out. */
export const classesInMailbox = async (state: MailboxState): Promise<{ readonly itemClass: string; readonly bytes: number }[]> => {
  const found: { itemClass: string; bytes: number }[] = [];
  for (const folder of state.folders()) {
    if (folder.searchOf !== undefined || folder.recoverable === true) continue;
    const { items } = await state.from(folder, 0, state.end(folder));
    for (const item of items) found.push({ itemClass: item.type, bytes: (await state.stream(item)).length });
  }
  return found;
};

/** The message class of every item in PSTs, read strictly. */
export const classesInPsts = async (paths: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const path of paths) {
    const source = await fileSource(path);
    try {
      const pst = await openPst(source, { mode: 'strict' });
      for await (const folder of pst.folders()) {
        for await (const pending of pst.items(folder)) {
          const value = (await pending.item()).properties.find(({ id }) => id === ID.MessageClass)?.value;
          found.push(value === undefined ? '' : utf16Text(value));
        }
      }
    } finally {
      await source.close();
    }
  }
  return found;
};

/** Every item of a PST, in the order of its folders. */
export const itemsInPst = async (path: string): Promise<MapiItem[]> => {
  const source = await fileSource(path);
  const items: MapiItem[] = [];
  try {
    const pst = await openPst(source, { mode: 'strict' });
    for await (const folder of pst.folders()) for await (const pending of pst.items(folder)) items.push(await pending.item());
  } finally {
    await source.close();
  }
  return items;
};
