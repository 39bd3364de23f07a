import { isSmallerThanListed, type Doubt } from '@pstream/fasttransfer';
import type { ManifestItem } from '@pstream/contracts';
import type { CheckedStream, Source } from '../source/source.js';

// An item that can be read, and yet may not be what the mailbox holds: it is exported again, and marked where that does not help.

/** What was noticed about an exported item. */
export type ItemDoubt = Doubt;

/** All doubts of an exported item, the strongest first: those of its stream, and whether that is as long as the listing says. */
export const doubtsOf = ({ data, doubts, attachments }: CheckedStream, { size }: Pick<ManifestItem, 'size'>): readonly ItemDoubt[] =>
  isSmallerThanListed({ listedBytes: size, streamBytes: data.length }, attachments > 0) ? [...doubts, 'smaller-than-listed'] : doubts;

/** A listed item whose stream is doubted. */
type Listed = { readonly id: string; readonly item: Pick<ManifestItem, 'size'> };

/** Times that doubted items are exported again. A stream that comes back byte for byte is not asked for a third time. */
const TRIES = 2;

/** Exports doubted items again, together, and gives for each the best stream that came: without doubts, else with the fewest, else the
 *  longest. What fails this time changes nothing: there is a stream. Faults of mailbox and sign-in are thrown. */
export const lookAgain = async <Piece extends Listed>(
  client: Pick<Source, 'exportItems'>,
  doubted: ReadonlyMap<Piece, CheckedStream>,
  signal: AbortSignal,
): Promise<ReadonlyMap<Piece, CheckedStream>> => {
  const best = new Map(doubted);
  const open = new Map([...doubted].flatMap(([piece, exported]) => (mayImprove(exported, piece) ? [[piece.id, piece]] : [])));
  for (let tries = 0; tries < TRIES && open.size > 0; tries++) {
    // An archive may be spread over mailboxes; each is asked for its own.
    const places = Map.groupBy(open.values(), (piece) => best.get(piece)!.mailbox.id);
    for (const pieces of places.values()) {
      const { mailbox } = best.get(pieces[0]!)!;
      const ids = pieces.map(({ id }) => id);
      for await (const again of client.exportItems(mailbox, ids, signal)) {
        const piece = open.get(again.itemId);
        if (piece === undefined || !('doubts' in again)) continue;
        const before = best.get(piece)!;
        if (isBetter(piece, again, before)) best.set(piece, again);
        if (again.sha256 === before.sha256 || !mayImprove(again, piece)) open.delete(piece.id);
      }
    }
  }
  return best;
};

/** Whether a second export may tell more. An item without times has none then either. */
const mayImprove = (exported: CheckedStream, { item }: Listed): boolean =>
  doubtsOf(exported, item).some((doubt) => doubt !== 'times-missing');

const isBetter = ({ item }: Listed, now: CheckedStream, before: CheckedStream): boolean => {
  const fewer = doubtsOf(before, item).length - doubtsOf(now, item).length;
  return fewer > 0 || (fewer === 0 && now.data.length > before.data.length);
};

/** The codes of doubts as events, records and views carry them. */
export const doubtCodes = (doubts: readonly ItemDoubt[]): readonly string[] => doubts.map((doubt) => `doubt.${doubt}`);

/** What to do about a doubt. */
export const doubtAdvice = (doubt: ItemDoubt): string => ADVICE[doubt];

const CUT = 'It was exported, but Exchange sent it twice with parts missing. Compare it with the mailbox before that is deleted.';
const ODD = 'It was exported as it came, twice with the same oddity. Look at the item in the PST.';
const ADVICE: Readonly<Record<ItemDoubt, string>> = {
  'message-class-missing': CUT,
  'recipients-section-missing': CUT,
  'attachments-section-missing': CUT,
  'recipients-expected': 'It was exported, but names more recipients than came with it. Compare it with the mailbox.',
  'attachments-expected': 'It was exported, but says that it has attachments and none came. Compare it with the mailbox.',
  'attachments-fewer': 'It was exported as MIME, which has fewer attachments than the mailbox shows. Compare it with the mailbox.',
  'smaller-than-listed': 'It was exported, but is much smaller than the mailbox lists it. Compare it with the mailbox.',
  'server-warning': 'It was exported, but Exchange warned that it left a part of it out. Compare it with the mailbox.',
  'embedded-message-missing': 'It was exported, but a message that is attached to it did not come. Compare it with the mailbox.',
  'embedded-message-unannounced': ODD,
  'attach-number-missing': ODD,
  'unknown-section': ODD,
  'duplicate-property': 'It was exported; a property came twice and the last value was kept. Look at the item in the PST.',
  'boolean-above-1': ODD,
  'times-missing': 'It was exported, but has no time of its own and got the times of the listing. Look at its dates in the PST.',
  'code-page-guessed':
    'It was exported, but some of its text is in a code page that had to be guessed. Look at the text of the item in the PST.',
};
