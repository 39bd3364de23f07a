import type { PartStore, RecordedPart, Removal } from '@pstream/blob';
import {
  mailboxJobStream,
  placeName,
  type ClosedPart,
  type MailboxJobEvent,
  type PartEvent,
  type PartRefs,
  type PassSettings,
  type SettleParts,
  type SettlePartsReply,
} from '@pstream/contracts';
import { readParts, type EventStore } from '@pstream/event-store';
import { isFault, type Clock, type Ids } from '@pstream/kernel';
import { evolve } from '../part/domain/evolve.js';
import { noPart, type Part } from '../part/domain/state.js';
import { PartLog } from '../part/part-log.js';
import { clear } from '../pass/replaced-parts.js';

/** What the settling of parts needs of the world. */
export type ClosingPorts = {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Opens a destination; nothing is written to it. */
  open(settings: Pick<PassSettings, 'destination' | 'container'>): Promise<PartStore>;
};

type PassStarted = Extract<MailboxJobEvent, { type: 'PassStarted' }>['data'];
type OnRecord = {
  readonly refs: PartRefs;
  readonly container: string;
  readonly part: Exclude<Part, { is: 'none' }>;
  readonly events: readonly PartEvent[];
};

/** Why nothing is deleted of a mailbox that can still be exported. */
const STILL_OPEN = 'mailbox-job.pass-open';
const CLOSED = 'project.closed';

/** Says what became of the PSTs of a mailbox in a closed project, and with mode `delete` deletes them: exactly the parts that passes of this project
 *  have on record, each only if it is unchanged. One that cannot be deleted is kept with its reason, and the others go on. May be repeated. */
export const settleParts = async (ports: ClosingPorts, query: SettleParts): Promise<SettlePartsReply> => {
  const job = await ports.store.read(mailboxJobStream(query.mailboxJobId));
  const passes = job.flatMap(({ type, data }) => (type === 'PassStarted' && data.projectId === query.projectId ? [data] : []));
  const isSettled = query.mode !== 'delete' || hasLeft(job, query.projectId);
  const opened = new Map<string, Promise<PartStore>>();
  const storeOf = (pass: PassStarted): Promise<PartStore> => {
    const place = placeName(pass.settings.destination, pass.settings.container);
    // The credential of that time may be gone, while the same place is known with another one.
    const isHere = query.now !== null && placeName(query.now.destination, query.now.container) === place;
    const known = opened.get(place) ?? ports.open(isHere && query.now !== null ? query.now : pass.settings);
    opened.set(place, known);
    return known;
  };
  const parts: ClosedPart[] = [];
  for (const pass of passes)
    for (const one of await partsOf(ports.store, pass)) {
      const is = isSettled ? await settled(ports, query, one, () => storeOf(pass)) : ({ is: 'kept', why: STILL_OPEN } as const);
      if (is !== undefined) parts.push({ ...shownOf(one), ...is });
    }
  return { parts };
};

/** Whether no pass of the project can write for this mailbox any more: it is closed or removed, or in another project. */
const hasLeft = (job: readonly MailboxJobEvent[], projectId: string): boolean => {
  const home = job.findLast((event) => event.type === 'MailboxJobOpened' || event.type === 'MailboxEdited')?.data.projectId;
  return job.some(({ type }) => type === 'MailboxClosed' || type === 'MailboxRemoved') || (home !== undefined && home !== projectId);
};

const partsOf = async (store: EventStore, { workgroupId, customerId, projectId, mailboxJobId, passId }: PassStarted): Promise<OnRecord[]> =>
  (await readParts(store, passId)).map(({ partId, events }) => ({
    refs: { workgroupId, customerId, projectId, mailboxJobId, passId, partId },
    container: events.find((event) => event.type === 'PartOpened')?.data.container ?? '',
    part: events.reduce(evolve, noPart) as OnRecord['part'],
    events,
  }));

const shownOf = ({ refs, container, part, events }: OnRecord): Pick<ClosedPart, 'partId' | 'name' | 'container' | 'bytes'> => {
  const bytes = events.flatMap((event) => ('bytes' in event.data ? [event.data.bytes] : [])).at(-1) ?? 0;
  return { partId: refs.partId, name: part.name, container, bytes };
};

type Became = Pick<ClosedPart, 'is' | 'why' | 'cause'>;

/** What became of a part; undefined for one that was never published. */
const settled = async (
  ports: ClosingPorts,
  { mode, operationId }: SettleParts,
  one: OnRecord,
  open: () => Promise<PartStore>,
): Promise<Became | undefined> => {
  const { part, refs, events } = one;
  if (part.is === 'removed') {
    const removed = events.findLast((event) => event.type === 'PartRemoved');
    return { is: removed?.data.closedBy === operationId ? 'deleted' : 'gone', why: null };
  }
  if (part.is === 'abandoned' || (part.is === 'open' && mode !== 'delete')) return undefined;
  if (mode === 'keep') return part.is === 'sealed' ? { is: 'kept', why: null } : undefined;
  try {
    const store = await open();
    const at = recorded(one);
    const removal = at === undefined ? undefined : await store.removeUnchanged(at, mode === 'look');
    if (mode === 'look') return removal === undefined || (part.is === 'intended' && removal.is === 'gone') ? undefined : became(removal);
    const log = new PartLog(ports);
    if (part.is === 'sealed') {
      if (removal?.is !== 'kept') await log.recordRemoved(refs, operationId);
      return removal === undefined ? undefined : became(removal);
    }
    if (removal?.is === 'kept' && removal.why !== 'part.foreign-blob') return became(removal);
    // What was staged and never published goes too, and again, should its owner have gone on until the part was given up.
    await clear(store, { partId: refs.partId, name: part.name }, part.epoch);
    const { is } = await log.abandon(refs, part.epoch, CLOSED);
    if (is === 'abandoned') await clear(store, { partId: refs.partId, name: part.name }, part.epoch);
    return removal?.is === 'deleted' ? became(removal) : undefined;
  } catch (error) {
    if (!isFault(error) || error.code === 'event-store.unavailable' || error.code === 'event-store.version-conflict') throw error;
    return { is: 'kept', why: 'part.unreachable', cause: error.code };
  }
};

/** What must be under the name of a part for it to be deleted; undefined where nothing can be. */
const recorded = ({ refs: { partId }, part, events }: OnRecord): RecordedPart | undefined => {
  if (part.is === 'intended') return { partId, name: part.name, bytes: part.bytes, listSha256: part.listSha256 };
  const sealed = events.find((event) => event.type === 'PartSealed');
  return sealed === undefined ? undefined : { partId, name: part.name, bytes: sealed.data.bytes, etag: sealed.data.etag };
};

const became = (removal: Removal): Became =>
  removal.is === 'kept' ? removal : { is: removal.is === 'there' ? 'would-delete' : removal.is, why: null };
