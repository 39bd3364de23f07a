import type { AnswerOf } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { MaxMailboxes, PauseReason, PlanWindow, weekdays, windowText } from '@pstream/contracts';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import type { Client } from '../http/client.js';
import { findCustomer, findEndpoint, findProject } from '../http/resolve.js';
import { count, minute } from '../output/format.js';
import type { Column } from '../output/output.js';

const REASON = { reason: option('--reason <text>', 'Why; shown where mailboxes wait', PauseReason) };

@Verb({ name: 'pause', about: 'Begins no mailbox of any project; those at work are finished' })
class PauseAll extends Command {
  static readonly options = REASON;

  async execute(_args: Args, { reason }: Given<typeof PauseAll.options>): Promise<void> {
    const done = await this.client.planAll({ body: { paused: { reason } } });
    this.out.done(done, 'Nothing new is begun in any project. Go on: pstream admin resume', 'paused');
  }
}

@Verb({ name: 'resume', about: 'Begins mailboxes again, after admin pause; projects paused by themselves stay so' })
class ResumeAll extends Command {
  async execute(): Promise<void> {
    const done = await this.client.planAll({ body: { paused: null } });
    this.out.done(done, 'Mailboxes are begun again.', 'resumed');
  }
}

@Verb({ name: 'pause', about: 'Begins no mailbox of a project; those at work are finished', args: '<project>' })
class PauseProject extends Command {
  static readonly options = REASON;

  async execute([project = '']: Args, { reason }: Given<typeof PauseProject.options>): Promise<void> {
    const { projectId, name } = await findProject(this.client, project);
    const done = await this.client.planProject({ params: { projectId }, body: { paused: { reason } } });
    this.out.done(done, `No mailbox of ${name} is begun. Go on: pstream project resume`, 'paused');
  }
}

@Verb({ name: 'resume', about: 'Begins mailboxes of a project again, after project pause', args: '<project>' })
class ResumeProject extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { projectId, name } = await findProject(this.client, project);
    const done = await this.client.planProject({ params: { projectId }, body: { paused: null } });
    this.out.done(done, `Mailboxes of ${name} are begun again.`, 'resumed');
  }
}

const NONE = 'none';
const mostMailboxes = z.string().transform((text, context) => {
  if (text.trim() === NONE) return null;
  const read = MaxMailboxes.safeParse(Number(text));
  if (read.success) return read.data;
  context.addIssue({ code: 'custom', message: 'Give a whole number from 1 to 10000, or none.' });
  return z.NEVER;
});

/** A limit as an argument. */
const limitOf = (given: string, help: string): number | null => {
  const most = mostMailboxes.safeParse(given);
  if (!most.success) throw usageError('<mailboxes>: Give a whole number from 1 to 10000, or none.', help);
  return most.data;
};

/** `20:00-06:00[Europe/Berlin]`; without a zone it is UTC. */
const Window = z.string().transform((text, context) => {
  if (text.trim() === NONE) return null;
  const [, from, to, zone = 'UTC'] = /^(\d{2}:\d{2})-(\d{2}:\d{2})(?:\[(.+)\])?$/.exec(text.trim()) ?? [];
  const read = PlanWindow.safeParse({ from, to, zone, days: [...weekdays] });
  if (read.success) return { from: read.data.from, to: read.data.to, zone: read.data.zone };
  const wrong = from === undefined ? undefined : read.error.issues[0]?.message;
  context.addIssue({ code: 'custom', message: wrong ?? 'Give times and a zone such as 20:00-06:00[Europe/Berlin], or none.' });
  return z.NEVER;
});

const Days = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .split(',')
      .map((day) => day.trim()),
  )
  .pipe(z.array(z.enum(weekdays, 'Give days with commas between them: mon,tue,wed,thu,fri,sat,sun.')).min(1));

type Plan = AnswerOf<'getProjectPlan'>;

/** What is shown of a plan; `everything` is the pause of all projects. */
const columnsOf = (everything: Plan['paused']): Column<Plan>[] => [
  { title: 'Id', exact: ({ projectId }) => projectId },
  { title: 'Project', exact: ({ name }) => name },
  { title: 'Running', exact: ({ running }) => running, human: ({ running }) => count(running) },
  { title: 'Waiting', exact: ({ waiting }) => waiting, human: ({ waiting }) => count(waiting) },
  { title: 'Submitted', exact: ({ submitted }) => submitted, human: ({ submitted }) => count(submitted) },
  { title: 'Next begins', exact: ({ nextAt }) => nextAt, human: ({ nextAt }) => minute(nextAt) },
  { title: 'At most', exact: ({ maxMailboxes }) => maxMailboxes },
  { title: 'Window', exact: ({ window }) => (window === null ? null : windowText(window)) },
  { title: 'Waits for', exact: ({ heldBy }) => heldBy },
  { title: 'Until', exact: ({ opensAt }) => opensAt, human: ({ opensAt }) => minute(opensAt) },
  { title: 'Paused', exact: ({ paused }) => (everything ?? paused)?.reason ?? null },
  { title: 'Endpoint at most', exact: ({ endpointLimit }) => endpointLimit },
];

@Verb({
  name: 'plan',
  about:
    'Limits how many mailboxes of a project are at work at once, and gives the hours within which they are begun; without either, shows both',
  args: '<project>',
})
class PlanProject extends Command {
  static readonly options = {
    maxMailboxes: option('--max-mailboxes <number>', 'At work at once; none for no limit of its own', mostMailboxes.optional()),
    window: option(
      '--window <hours>',
      'Begin only then: 20:00-06:00[Europe/Berlin], or without a zone (UTC); none for any time',
      Window.optional(),
    ),
    days: option('--days <days>', 'On which a window begins: mon,tue,wed,thu,fri; default all', Days.optional()),
  };

  async execute([project = '']: Args, { maxMailboxes, window, days }: Given<typeof PlanProject.options>): Promise<void> {
    if (days !== undefined && (window === undefined || window === null)) throw usageError('--days: Give --window with it.');
    const { projectId, name } = await findProject(this.client, project);
    if (maxMailboxes === undefined && window === undefined) {
      const plan = await this.client.getProjectPlan({ params: { projectId } });
      return this.out.record(plan, plan, columnsOf(null));
    }
    const hours = window === undefined || window === null ? window : { ...window, days: days ?? [...weekdays] };
    const body = { ...(maxMailboxes === undefined ? {} : { maxMailboxes }), ...(hours === undefined ? {} : { window: hours }) };
    const done = await this.client.planProject({ params: { projectId }, body });
    this.out.done({ ...done, ...body }, `The plan of ${name} is changed. See it: pstream plan list`, 'changed');
  }
}

@Verb({
  name: 'limit',
  about: 'Limits how many mailboxes of your workgroup are at work at once, or none for no limit',
  args: '<mailboxes>',
})
class LimitWorkgroup extends Command {
  async execute([given = '']: Args): Promise<void> {
    const maxMailboxes = limitOf(given, 'pstream workgroup limit --help');
    const done = await this.client.planWorkgroup({ body: { maxMailboxes } });
    const sentence =
      maxMailboxes === null ? 'The workgroup has no limit of its own.' : `At most ${count(maxMailboxes)} mailboxes are at work at once.`;
    this.out.done({ ...done, maxMailboxes }, sentence, given);
  }
}

@Verb({
  name: 'limit',
  about: 'Limits how many mailboxes of the projects of a customer are read through a source at once, or none for no limit',
  args: '<customer> <endpoint> <mailboxes>',
})
class LimitEndpoint extends Command {
  async execute([customer = '', endpoint = '', given = '']: Args): Promise<void> {
    const maxMailboxes = limitOf(given, 'pstream endpoint limit --help');
    const { customerId } = await findCustomer(this.client, customer);
    const { endpointId, name } = await findEndpoint(this.client, customerId, endpoint);
    const done = await this.client.planEndpoint({ params: { customerId, endpointId }, body: { maxMailboxes } });
    const sentence =
      maxMailboxes === null
        ? `${name} has no limit of its own.`
        : `At most ${count(maxMailboxes)} mailboxes are read through ${name} at once.`;
    this.out.done({ ...done, maxMailboxes }, sentence, given);
  }
}

@Verb({ name: 'list', about: 'Lists what is at work in each project, what waits and for what, and what begins when' })
class ListPlans extends Command {
  async execute(): Promise<void> {
    const pages: Awaited<ReturnType<Client['listPlans']>>[] = [];
    const found = await allPages(async (query) => {
      const page = await this.client.listPlans({ query });
      pages.push(page);
      return page;
    });
    const everything = pages.at(-1)?.paused ?? null;
    await this.out.list({ ...found, paused: everything }, found.items, columnsOf(everything), 'There are no projects.');
  }
}

export const adminPlanVerbs: readonly CommandType[] = [PauseAll, ResumeAll];
export const projectPlanVerbs: readonly CommandType[] = [PauseProject, ResumeProject, PlanProject];
export const workgroupPlanVerbs: readonly CommandType[] = [LimitWorkgroup];
export const endpointPlanVerbs: readonly CommandType[] = [LimitEndpoint];
export const verbs: readonly CommandType[] = [ListPlans];
