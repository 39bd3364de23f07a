import { decodeExportStream, doubts, type Doubt } from '@pstream/fasttransfer';
import { isFault, type Fault } from '@pstream/kernel';

/** What a stream shows when it is parsed: the Fault why it cannot be, or what is odd about it and how many attachments came. */
export type StreamCheck = { readonly damage: Fault } | { readonly doubts: readonly Doubt[]; readonly attachments: number };

/** Parses a stream only to know that it is whole: what cannot be parsed here could not be built into a PST later, and what hints at a cut must not
 *  be forgotten. The Fault's `retry` says whether the item is worth exporting again. */
export const checkStream = (data: Uint8Array): StreamCheck => {
  try {
    const item = decodeExportStream(data);
    return { doubts: doubts(item), attachments: item.attachments.length };
  } catch (error) {
    if (isFault(error)) return { damage: error };
    throw error;
  }
};
