import { mailboxJobStream, passControl, type PassControl } from '@pstream/contracts';
import type { EventStore } from '@pstream/event-store';

/** Reads a pass from the mailbox job's stream. Undefined if there is no such pass. */
export const readPassControl = async (store: EventStore, mailboxJobId: string, passId: string): Promise<PassControl | undefined> =>
  passControl(await store.read(mailboxJobStream(mailboxJobId)), passId);
