import { createHash } from 'node:crypto';
import { Fault } from '@pstream/kernel';
import { z } from 'zod';
import { LeftOut, ManifestItem, SourceMailbox, type ManifestRef } from './extraction.js';
import { ByType } from './item-types.js';
import { UpdatedList, type UpdatedItem } from './updates.js';

/** What one listing call returned, as it lies in the working storage: written by extractors, read by builders too. */
export const PageManifest = z.strictObject({
  items: z.array(ManifestItem),
  repeats: z.int(),
  leftOut: LeftOut.optional(),
  idle: z.literal(true).optional(),
  short: z.strictObject({ listed: z.int(), expected: z.int() }).optional(),
  refused: z.string().optional(),
  /** Of a pass that updates: the items of the page that are in a PST as they are, by their marks within the folder. */
  kept: z.array(z.string()).optional(),
  /** Of a pass that updates: those of the items whose older copy is in a PST. */
  superseded: ByType.optional(),
  mailbox: SourceMailbox,
  next: z.string().nullable(),
  delta: z.string().nullable(),
});
export type PageManifest = z.infer<typeof PageManifest>;

/** SHA-256 of a manifest's bytes, as a `ManifestRef` holds it: 64 hex digits. */
export const manifestSha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The page that a manifest's bytes hold. Fault 'manifest.damaged' (never) when they are not what was stored. */
export const parseManifest = (ref: ManifestRef, bytes: Uint8Array): PageManifest => parsePinned(ref, bytes, PageManifest);

/** What an update has found, as a list's bytes hold it. Fault 'manifest.damaged' (never) when they are not what was stored. */
export const parseUpdatedList = (ref: ManifestRef, bytes: Uint8Array): UpdatedItem[] => parsePinned(ref, bytes, UpdatedList);

const parsePinned = <S extends z.ZodType>({ key, sha256 }: ManifestRef, bytes: Uint8Array, schema: S): z.output<S> => {
  const parsed = manifestSha256(bytes) === sha256 ? schema.safeParse(jsonOf(bytes)) : undefined;
  if (parsed?.success === true) return parsed.data;
  throw new Fault('manifest.damaged', {
    retry: 'never',
    facts: { key },
    advice: 'The working storage was changed from outside. Restore it from a backup and resume the pass.',
  });
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};
