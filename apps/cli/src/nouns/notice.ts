import type { Notice, NoticePreviewBody, Subscription, SubscriptionBody } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { noticeStates, subscribableKinds, usualKinds } from '@pstream/contracts';
import { z } from 'zod';
import { usageError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { readGiven, readSecret } from '../cli/config.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { option, type Given } from '../cli/option.js';
import { findProject, findSubscription } from '../http/resolve.js';
import { shown } from '../http/shown.js';
import { minute } from '../output/format.js';

const KINDS = subscribableKinds.join(', ');

const Kinds = z
  .string()
  .transform((text) => text.split(',').map((kind) => kind.trim()))
  .pipe(z.array(z.enum(subscribableKinds, { error: `Give some of ${KINDS}, with commas between them.` })));

const OneKind = z.enum(subscribableKinds, { error: `Give one of ${KINDS}.` });

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
    const body = { name, kinds: about ?? [...usualKinds], channel, ...(projectId === undefined ? {} : { projectId }) };
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
  static readonly options = {
    about: option('--about <kind>', 'How a notice of this kind looks, with made-up values', OneKind.optional()),
  };

  async execute([subscription = '']: Args, { about }: Given<typeof TestSubscription.options>): Promise<ExitCode | void> {
    const { subscriptionId, name } = await findSubscription(this.client, subscription);
    const said = await this.client.testSubscription({ params: { subscriptionId }, query: { about } });
    const { outcome, code, advice } = said;
    const sentence =
      outcome === 'sent' ? `${name}: the test is on its way.` : `${name}: the test failed (${code ?? 'unknown'}). ${advice ?? ''}`.trim();
    this.out.done(said, sentence, code ?? outcome);
    return outcome === 'sent' ? undefined : EXIT.failed;
  }
}

/** Words for a kind of notices; `usual` takes back what was given. */
const WORDS = {
  subject: option('--subject <text>', 'Its own subject, or usual', z.string().optional()),
  body: option('--body <text>', 'Its own text, or usual', z.string().optional()),
  bodyFile: option('--body-file <file>', 'Its own text, in a file (- for standard input)', z.string().optional()),
};
const USUAL_WORDS = 'usual';

const wordsIn = async (cli: Cli, { subject, body, bodyFile }: Given<typeof WORDS>): Promise<NoticePreviewBody> => {
  if (body !== undefined && bodyFile !== undefined) throw usageError('Give one of --body and --body-file.');
  const read = bodyFile === undefined ? undefined : bodyFile === '-' ? await cli.readStdin() : await readGiven(bodyFile);
  const text = read === undefined ? body : new TextDecoder().decode(read);
  const worded = (given: string): string | null => (given.trim() === USUAL_WORDS ? null : given);
  return {
    ...(subject === undefined ? {} : { subject: worded(subject) }),
    ...(text === undefined ? {} : { body: worded(text) }),
  };
};

const kindIn = (given: string): string => {
  const kind = OneKind.safeParse(given);
  if (!kind.success) throw usageError(`There are no notices about "${given}". Give one of ${KINDS}.`);
  return kind.data;
};

@Verb({ name: 'templates', about: 'Lists the words that notices have, by kind, and what can stand in them' })
class ListTemplates extends Command {
  async execute(): Promise<void> {
    const found = await this.client.listNoticeTemplates();
    await this.out.list(
      found,
      found.items,
      [
        { title: 'About', exact: ({ kind }) => kind },
        { title: 'Subject', exact: ({ subject }) => subject, human: ({ subject }) => subject ?? USUAL_WORDS },
        { title: 'Text', exact: ({ body }) => body, human: ({ body }) => body?.replaceAll('\n', ' / ') ?? USUAL_WORDS },
        { title: 'Placeholders', exact: ({ placeholders }) => placeholders.map((name) => `{${name}}`).join(' ') },
      ],
      '',
    );
  }
}

@Verb({ name: 'word', about: 'Gives notices of a kind other words; what is not given stays', args: '<kind>' })
class WordNotice extends Command {
  static readonly options = WORDS;

  async execute([given = '']: Args, options: Given<typeof WORDS>): Promise<void> {
    const kind = kindIn(given);
    const body = await wordsIn(this.cli, options);
    if (Object.keys(body).length === 0)
      throw usageError('There is nothing to change.', `pstream notice word ${kind} --subject 'Look at {project}'`);
    const done = await this.client.editNoticeTemplate({ params: { kind }, body });
    await shown(done, (query) => this.client.listNoticeTemplates({ query }));
    this.out.done(done, `Notices about ${kind} have these words from now on. See them with: pstream notice preview ${kind}`, kind);
  }
}

@Verb({ name: 'preview', about: 'Shows a notice of a kind with made-up values; with words to try, or those of now', args: '<kind>' })
class PreviewNotice extends Command {
  static readonly options = WORDS;

  async execute([given = '']: Args, options: Given<typeof WORDS>): Promise<void> {
    const kind = kindIn(given);
    const found = await this.client.previewNotice({ params: { kind }, body: await wordsIn(this.cli, options) });
    this.cli.stdout.write(this.cli.json ? `${JSON.stringify(found)}\n` : `Subject: ${found.subject}\n\n${found.text.trimEnd()}\n`);
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
  ListTemplates,
  WordNotice,
  PreviewNotice,
  ListNotices,
];
