import type { PartStore } from '@pstream/blob';
import { partName, type PassRefs, type PassSettings } from '@pstream/contracts';
import { readParts, readPassControl, type EventStore } from '@pstream/event-store';
import { Fault } from '@pstream/kernel';

/** Something that is not ours has the name of a part. */
export const FOREIGN = 'part.foreign-blob';

/** Names that are looked for, from the next one on: a mailbox of 100 GB takes ten parts of the usual size. */
const NAMES = 10;

/** Throws Fault 'part.foreign-blob' (never; facts name) where the destination has something that no pass of the mailbox wrote under a name that the
 *  next pass may write: better now than when the pass gets there. */
export const requireOwnNames = async (
  { store, parts }: { readonly store: EventStore; readonly parts: PartStore },
  { mailboxJobId, passId }: PassRefs,
  { destinationName }: PassSettings,
  signal: AbortSignal,
): Promise<void> => {
  const control = await readPassControl(store, mailboxJobId, passId);
  const own = new Set<string>();
  let taken = 0;
  for (const pass of [...(control?.replaced ?? []), ...(control?.earlier ?? [])]) {
    const made = await readParts(store, pass.passId);
    for (const { partId } of made) own.add(partId);
    const isKept = !('parts' in pass) || pass.parts === 'keep';
    if (isKept && pass.settings.folder === undefined && pass.settings.destinationName === destinationName)
      taken += made.filter(({ events }) => events.some(({ type }) => type === 'PartSealed')).length;
  }
  for (let n = 1; n <= NAMES; n++) {
    const name = partName(destinationName, taken + n);
    const there = await parts.head(name, signal);
    if (there === undefined || own.has(there.metadata['part'] ?? '')) continue;
    throw new Fault(FOREIGN, {
      retry: 'never',
      facts: { name },
      advice:
        'The destination has a file under a name that this mailbox would write, and no pass of it has written that. Move it away; or verify again with --rename, which gives the mailbox a free name; or give the project another container.',
    });
  }
};
