import type { ManifestItem, PassKind, SourceMailbox } from '@pstream/contracts';
import { Fault, isFault } from '@pstream/kernel';
import { fallbackKind, notOffered } from '@pstream/mime';
import type { Task } from '../worker.js';
import type { MadeStream, Source } from '../source/source.js';
import { ownerOf } from './recoverable.js';

/** Faults that will be the same next time: there is no stream, or none that can be parsed. */
const NO_STREAM = /^(fasttransfer\..*|graph\.(item-corrupt|item-failed|item-unanswered|bad-base64))$/;
/** Faults that may pass. A Full Migration leaves them to Retry Errors, which may still get the whole item; there they are taken as lasting. */
const MAY_PASS = /^(fasttransfer\..*|graph\.(server-error|truncated-reply|bad-reply|too-much-at-once|timed-out|connection-lost))$/;
/** Faults of the mailbox or the sign-in, not of the item: they go up, and the unit is done again later. */
const NOT_OF_ITEM = /^(entra\..*|graph\.(throttled|mailbox-busy|mailbox-moving|closed))$/;

/** Whether an item whose export ended like this is to be read as MIME or JSON. */
export const isForFallback = (fault: Fault, pass: PassKind): boolean =>
  pass === 'retry-errors'
    ? NO_STREAM.test(fault.code) || MAY_PASS.test(fault.code)
    : NO_STREAM.test(fault.code) && (fault.retry === 'never' || fault.code.startsWith('graph.'));

/** Reads an item without its export stream and makes a stream of what Graph tells otherwise, or the Fault why that does not work.
 *  Throws what concerns the mailbox. */
export const readAsMime = async (
  task: Task<'slice'>,
  client: Source,
  mailbox: SourceMailbox,
  item: ManifestItem,
): Promise<MadeStream | Fault> => {
  const { control, state, unit, signal } = task;
  const folder = state.folders.get(unit.folderKey)?.folder;
  const kind = fallbackKind(item.type);
  if (kind === null || folder === undefined) return notOffered();
  const mailOnly = folder.recoverable === true;
  try {
    const request = { itemId: item.id, itemType: item.type, folderId: folder.id, owner: ownerOf(control, mailbox), kind, mailOnly };
    return await client.readAsMime(mailbox, request, signal);
  } catch (error) {
    if (!isFault(error) || NOT_OF_ITEM.test(error.code)) throw error;
    return error;
  }
};
