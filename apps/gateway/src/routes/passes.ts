import { Inject, Injectable } from '@nestjs/common';
import { problemOfRejection, Project, textOf, type PassResults, type Selection } from '@pstream/api';
import { sameAddress, VIEWS, type CommandInput, type CommandName, type CommandReply } from '@pstream/contracts';
import { problem } from '../door/problem.js';
import { Views } from '../read/views.js';
import { Sender, stepOf, type Intent } from '../send/sender.js';

type Chosen = { readonly mailboxJobId: string; readonly source: string };

/** Commands under way at once for one request. */
const AT_ONCE = 32;
/** How long the answer waits for the views. */
const SHOWN_WITHIN_MS = 5_000;

/** Sends one command for each of the selected mailboxes; tells accepted and rejected ones apart. */
@Injectable()
export class Passes {
  constructor(
    @Inject(Sender) private readonly sender: Sender,
    @Inject(Views) private readonly views: Views,
  ) {}

  /** Problems 'project.unknown' (404), 'selection.empty' (409). */
  async each<N extends CommandName<'projects'>>(
    intent: Intent,
    projectId: string,
    selection: Selection,
    command: N,
    bodyOf: (mailboxJobId: string) => NoInfer<CommandInput<'projects', N>>,
  ): Promise<PassResults> {
    await this.views.need(VIEWS.projects, Project, projectId, 'project.unknown');
    const { chosen, missing } = await this.#choose(projectId, selection);
    if (chosen.length + missing.length === 0) throw problem('selection.empty', 409);
    const replies: { readonly mailbox: Chosen; readonly reply: CommandReply }[] = [];
    for (let at = 0; at < chosen.length; at += AT_ONCE) {
      const some = chosen.slice(at, at + AT_ONCE).map(async (mailbox) => ({
        mailbox,
        reply: await this.sender.ask(stepOf(intent, command, mailbox.mailboxJobId), 'projects', command, bodyOf(mailbox.mailboxJobId)),
      }));
      replies.push(...(await Promise.all(some)));
    }
    const accepted = replies.flatMap(({ mailbox, reply }) =>
      reply.accepted ? [{ ...mailbox, stream: reply.stream, version: reply.version }] : [],
    );
    const rejected = replies.flatMap(({ mailbox, reply }) => (reply.accepted ? [] : [{ ...mailbox, ...wordsOf(reply) }]));
    const unknown = missing.map((source) => ({
      mailboxJobId: null,
      source,
      code: 'mailbox-job.unknown',
      ...textOf('mailbox-job.unknown', {}),
    }));
    return { accepted, rejected: [...rejected, ...unknown], shown: await this.views.shows(VIEWS.mailboxes, accepted, SHOWN_WITHIN_MS) };
  }

  /** By id or by source address; whoever is named twice is taken once. */
  async #choose(projectId: string, selection: Selection): Promise<{ readonly chosen: Chosen[]; readonly missing: string[] }> {
    const all: Chosen[] = [];
    for await (const { mailboxJobId, source } of this.views.mailboxesOf(projectId)) all.push({ mailboxJobId, source });
    if (selection === 'all') return { chosen: all, missing: [] };
    const known = new Map(
      all.flatMap((mailbox) => [[mailbox.mailboxJobId, mailbox] as const, [sameAddress(mailbox.source), mailbox] as const]),
    );
    const chosen = new Set<Chosen>();
    const missing: string[] = [];
    for (const wanted of selection) {
      const mailbox = known.get(wanted) ?? known.get(sameAddress(wanted));
      if (mailbox === undefined) missing.push(wanted);
      else chosen.add(mailbox);
    }
    return { chosen: [...chosen], missing };
  }
}

const wordsOf = (
  reply: Extract<CommandReply, { accepted: false }>,
): { readonly code: string; readonly title: string; readonly detail: string } => {
  const { code, title, detail } = problemOfRejection(reply.rejection);
  return { code, title, detail };
};
