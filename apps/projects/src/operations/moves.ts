import { mailboxJobStream, type CommandMeta, type CommandReply, type LineItem } from '@pstream/contracts';
import { mailboxJobs } from '../commands/aggregates.js';
import { lineItem, onRoster, unknownMailbox } from '../commands/mailboxes.js';
import { mailboxJob } from '../commands/passes.js';
import { run, type ProjectsPorts } from '../commands/ports.js';
import { lineItemsOf, type LineItems } from '../commands/rosters.js';
import type { RosterCommand } from '../domain/roster/decide.js';

type MailboxRow = { readonly mailboxJobId: string };
type ProjectIds = Pick<RosterCommand, 'workgroupId' | 'customerId' | 'projectId'>;

/** A batch of mailboxes on their way to another project. */
export type Move = {
  readonly one: (meta: CommandMeta, row: MailboxRow) => Promise<CommandReply>;
  /** Takes those that moved off the old roster, and those that stayed off the new one. */
  readonly settle: () => Promise<void>;
};

/** Claims the names of those that can move on the roster of project `to`, which is of the same customer. Either project may be gone by now: what
 *  had moved before has moved, and nothing else does. `meta` is that of the batch. */
export const beginMove = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  { from, to }: { readonly from: ProjectIds; readonly to: string },
  mailboxJobIds: readonly string[],
): Promise<Move> => {
  const next = { ...from, projectId: to };
  const left = await lineItemsOf(ports, from.projectId);
  const candidates = await Promise.all(mailboxJobIds.map((id) => movable(ports, left, meta.at, from, to, id)));
  const items = candidates.filter((item) => item !== undefined);
  const claim = await onRoster(ports, next, meta, 'take', { type: 'TakeLineItems', items });
  const taken = await lineItemsOf(ports, to);
  return {
    one: async (own, { mailboxJobId }) => {
      const item = await itemOf(ports, left, mailboxJobId);
      if (item === undefined) return unknownMailbox(mailboxJobId);
      const isRefused = items.some((one) => one.mailboxJobId === mailboxJobId) && taken.find(mailboxJobId) === undefined;
      if (isRefused) return claim.accepted ? { accepted: false, rejection: { code: 'mailbox-job.name-exists-there', facts: {} } } : claim;
      const refs = { ...from, mailboxJobId };
      return run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { type: 'MoveMailbox', to, refs, item, at: own.at }, own);
    },
    settle: async () => {
      const now = await Promise.all(mailboxJobIds.map((id) => mailboxJob(ports, id)));
      const moved = mailboxJobIds.filter((_id, at) => now[at]?.item?.projectId === to);
      const stayed = mailboxJobIds.filter((id) => !moved.includes(id));
      await onRoster(ports, from, meta, 'moved', { type: 'RemoveLineItems', mailboxJobIds: moved });
      await onRoster(ports, next, meta, 'stayed', { type: 'RemoveLineItems', mailboxJobIds: stayed });
    },
  };
};

/** The line item of a mailbox that may leave its project now. */
const movable = async (
  ports: ProjectsPorts,
  left: LineItems,
  at: string,
  from: ProjectIds,
  to: string,
  mailboxJobId: string,
): Promise<LineItem | undefined> => {
  const item = await itemOf(ports, left, mailboxJobId);
  if (item === undefined) return undefined;
  const refs = { ...from, mailboxJobId };
  const decision = mailboxJobs.decide({ type: 'MoveMailbox', to, refs, item, at }, await mailboxJob(ports, mailboxJobId));
  return decision.accepted ? lineItem(item) : undefined;
};

/** What a mailbox's own stream says of it, or else the roster that it is to leave. */
const itemOf = async (ports: ProjectsPorts, left: LineItems, mailboxJobId: string): Promise<LineItem | undefined> =>
  (await mailboxJob(ports, mailboxJobId)).item ?? left.find(mailboxJobId);
