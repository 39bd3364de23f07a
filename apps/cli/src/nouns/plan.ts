import { allPages } from '@pstream/api/client';
import { PauseReason } from '@pstream/contracts';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { findProject } from '../http/resolve.js';
import { count, minute } from '../output/format.js';

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

@Verb({ name: 'list', about: 'Lists what is at work in each project, what waits and for what, and what begins when' })
class ListPlans extends Command {
  async execute(): Promise<void> {
    const all = await this.client.listPlans({ query: { limit: 1 } });
    const found = await allPages((page) => this.client.listPlans({ query: page }));
    const everything = all.paused;
    await this.out.list(
      { ...found, paused: everything },
      found.items,
      [
        { title: 'Id', exact: ({ projectId }) => projectId },
        { title: 'Project', exact: ({ name }) => name },
        { title: 'Running', exact: ({ running }) => running, human: ({ running }) => count(running) },
        { title: 'Waiting', exact: ({ waiting }) => waiting, human: ({ waiting }) => count(waiting) },
        { title: 'Submitted', exact: ({ submitted }) => submitted, human: ({ submitted }) => count(submitted) },
        { title: 'Next begins', exact: ({ nextAt }) => nextAt, human: ({ nextAt }) => minute(nextAt) },
        { title: 'Paused', exact: ({ paused }) => (everything ?? paused)?.reason ?? null },
      ],
      'There are no projects.',
    );
  }
}

export const adminPlanVerbs: readonly CommandType[] = [PauseAll, ResumeAll];
export const projectPlanVerbs: readonly CommandType[] = [PauseProject, ResumeProject];
export const verbs: readonly CommandType[] = [ListPlans];
