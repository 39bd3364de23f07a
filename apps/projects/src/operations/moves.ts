import { mailboxJobStream, type CommandMeta, type CommandReply, type LineItem } from '@pstream/contracts';
import { assert } from '@pstream/kernel';
import { mailboxJobs } from '../commands/aggregates.js';
import { lineItem, onRoster, placedAt, projectIds, unknownMailbox } from '../commands/mailboxes.js';
import { mailboxJob } from '../commands/passes.js';
import { run, type ProjectsPorts } from '../commands/ports.js';
import { lineItemsOf } from '../commands/rosters.js';

type MailboxRow = { readonly mailboxJobId: string };

/** A batch of mailboxes on their way to another project. */
export type Move = {
  readonly one: (meta: CommandMeta, row: MailboxRow) => Promise<CommandReply>;
  /** Takes those that moved off the old roster, and those that stayed off the new one. */
  readonly settle: () => Promise<void>;
};

/** Claims the names of those that can move on the roster of project `to`. `meta` is that of the batch. */
export const beginMove = async (
  ports: ProjectsPorts,
  meta: CommandMeta,
  { from, to }: { readonly from: string; readonly to: string },
  mailboxJobIds: readonly string[],
): Promise<Move> => {
  const [old, next] = [await projectIds(ports, from), await projectIds(ports, to)];
  assert(old !== undefined && next !== undefined, 'an operation moves mailboxes between projects that exist');
  const candidates = await Promise.all(mailboxJobIds.map((id) => movable(ports, meta.at, from, to, id)));
  await onRoster(ports, next, meta, 'take', { type: 'TakeLineItems', items: candidates.filter((item) => item !== undefined) });
  const taken = await lineItemsOf(ports, to);
  return {
    one: async (own, { mailboxJobId }) => {
      const placed = await placedAt(ports, from, mailboxJobId);
      if (placed === undefined) return unknownMailbox(mailboxJobId);
      const isRefused = candidates.some((item) => item?.mailboxJobId === mailboxJobId) && taken.find(mailboxJobId) === undefined;
      if (isRefused) return { accepted: false, rejection: { code: 'mailbox-job.name-exists-there', facts: {} } };
      return run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { type: 'MoveMailbox', to, ...placed, at: own.at }, own);
    },
    settle: async () => {
      const now = await Promise.all(mailboxJobIds.map((id) => mailboxJob(ports, id)));
      const moved = mailboxJobIds.filter((_id, at) => now[at]?.item?.projectId === to);
      const stayed = mailboxJobIds.filter((id) => !moved.includes(id));
      await onRoster(ports, old, meta, 'moved', { type: 'RemoveLineItems', mailboxJobIds: moved });
      await onRoster(ports, next, meta, 'stayed', { type: 'RemoveLineItems', mailboxJobIds: stayed });
    },
  };
};

/** The line item of a mailbox that may leave its project now. */
const movable = async (ports: ProjectsPorts, at: string, from: string, to: string, mailboxJobId: string): Promise<LineItem | undefined> => {
  const placed = await placedAt(ports, from, mailboxJobId);
  if (placed === undefined) return undefined;
  const decision = mailboxJobs.decide({ type: 'MoveMailbox', to, ...placed, at }, await mailboxJob(ports, mailboxJobId));
  return decision.accepted ? lineItem(placed.item) : undefined;
};
