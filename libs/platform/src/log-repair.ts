import {
  CONTEXTS,
  eventTopic,
  ITEMS_TOPIC,
  mailboxJobStream,
  passControl,
  unfinishedWork,
  WORK_TOPIC,
  workRecord,
  type MailboxJobEvent,
  type StreamName,
  type WorkUnit,
} from '@pstream/contracts';
import type { EventStore, SqliteEventStore } from '@pstream/event-store';
import { errorFacts, type Log } from '@pstream/wiring';
import type { DamagedRecord, Transport } from '@pstream/transport';

/** What a repair works with. */
export type RepairPorts = { readonly store: SqliteEventStore; readonly transport: Transport; readonly log: Log };

const JOBS = 'mailbox-job:';

/** Asks again for what a record carried that the log has lost: events are published once more from the store; where work or items are
 *  lost, their pass is asked to go through what it has still to do. An item itself is missed at the end of its pass and listed there. */
export const replaceRecord = async (ports: RepairPorts, { topic, found }: DamagedRecord): Promise<void> => {
  const context = CONTEXTS.find((one) => eventTopic(one) === topic);
  if (context !== undefined) {
    const stream = found?.key as StreamName | undefined;
    const again = stream === undefined ? 0 : await ports.store.publishAgain({ stream });
    if (again === 0) await ports.store.publishAgain({ context });
  } else if (topic === WORK_TOPIC || topic === ITEMS_TOPIC) {
    const own = found === undefined ? [] : await unitsOf(ports.store, mailboxJobStream(found.key));
    if (own.length > 0) await send(ports.transport, own);
    else await resumeAllWork(ports);
  }
};

/** Asks again for everything that a whole log carried. */
export const replaceLog = async (ports: RepairPorts): Promise<void> => {
  const events = await ports.store.publishAgain('all');
  const passes = await resumeAllWork(ports);
  ports.log.write('warn', 'log.replaced', { events, passes });
};

/** Starts the replacement of a damaged record and reports both. */
export const repairing =
  (ports: RepairPorts) =>
  (record: DamagedRecord): void => {
    const { topic, partition, offset, fault, found } = record;
    const place = { topic, partition, offset: String(offset) };
    ports.log.write('error', 'log.record-damaged', { ...errorFacts(fault), ...place, ...(found === undefined ? {} : { key: found.key }) });
    replaceRecord(ports, record).catch((error: unknown) =>
      ports.log.write('error', 'log.repair-failed', { ...errorFacts(error), ...place }),
    );
  };

/** Tells every pass under way to go through what it has still to do; returns how many there are. */
const resumeAllWork = async ({ store, transport }: RepairPorts): Promise<number> => {
  let passes = 0;
  for await (const name of store.streams(JOBS)) {
    const units = await unitsOf(store, name as StreamName<MailboxJobEvent>);
    if (units.length === 0) continue;
    await send(transport, units);
    passes++;
  }
  return passes;
};

/** Units that make the newest pass of a mailbox job do again whatever it has not done, none if it is at rest. */
const unitsOf = async (store: EventStore, stream: StreamName<MailboxJobEvent>): Promise<readonly WorkUnit[]> => {
  const events = await store.read(stream);
  const newest = events.findLast((event) => event.type === 'PassStarted');
  const control = newest === undefined ? undefined : passControl(events, newest.data.passId);
  return control === undefined ? [] : unfinishedWork(control);
};

const send = (transport: Transport, units: readonly WorkUnit[]): Promise<void> => transport.send(WORK_TOPIC, units.map(workRecord));
