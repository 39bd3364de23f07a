import type { BlobStore } from '@pstream/blob';
import type { EventStore } from '@pstream/event-store';
import { readParts } from '@pstream/event-store';
import { isFault } from '@pstream/kernel';
import { KeySet } from '../pass/key-set.js';

/** Where the keys of the items of a part are kept, as the owner of this epoch sealed it. */
export const partKeysKey = (partId: string, epoch: number): string => `keys/${partId}/${String(epoch)}`;

/** Which part of a pass has which item. */
export type PartOf = (itemKey: string) => string | null;

/** Reads the parts of a pass; null for items of which it is not known: releases up to 0.3.0 kept no keys, and only where they wrote one part is it that. */
export const partsOfPass = async (store: EventStore, work: BlobStore, passId: string): Promise<PartOf> => {
  const parts: { readonly partId: string; readonly keys: KeySet | undefined }[] = [];
  for (const { partId, events } of await readParts(store, passId)) {
    const intended = events.find((event) => event.type === 'PartSealIntended');
    if (intended !== undefined) parts.push({ partId, keys: await keysOf(work, partId, intended.data.epoch) });
  }
  return (itemKey) => {
    const part = parts.find(({ keys }) => keys?.has(itemKey) ?? parts.length === 1);
    return part?.partId ?? null;
  };
};

const keysOf = async (work: BlobStore, partId: string, epoch: number): Promise<KeySet | undefined> => {
  try {
    const keys = new KeySet();
    keys.addAll(await work.get(partKeysKey(partId, epoch)));
    return keys;
  } catch (error) {
    if (isFault(error) && error.code === 'blob.not-found') return undefined;
    throw error;
  }
};
