import { mailboxJobStream, type CommandMeta, type CommandReply, type LineItem } from '@pstream/contracts';
import { mailboxJobs } from '../commands/aggregates.js';
import { claimNamesOnRoster, followMailboxes, isOutrun, lineItem, mailboxAt, unknownMailbox } from '../commands/mailboxes.js';
import { run, type ProjectsPorts } from '../commands/ports.js';
import { lineItemsOf } from '../commands/rosters.js';
import type { MailboxJobCommand } from '../domain/mailbox-job/commands.js';
import type { RosterCommand, Wanted } from '../domain/roster/decide.js';

type MailboxRow = { readonly mailboxJobId: string };
type ProjectIds = Pick<RosterCommand, 'workgroupId' | 'customerId' | 'projectId'>;

/** A batch of mailboxes on their way to another project. */
export type Move = {
  readonly one: (meta: CommandMeta, row: MailboxRow) => Promise<CommandReply>;
  /** Takes those that moved off the old roster and puts them on the new one; whatever was claimed there is free again. */
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
  const now = async (mailboxJobId: string): Promise<Movable | undefined> => {
    const { state, version: jobVersion } = await mailboxAt(ports, mailboxJobId);
    const item = state.item ?? left.find(mailboxJobId);
    if (item === undefined) return undefined;
    const command: MailboxJobCommand = { type: 'MoveMailbox', to, refs: { ...from, mailboxJobId }, item, at: meta.at };
    const decision = mailboxJobs.decide(command, state);
    return { item: lineItem(item), jobVersion, command, moves: decision.accepted && decision.events.length > 0 };
  };
  const candidates = await Promise.all(mailboxJobIds.map(now));
  const movable = candidates.flatMap((one) => (one?.moves === true ? [one] : []));
  const held = new Set((await claimNamesOnRoster(ports, next, meta, movable, false)).held.map(keyOf));
  return {
    one: async (own, { mailboxJobId }) => {
      for (;;) {
        const one = await now(mailboxJobId);
        if (one === undefined) return unknownMailbox(mailboxJobId);
        if (one.moves && !held.has(keyOf(one))) {
          const { refused } = await claimNamesOnRoster(ports, next, meta, [one], true);
          if (refused !== undefined)
            return { accepted: false, rejection: refused.code === TAKEN ? { code: TAKEN_THERE, facts: {} } : refused };
        }
        // The names are claimed for this version: whoever changes the mailbox first is followed with other names.
        const meanwhile = { ...own, expectedVersion: one.jobVersion };
        const reply = await run(ports, mailboxJobs, mailboxJobStream(mailboxJobId), { ...one.command, at: own.at }, meanwhile);
        if (!isOutrun(reply)) return reply;
      }
    },
    settle: async () => {
      await followMailboxes(ports, next, meta, mailboxJobIds);
      await followMailboxes(ports, from, meta, mailboxJobIds);
    },
  };
};

const TAKEN = 'project.line-items-conflict';
const TAKEN_THERE = 'mailbox-job.name-exists-there';

/** A mailbox as it is now, and whether it can move. */
type Movable = Wanted & { readonly command: MailboxJobCommand; readonly moves: boolean };

const keyOf = ({ item, jobVersion }: { readonly item: LineItem; readonly jobVersion: number }): string =>
  `${item.mailboxJobId} ${jobVersion}`;
