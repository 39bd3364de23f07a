import type { DiscoveredFolder, PassControl, SourceMailbox } from '@pstream/contracts';
import { isListingFault } from '@pstream/graph';
import { deriveId, isFault, type Fault } from '@pstream/kernel';
import type { Source } from '../source/source.js';
import type { Task } from '../worker.js';

// Recoverable Items, best effort: Microsoft documents no way to list them. What the tenant refuses is on record and does not end the pass.

/** A folder that has subfolders which could not be listed: why, and how often they were asked for. */
export type UnlistedBelow = { readonly folderKey: string; readonly fault: Fault; readonly attempts: number };

const NAME = 'Recoverable Items';
/** Faults of the sign-in or of this process: they are not an answer about Recoverable Items. */
const NOT_AN_ANSWER = /^(entra\..*|graph\.closed)$/;

/** The code of a lasting refusal; undefined for whatever else went wrong. */
export const refusalCode = (error: unknown): string | undefined =>
  isFault(error) && error.retry === 'never' && !NOT_AN_ANSWER.test(error.code) ? error.code : undefined;

/** Who the mail API knows a mailbox by: its user, or for an archive, which has none, the mailbox id. */
export const ownerOf = (control: PassControl, mailbox: SourceMailbox): string =>
  control.settings.type === 'archive' ? mailbox.id : control.settings.source;

/** The folders below Recoverable Items with one that holds them; that one alone, as refused, where the tenant does not show them. Where it
 *  fails to show them now, that is on record as folders that could not be listed, and does not hold up the mailbox. */
export const recoverableFolders = async (
  { control, signal }: Task<'plan'>,
  client: Source,
  mailbox: SourceMailbox,
): Promise<{ readonly folders: DiscoveredFolder[]; readonly unlisted: UnlistedBelow[] }> => {
  const keyOf = (id: string): string => deriveId('recoverable', mailbox.id, id);
  const root: DiscoveredFolder = {
    key: keyOf(''),
    parent: null,
    name: NAME,
    containerClass: null,
    wellKnownName: null,
    hidden: true,
    expected: 0,
    left: 'path-only',
    id: '',
    mailbox,
  };
  try {
    const found = await client.recoverableFolders(mailbox, ownerOf(control, mailbox), signal);
    const below = found.map(({ id, displayName, totalItemCount }): DiscoveredFolder => {
      const counted = { hidden: true, expected: totalItemCount, id, mailbox, recoverable: true as const };
      return { key: keyOf(id), parent: root.key, name: displayName, containerClass: null, wellKnownName: null, ...counted };
    });
    return { folders: [root, ...below], unlisted: [] };
  } catch (error) {
    if (refusalCode(error) !== undefined) return { folders: [{ ...root, left: 'refused' }], unlisted: [] };
    if (!isFault(error) || !isListingFault(error)) throw error;
    return { folders: [{ ...root, left: 'refused' }], unlisted: [{ folderKey: root.key, fault: error, attempts: 1 }] };
  }
};
