import {
  completedStatus,
  mailboxJobStream,
  type MailboxJobEvent,
  type NoticeEntry,
  type PassRefs,
  type PublishedEvent,
  type RecordedEvent,
} from '@pstream/contracts';
import { subscriptionsOf } from '../commands/ports.js';
import { ABOUT_WORKGROUP, type OutboxPorts, type Outboxes } from './outboxes.js';

type PassEntry = Omit<NoticeEntry, 'source' | 'passKind' | 'pass'>;

/** What an event of a pass is for a notice; undefined if nothing. */
const entryOf = (event: PublishedEvent): (PassEntry & PassRefs) | undefined => {
  switch (event.type) {
    case 'PassBegun': {
      const { at, ...refs } = event.data;
      return { kind: 'pass.started', at, ...refs };
    }
    case 'PassCompleted': {
      const { kind: passKind, pass: _pass, mailbox, foldersNotListed = 0, at, ...refs } = event.data;
      // A verification exports nothing: what failed before it is no news.
      const isWhole = passKind === 'verify' || completedStatus(mailbox, foldersNotListed) === 'Completed';
      const kind = isWhole ? 'pass.completed' : 'pass.completed-with-errors';
      return { kind, at, ...refs, ...(passKind === 'verify' ? {} : { totals: mailbox }) };
    }
    case 'PassFailed': {
      const { cause, kind: _kind, at, ...refs } = event.data;
      return { kind: 'pass.failed', at, ...refs, code: cause.code, ...(cause.advice === undefined ? {} : { advice: cause.advice }) };
    }
    default:
      return undefined;
  }
};

type OfLicences = { readonly workgroupId: string; readonly entry: NoticeEntry; readonly named: readonly (string | number)[] };

/** What an event of licences is for a notice; undefined if nothing. */
const licencesOf = ({ type, data }: PublishedEvent): OfLicences | undefined => {
  switch (type) {
    case 'LicencesReleased':
    case 'LicencesRenewed': {
      const { workgroupId, orderId, quantity, at, expiresAt } = data;
      return { workgroupId, entry: { kind: 'licence.released', at, orderId, quantity, expiresAt }, named: [orderId] };
    }
    case 'LicenceExpiryNear': {
      const { workgroupId, orderId, quantity, daysLeft, at, expiresAt } = data;
      return { workgroupId, entry: { kind: 'licence.ending', at, orderId, quantity, daysLeft, expiresAt }, named: [orderId, daysLeft] };
    }
    default:
      return undefined;
  }
};

/** Notes what has happened for those who want to hear of it. It calls nobody outside: what is noted goes out later. */
export class Collector {
  constructor(
    private readonly ports: Pick<OutboxPorts, 'store' | 'kept'>,
    private readonly outboxes: Outboxes,
  ) {}

  /** An event that a notice may be about; others are passed over. */
  async onEvent(event: RecordedEvent<PublishedEvent>): Promise<void> {
    const licences = licencesOf(event);
    if (licences !== undefined)
      await this.collect(licences.workgroupId, licences.entry, licences.named, () => Promise.resolve(licences.entry));
    const found = entryOf(event);
    if (found !== undefined) await this.collect(found.workgroupId, found, [found.passId], () => this.#passEntry(found));
  }

  /** Notes something, once for each subscription that wants it; `named` tells it from others of its kind. */
  async collect(
    workgroupId: string,
    { kind, at, projectId }: Pick<NoticeEntry, 'kind' | 'at' | 'projectId'>,
    named: readonly (string | number)[],
    entry: () => Promise<NoticeEntry>,
  ): Promise<void> {
    const { state } = await subscriptionsOf(this.ports, workgroupId).fold();
    const wanted = [...state].filter(
      ([, one]) => one.active && one.kinds.includes(kind) && (one.projectId === null || one.projectId === projectId) && one.addedAt <= at,
    );
    if (wanted.length === 0) return;
    const said = await entry();
    for (const [subscriptionId] of wanted)
      await this.outboxes.collect({ workgroupId, subscriptionId, about: projectId ?? ABOUT_WORKGROUP }, said, named);
  }

  /** The entry with the mailbox and the pass as their own stream names them. */
  async #passEntry({ workgroupId: _workgroup, ...entry }: PassEntry & PassRefs): Promise<NoticeEntry> {
    const events = await this.ports.store.read(mailboxJobStream(entry.mailboxJobId));
    return { ...entry, ...mailboxOf(events), ...passOf(events, entry.passId) };
  }
}

const mailboxOf = (events: readonly MailboxJobEvent[]): Pick<NoticeEntry, 'source'> => {
  const source = events.flatMap((event) => ('source' in event.data ? [event.data.source] : [])).at(-1);
  return source === undefined ? {} : { source };
};

const passOf = (events: readonly MailboxJobEvent[], passId: string): Pick<NoticeEntry, 'pass' | 'passKind'> => {
  const started = events.find((event) => event.type === 'PassStarted' && event.data.passId === passId);
  return started?.type === 'PassStarted' ? { passKind: started.data.kind, pass: started.data.number } : {};
};
