import type { Notice, Subscription, SubscriptionBody } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { noticeStates, subscribableKinds } from '@pstream/contracts';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { readSecret } from '../cli/config.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { findProject, findSubscription } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { minute } from '../output/format.js';

const KINDS = subscribableKinds.join(', ');
/** What is worth a mail to most: not that something began. */
const USUAL = subscribableKinds.filter((kind) => kind !== 'pass.started');

const Kinds = z
  .string()
  .transform((text) => text.split(',').map((kind) => kind.trim()))
  .pipe(z.array(z.enum(subscribableKinds, { error: `Give some of ${KINDS}, with commas between them.` })));

const WHERE = {
  mail: option('--mail <address...>', 'By mail, to these addresses', z.array(z.string()).optional()),
  webhookFile: option('--webhook-file <file>', 'By webhook, to the address in a file (- for standard input)', z.string().optional()),
  teamsFile: option(
    '--teams-file <file>',
    'As a Teams card, to the address of a workflow in a file (- for standard input)',
    z.string().optional(),
  ),
};

/** The address of a webhook is a secret: it does not belong into the history of a shell. */
const addressIn = async (cli: Cli, file: string, flag: string): Promise<string> =>
  (await readSecret(file, cli.readStdin, undefined, { option: flag, variable: flag })).trim();

type Where = Given<typeof WHERE>;

const channelOf = async (cli: Cli, { mail, webhookFile, teamsFile }: Where): Promise<SubscriptionBody['channel']> => {
  if ([mail, webhookFile, teamsFile].filter((one) => one !== undefined).length !== 1)
    throw usageError('Give one of --mail, --webhook-file and --teams-file.', 'pstream notice add NAME --mail ada@contoso.com');
  if (mail !== undefined) return { kind: 'mail', to: mail };
  if (webhookFile !== undefined) return { kind: 'webhook', url: await addressIn(cli, webhookFile, '--webhook-file') };
  return { kind: 'teams', url: await addressIn(cli, teamsFile ?? '', '--teams-file') };
};

const whereOf = ({ to, host }: Subscription): string => host ?? to.join(', ');

@Verb({ name: 'list', about: 'Lists who is notified of what' })
class ListSubscriptions extends Command {
  static readonly options = {
    search: option('--search <text>', 'Only those with this text in the name', z.string().min(1).optional()),
  };

  async execute(_args: Args, { search }: Given<typeof ListSubscriptions.options>): Promise<void> {
    const found = await allPages((page) => this.client.listSubscriptions({ query: { ...page, search } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ subscriptionId }) => subscriptionId },
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Channel', exact: ({ channel }) => channel },
        { title: 'To', exact: whereOf },
        { title: 'About', exact: ({ kinds }) => kinds.join(',') },
        { title: 'Project', exact: ({ projectId }) => projectId, human: ({ projectId }) => projectId ?? 'all' },
        { title: 'Active', exact: ({ active }) => String(active), human: ({ active }) => (active ? 'yes' : 'no') },
      ],
      search === undefined
        ? 'Nobody is notified of anything yet. Begin with: pstream notice add NAME --mail ADDRESS'
        : 'No subscription has such a name.',
    );
  }
}

@Verb({ name: 'show', about: 'Shows a subscription', args: '<subscription>' })
class ShowSubscription extends Command {
  async execute([subscription = '']: Args): Promise<void> {
    const { subscriptionId } = await findSubscription(this.client, subscription);
    const found: Subscription = await this.client.getSubscription({ params: { subscriptionId } });
    await this.out.record(found, found, [
      { title: 'Id', exact: (one) => one.subscriptionId },
      { title: 'Name', exact: ({ name }) => name },
      { title: 'Channel', exact: ({ channel }) => channel },
      { title: 'To', exact: whereOf },
      { title: 'About', exact: ({ kinds }) => kinds.join(',') },
      { title: 'Project', exact: ({ projectId }) => projectId, human: ({ projectId }) => projectId ?? 'all' },
      { title: 'Active', exact: ({ active }) => String(active), human: ({ active }) => (active ? 'yes' : 'no') },
      { title: 'Added', exact: ({ addedAt }) => addedAt, human: ({ addedAt }) => minute(addedAt) },
    ]);
  }
}

@Verb({
  name: 'add',
  about: 'Tells somebody of something from now on; what happens to one project within minutes is one notice',
  args: '<name>',
})
class AddSubscription extends Command {
  static readonly options = {
    ...WHERE,
    about: option('--about <kinds>', `What: some of ${KINDS}, with commas; all but pass.started by default`, Kinds.optional()),
    project: option('--project <project>', 'Only this project', z.string().optional()),
  };

  async execute([name = '']: Args, { about, project, ...where }: Given<typeof AddSubscription.options>): Promise<void> {
    const channel = await channelOf(this.cli, where);
    const projectId = project === undefined ? undefined : (await findProject(this.client, project)).projectId;
    const body = { name, kinds: about ?? [...USUAL], channel, ...(projectId === undefined ? {} : { projectId }) };
    const made = await this.client.addSubscription({ body });
    await shown(made, (query) => this.client.listSubscriptions({ query }));
    const key =
      made.signingKey === null ? '' : ` What is posted is signed with this key, which is shown now and never again: ${made.signingKey}`;
    this.out.done(made, `${name} is notified of ${body.kinds.join(', ')}. Try it with: pstream notice test ${made.id}${key}`, made.id);
  }
}

@Verb({ name: 'edit', about: 'Changes a subscription; what is not given stays', args: '<subscription>' })
class EditSubscription extends Command {
  static readonly options = {
    name: option('--name <name>', 'Another name', z.string().optional()),
    mail: option('--mail <address...>', 'Other mail addresses', z.array(z.string()).optional()),
    addressFile: option(
      '--address-file <file>',
      'Another address of a webhook or a Teams workflow, in a file (- for standard input)',
      z.string().optional(),
    ),
    about: option('--about <kinds>', `What: some of ${KINDS}, with commas`, Kinds.optional()),
    project: option('--project <project>', 'Only this project; all for every one', z.string().optional()),
    active: option('--active <on-or-off>', 'Whether it collects anything', z.enum(['on', 'off'], { error: 'Give on or off.' }).optional()),
  };

  async execute(
    [subscription = '']: Args,
    { name, mail, addressFile, about, project, active }: Given<typeof EditSubscription.options>,
  ): Promise<void> {
    const projectId = project === undefined ? undefined : project === 'all' ? null : (await findProject(this.client, project)).projectId;
    const body = {
      ...(name === undefined ? {} : { name }),
      ...(mail === undefined ? {} : { to: mail }),
      ...(about === undefined ? {} : { kinds: about }),
      ...(projectId === undefined ? {} : { projectId }),
      ...(active === undefined ? {} : { active: active === 'on' }),
      ...(addressFile === undefined ? {} : { url: await addressIn(this.cli, addressFile, '--address-file') }),
    };
    if (Object.keys(body).length === 0) throw usageError('There is nothing to change.');
    const found = await findSubscription(this.client, subscription);
    const { subscriptionId } = found;
    const done = await this.client.editSubscription({ params: { subscriptionId }, body });
    await shown(done, (query) => this.client.listSubscriptions({ query }));
    this.out.done(done, `${name ?? found.name} is changed.`, subscriptionId);
  }
}

@Verb({ name: 'remove', about: 'Removes a subscription, and the address that it has sealed', args: '<subscription>' })
class RemoveSubscription extends Command {
  static readonly options = YES;

  async execute([subscription = '']: Args, { yes }: Given<typeof RemoveSubscription.options>): Promise<void> {
    const { subscriptionId, name } = await findSubscription(this.client, subscription);
    confirmed(yes, `remove the subscription ${name}`);
    const done = await this.client.removeSubscription({ params: { subscriptionId } });
    await shown(done, (query) => this.client.listSubscriptions({ query }));
    this.out.done(done, `${name} is removed.`, subscriptionId);
  }
}

@Verb({ name: 'test', about: 'Sends one notice now, and says what came of it', args: '<subscription>' })
class TestSubscription extends Command {
  async execute([subscription = '']: Args): Promise<ExitCode | void> {
    const { subscriptionId, name } = await findSubscription(this.client, subscription);
    const said = await this.client.testSubscription({ params: { subscriptionId } });
    const { outcome, code, advice } = said;
    const sentence =
      outcome === 'sent' ? `${name}: the test is on its way.` : `${name}: the test failed (${code ?? 'unknown'}). ${advice ?? ''}`.trim();
    this.out.done(said, sentence, code ?? outcome);
    return outcome === 'sent' ? undefined : EXIT.failed;
  }
}

const toldIn = ({ counts }: Notice): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');

@Verb({ name: 'sent', about: 'Lists the notices, the newest first, and what became of each' })
class ListNotices extends Command {
  static readonly options = {
    subscription: option('--subscription <subscription>', 'Only notices of this one', z.string().optional()),
    state: option(
      '--state <state>',
      `Only notices in this state: ${noticeStates.join(', ')}`,
      z.enum(noticeStates, { error: `Give one of ${noticeStates.join(', ')}.` }).optional(),
    ),
  };

  async execute(_args: Args, { subscription, state }: Given<typeof ListNotices.options>): Promise<void> {
    const subscriptionId = subscription === undefined ? undefined : (await findSubscription(this.client, subscription)).subscriptionId;
    const found = await allPages((page) => this.client.listNotices({ query: { ...page, subscriptionId, state } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ noticeId }) => noticeId },
        { title: 'Made', exact: ({ madeAt }) => madeAt, human: ({ madeAt }) => minute(madeAt) },
        { title: 'Channel', exact: ({ channel }) => channel },
        { title: 'Project', exact: ({ project }) => project?.name ?? null },
        { title: 'About', exact: toldIn },
        { title: 'State', exact: (one) => one.state },
        { title: 'Attempts', exact: ({ attempts }) => String(attempts) },
        { title: 'Cause', exact: ({ code }) => code },
      ],
      'No notice has been made yet.',
    );
  }
}

export const verbs: readonly CommandType[] = [
  ListSubscriptions,
  ShowSubscription,
  AddSubscription,
  EditSubscription,
  RemoveSubscription,
  TestSubscription,
  ListNotices,
];
