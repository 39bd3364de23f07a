import { WAIT_SECONDS } from '@pstream/api/client';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import { confirmed, YES } from '../cli/confirmed.js';
import type { ExitCode } from '../cli/exit-codes.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { carryOut } from '../export/carry-out.js';
import { chosen, said, selectionOptions } from '../export/selection.js';
import { findMailbox, findProject } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { PriorityText } from './mailbox-options.js';

@Verb({ name: 'edit', about: 'Changes the address or the PST name of a mailbox that has not been read yet', args: '<project> <mailbox>' })
class EditMailbox extends Command {
  static readonly options = {
    source: option('--source <address>', 'Another address', z.string().optional()),
    destination: option('--destination <name>', 'Another name of its first PST', z.string().optional()),
  };

  async execute([project = '', mailbox = '']: Args, { source, destination }: Given<typeof EditMailbox.options>): Promise<void> {
    if (source === undefined && destination === undefined) throw usageError('There is nothing to change.', '--source or --destination');
    const { mailboxJobId, projectId } = await findMailbox(this.client, mailbox, project);
    const body = { ...(source === undefined ? {} : { source }), ...(destination === undefined ? {} : { destination }) };
    const made = await this.client.editMailbox({ params: { mailboxJobId }, body });
    await shown(made, (query) => this.client.listMailboxes({ params: { projectId }, query }));
    this.out.done(made, `The mailbox is ${[source, destination].filter((part) => part !== undefined).join(', ')} from now on.`, made.id);
  }
}

@Verb({
  name: 'priority',
  about: 'Gives mailboxes another priority: of those of a project that wait, the ones with a higher priority go first',
  args: '<project> [mailboxes...]',
})
class PrioritiseMailboxes extends Command {
  static readonly options = { to: option('--to <number>', 'From -100 to 100; 0 is usual', PriorityText), ...selectionOptions };

  async execute(
    [project = '', ...names]: Args,
    { to: priority, ...selecting }: Given<typeof PrioritiseMailboxes.options>,
  ): Promise<ExitCode | void> {
    const { projectId } = await findProject(this.client, project);
    return carryOut(this.cli, projectId, await chosen(this.cli, projectId, names, selecting), {
      request: (client, from, mailboxes) =>
        client.prioritiseMailboxes({ params: { projectId: from }, body: { mailboxes, priority }, waitSeconds: WAIT_SECONDS }),
      did: `with priority ${priority}`,
      idle: {},
    });
  }
}

@Verb({
  name: 'move',
  about: 'Moves mailboxes that have not been read yet to another project of the customer; licences stay with their users',
  args: '<project> [mailboxes...]',
})
class MoveMailboxes extends Command {
  static readonly options = { to: option('--to <project>', 'The other project', z.string()), ...selectionOptions };

  async execute([project = '', ...names]: Args, { to, ...selecting }: Given<typeof MoveMailboxes.options>): Promise<ExitCode | void> {
    const { projectId } = await findProject(this.client, project);
    const { projectId: toProjectId } = await findProject(this.client, to);
    return carryOut(this.cli, projectId, await chosen(this.cli, projectId, names, selecting), {
      request: (client, from, mailboxes) =>
        client.moveMailboxes({ params: { projectId: from }, body: { mailboxes, toProjectId }, waitSeconds: WAIT_SECONDS }),
      did: 'moved',
      idle: {},
    });
  }
}

@Verb({
  name: 'remove',
  about: 'Removes mailboxes from a project: they leave every list and sum, their names are free again. PSTs stay where they are',
  args: '<project> [mailboxes...]',
})
class RemoveMailboxes extends Command {
  static readonly options = {
    stop: option('--stop', 'Stop passes under way, and remove their mailboxes when they have ended', z.boolean().default(false)),
    ...YES,
    ...selectionOptions,
  };

  async execute(
    [project = '', ...names]: Args,
    { stop, yes, ...selecting }: Given<typeof RemoveMailboxes.options>,
  ): Promise<ExitCode | void> {
    const { client } = this;
    const { projectId, name } = await findProject(client, project);
    const mailboxes = await chosen(this.cli, projectId, names, selecting);
    confirmed(yes, `remove ${said(mailboxes)} of ${name}`);
    const [only, ...others] = Array.isArray(mailboxes) ? mailboxes : [];
    if (only !== undefined && others.length === 0) {
      const { mailboxJobId, source } = await findMailbox(client, only, projectId);
      const made = await client.removeMailbox({ params: { mailboxJobId }, query: { stop: stop ? 'true' : 'false' } });
      await shown(made, (query) => client.getProject({ params: { projectId }, query }));
      return this.out.done(made, stop ? `${source} is removed as soon as its pass has ended.` : `${source} is removed.`, made.id);
    }
    return carryOut(this.cli, projectId, mailboxes, {
      request: (api, from, selected) =>
        api.removeMailboxes({ params: { projectId: from }, body: { mailboxes: selected, stop }, waitSeconds: WAIT_SECONDS }),
      did: stop ? 'removed, or removed as soon as their passes have ended' : 'removed',
      idle: {},
    });
  }
}

/** Changing, moving and removing mailboxes. */
export const changeVerbs: readonly CommandType[] = [EditMailbox, PrioritiseMailboxes, MoveMailboxes, RemoveMailboxes];
