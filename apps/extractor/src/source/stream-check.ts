import { decodeExportStream } from '@pstream/fasttransfer';
import { isFault, type Fault } from '@pstream/kernel';

/** Parses a stream only to know that it is whole: what cannot be parsed here could not be built into a PST later.
 *  Returns the parser's Fault; its `retry` says whether the item is worth exporting again. */
export const checkStream = (data: Uint8Array): Fault | undefined => {
  try {
    decodeExportStream(data);
    return undefined;
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
};
