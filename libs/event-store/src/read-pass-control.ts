import { mailboxJobStream, passControl, type PassControl } from '@pstream/contracts';
import type { EventStore } from './event-store.js';

/** Reads a pass from its mailbox job's stream. Undefined if there is no such pass. */
export const readPassControl = async (store: EventStore, mailboxJobId: string, passId: string): Promise<PassControl | undefined> =>
  passControl(await store.read(mailboxJobStream(mailboxJobId)), passId);
