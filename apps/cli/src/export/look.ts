import type { Mailbox, ProjectDetail, Selection } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { mailboxShare, mailboxSums, sameAddress } from '@pstream/contracts';
import type { Cli } from '../cli/cli.js';
import { problemError } from '../http/problem-error.js';

/** A project as it is now, with the sums over those of its mailboxes that matter. */
export type Look = () => Promise<ProjectDetail>;

/** Looks at a whole project, or at the mailboxes that are selected now. Exit 3 if one that is named is not in the project. */
export const lookAt = async (cli: Cli, projectId: string, selection: Selection | undefined): Promise<Look> => {
  const client = cli.client();
  const whole: Look = () => client.getProject({ params: { projectId } });
  if (selection === undefined || selection === 'all') return whole;
  const listed = async (): Promise<Mailbox[]> =>
    (await allPages((page) => client.listMailboxes({ params: { projectId }, query: { ...page } }))).items;
  const all = await listed();
  const ids = new Set(
    Array.isArray(selection) ? named(all, selection) : all.filter(({ status }) => selection.status.includes(status)).map(idOf),
  );
  return async () => {
    const chosen = (await listed()).filter((mailbox) => ids.has(idOf(mailbox)));
    return { ...(await whole()), sums: sumsOver(chosen) };
  };
};

const idOf = ({ mailboxJobId }: Mailbox): string => mailboxJobId;

const named = (all: readonly Mailbox[], names: readonly string[]): string[] => {
  const known = new Map(all.flatMap((mailbox) => [[idOf(mailbox), mailbox] as const, [sameAddress(mailbox.source), mailbox] as const]));
  return names.map((name) => {
    const mailbox = known.get(name) ?? known.get(sameAddress(name));
    if (mailbox !== undefined) return idOf(mailbox);
    const detail = `The project has no mailbox ${name}. \`pstream mailbox list\` shows them.`;
    throw problemError(404, { code: 'mailbox-job.unknown', title: 'No such mailbox', detail });
  });
};

const sumsOver = (mailboxes: readonly Mailbox[]): ProjectDetail['sums'] => {
  const amounts: Record<string, number> = {};
  for (const mailbox of mailboxes)
    for (const [name, amount] of Object.entries(mailboxShare(mailbox).amounts)) amounts[name] = (amounts[name] ?? 0) + amount;
  return { ...mailboxSums(amounts), openErrors: mailboxes.reduce((sum, { openErrors }) => sum + openErrors, 0) };
};
