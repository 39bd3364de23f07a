import { z } from 'zod';
import { LeftOut, ManifestItem, SourceMailbox } from './extraction.js';

/** What one listing call returned, as it lies in the working storage: written by extractors, read by builders too. */
export const PageManifest = z.strictObject({
  items: z.array(ManifestItem),
  repeats: z.int(),
  leftOut: LeftOut.optional(),
  refused: z.string().optional(),
  mailbox: SourceMailbox,
  next: z.string().nullable(),
  delta: z.string().nullable(),
});
export type PageManifest = z.infer<typeof PageManifest>;
