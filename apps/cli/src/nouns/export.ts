import type { StartBody } from '@pstream/api';
import { WAIT_SECONDS } from '@pstream/api/client';
import { instantOf, PRE_STAGE_DAYS } from '@pstream/contracts';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { Command, Verb, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { carryOut, IDLE, type Order } from '../export/carry-out.js';
import { followProject } from '../export/follow.js';
import { chosen, isNamed, said, selectionOptions, selectionOf, type Selecting } from '../export/selection.js';
import { findProject } from '../http/resolve.js';
import { durationMs } from '../output/format.js';
import { printEstimate } from './estimate.js';
import { PriorityText } from './mailbox-options.js';
import { sumFields } from '../output/sums.js';

/** Starts a pass over each of the mailboxes. */
const starting = ({ rename, ...pass }: Omit<StartBody, 'mailboxes'>, idle: Order['idle']): Order => ({
  request: (client, projectId, mailboxes) =>
    client.startPasses({
      params: { projectId },
      body: { ...pass, ...(rename === true ? { rename } : {}), mailboxes },
      waitSeconds: WAIT_SECONDS,
    }),
  did: 'started',
  idle,
  ...(rename === true ? { renamed: (name) => `the PST is ${name} from now on` } : {}),
});

/** Carries an order out over the mailboxes that are selected, or over all. */
const over = async (cli: Cli, [project = '', ...names]: Args, selecting: Selecting, order: Order): Promise<ExitCode> => {
  const { projectId } = await findProject(cli.client(), project);
  return carryOut(cli, projectId, (await selectionOf(cli, projectId, names, selecting)) ?? 'all', order, isNamed(names, selecting));
};

/** Takes another PST name where that of a mailbox is taken. */
const RENAME = {
  rename: option(
    '--rename',
    'Give each mailbox a free PST name whose own another one holds, or was found at the destination by a verify; each is listed',
    z.boolean().default(false),
  ),
};

/** A verb without options of its own that requests an operation over mailboxes. */
abstract class OverMailboxes extends Command {
  static readonly options = selectionOptions;
  protected abstract readonly order: Order;

  execute(args: Args, selecting: Selecting): Promise<ExitCode> {
    return over(this.cli, args, selecting, this.order);
  }
}

const Duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms === undefined) context.addIssue({ code: 'custom', message: 'Give a duration such as 8h, 30m or 90s.' });
  return ms ?? 0;
});

const Age = z.union(
  [
    z
      .enum(PRE_STAGE_DAYS.map((days) => `${days}d` as const))
      .transform((age) => ({ olderThanDays: PRE_STAGE_DAYS.find((days) => age === `${days}d`) })),
    z.iso.date().transform((before) => ({ before })),
  ],
  { error: 'Give 30d, 60d, 90d or a date such as 2026-01-31.' },
);

const INTERVAL = {
  interval: option('--interval <duration>', 'Ask at most once in this time, however much changes; default 2s', Duration.default(2_000)),
};

const Instant = z.string().transform((text, context) => {
  const instant = instantOf(text);
  if (!instant.ok) context.addIssue({ code: 'custom', message: instant.error });
  return instant.ok ? instant.value : '';
});

/** Options of every verb that starts a pass. */
const startOptions = {
  at: option(
    '--at <time>',
    'Begin then: 2026-12-01T20:00[Europe/Berlin], with an offset, or without (UTC); export stop cancels it',
    Instant.optional(),
  ),
  priority: option(
    '--priority <number>',
    'Go before others of the project that wait with a lower one: -100 to 100, 0 is usual; stays with the mailbox',
    PriorityText.optional(),
  ),
  ...selectionOptions,
};

/** A verb that starts passes now, or submits them for a time. */
abstract class StartsPasses extends Command {
  static readonly options = startOptions;
  protected abstract readonly kind: StartBody['kind'];
  protected readonly idle: Order['idle'] = IDLE.running;

  execute(args: Args, given: Given<typeof startOptions>): Promise<ExitCode> {
    return this.begin(args, given);
  }

  protected begin(
    args: Args,
    { at, priority, rename, ...selecting }: Given<typeof startOptions> & { readonly rename?: boolean },
    more: Pick<StartBody, 'olderThanDays' | 'before' | 'update'> = {},
  ): Promise<ExitCode> {
    const when = { ...(at === undefined ? {} : { startAt: at }), ...(priority === undefined ? {} : { priority }) };
    const pass = { kind: this.kind, ...more, ...when, ...(rename === undefined ? {} : { rename }) };
    const order = starting(pass, this.idle);
    return over(this.cli, args, selecting, at === undefined ? order : { ...order, did: 'submitted' });
  }
}

/** One that may take other PST names. */
abstract class Starting extends StartsPasses {
  static override readonly options = { ...RENAME, ...startOptions };
}

@Verb({
  name: 'verify',
  about: 'Verifies credentials for the mailboxes named by id or address, or selected, or for all',
  args: '<project> [mailboxes...]',
})
class Verify extends Starting {
  protected readonly kind = 'verify';
}

@Verb({
  name: 'trial',
  about: 'Starts a Trial, free: at most 10 items of each folder, 5 MiB in all',
  args: '<project> [mailboxes...]',
})
class Trial extends Starting {
  protected readonly kind = 'trial';
  protected override readonly idle = { ...IDLE.running, ...IDLE.trial };
}

@Verb({
  name: 'pre-stage',
  about: 'Starts a Pre-Stage: only mail that is older than 30, 60 or 90 days, or than a date',
  args: '<project> [mailboxes...]',
})
class PreStage extends Starting {
  static override readonly options = {
    olderThan: option('--older-than <age>', '30d, 60d, 90d, or a date such as 2026-01-31 (midnight UTC)', Age),
    ...RENAME,
    ...startOptions,
  };
  protected readonly kind = 'pre-stage';

  override execute(args: Args, { olderThan, ...given }: Given<typeof PreStage.options>): Promise<ExitCode> {
    return this.begin(args, given, olderThan);
  }
}

@Verb({
  name: 'start',
  about:
    'Starts a Full pass; run again, it exports only what is new. Mailboxes are copied, not kept in step; nothing at the source changes',
  args: '<project> [mailboxes...]',
})
class Start extends Starting {
  static override readonly options = {
    update: option(
      '--update',
      'Also export items again that were changed since they were exported; they go into a new PST, and mailbox superseded lists the older copies',
      z.boolean().default(false),
    ),
    dryRun: option('--dry-run', 'Start nothing; show what pstream estimate says of the whole project', z.boolean().default(false)),
    ...RENAME,
    ...startOptions,
  };
  protected readonly kind = 'full';

  override async execute(args: Args, { update, dryRun, ...given }: Given<typeof Start.options>): Promise<ExitCode> {
    if (!dryRun) return this.begin(args, given, update ? { update } : {});
    const { projectId } = await findProject(this.client, args[0] ?? '');
    await printEstimate(this.cli, await this.client.estimateProject({ params: { projectId }, body: {} }));
    return EXIT.done;
  }
}

@Verb({
  name: 'retry-errors',
  about: 'Exports the failed items again, and lists folders that could not be listed; free',
  args: '<project> [mailboxes...]',
})
class RetryErrors extends StartsPasses {
  protected readonly kind = 'retry-errors';
  protected override readonly idle: Order['idle'] = { ...IDLE.running, ...IDLE.retry };
}

@Verb({
  name: 'stop',
  about: 'Stops passes, and cancels submitted ones; resume continues them from where they stopped',
  args: '<project> [mailboxes...]',
})
class Stop extends OverMailboxes {
  protected readonly order: Order = {
    request: (client, projectId, mailboxes) => client.stopPasses({ params: { projectId }, body: { mailboxes }, waitSeconds: WAIT_SECONDS }),
    did: 'stopping',
    idle: IDLE.stop,
  };
}

@Verb({
  name: 'resume',
  about: 'Resumes stopped or failed passes',
  args: '<project> [mailboxes...]',
})
class Resume extends Command {
  static readonly options = {
    rename: option(
      '--rename',
      'Where a pass failed since another file has the name of its next PST, go on under a free name; written PSTs keep theirs; each is listed',
      z.boolean().default(false),
    ),
    ...selectionOptions,
  };

  execute(args: Args, { rename, ...selecting }: Given<typeof Resume.options>): Promise<ExitCode> {
    const order: Order = {
      request: (client, projectId, mailboxes) =>
        client.resumePasses({ params: { projectId }, body: { mailboxes, ...(rename ? { rename } : {}) }, waitSeconds: WAIT_SECONDS }),
      did: 'resumed',
      idle: IDLE.resume,
      ...(rename ? { renamed: (name) => `its further PSTs are called ${name}, with their numbers` } : {}),
    };
    return over(this.cli, args, selecting, order);
  }
}

@Verb({
  name: 'start-over',
  about:
    'Has mailboxes begin again from nothing: what they exported counts no more, and the next pass exports it again. No licence is consumed twice',
  args: '<project> [mailboxes...]',
})
class StartOver extends Command {
  static readonly options = {
    deleteParts: option(
      '--delete-parts',
      'Delete their PSTs when the next Pre-Stage or Full begins to write; without, they stay, and the next ones get other names, such as ann-2.pst',
      z.boolean().default(false),
    ),
    ...YES,
    ...selectionOptions,
  };

  async execute([project = '', ...names]: Args, { deleteParts, yes, ...selecting }: Given<typeof StartOver.options>): Promise<ExitCode> {
    const { projectId, name } = await findProject(this.client, project);
    const selection = await chosen(this.cli, projectId, names, selecting);
    const parts = deleteParts
      ? 'delete their PSTs when the next Pre-Stage or Full begins to write'
      : 'keep their PSTs beside the next ones, which get other names';
    confirmed(yes, `have ${said(selection)} of ${name} begin again from nothing, and ${parts}`);
    const order: Order = {
      request: (client, of, mailboxes) =>
        client.startOver({
          params: { projectId: of },
          body: { mailboxes, parts: deleteParts ? 'delete' : 'keep' },
          waitSeconds: WAIT_SECONDS,
        }),
      did: 'begin again with their next pass',
      idle: IDLE.startOver,
    };
    return carryOut(this.cli, projectId, selection, order, isNamed(names, selecting));
  }
}

@Verb({ name: 'status', about: 'Shows how far the export of a project is', args: '<project>' })
class ShowStatus extends Command {
  async execute([project = '']: Args): Promise<void> {
    const { projectId } = await findProject(this.client, project);
    const detail = await this.client.getProject({ params: { projectId } });
    await this.out.record({ projectId, name: detail.name, ...detail.sums }, detail, [
      { title: 'Project', exact: ({ name }) => name },
      ...sumFields,
    ]);
  }
}

@Verb({
  name: 'wait',
  about: 'Waits until nothing runs any more; the exit code is the verdict (see: pstream help exit-codes)',
  args: '<project> [mailboxes...]',
})
class Wait extends Command {
  static readonly options = {
    for: option(
      '--for <what>',
      'completed: each must be exported; verified: each must have passed Verify. Without: whatever was started last',
      z.enum(['completed', 'verified']).optional(),
    ),
    timeout: option('--timeout <duration>', 'Give up waiting after this time (exit 11); never without', Duration.optional()),
    ...INTERVAL,
    ...selectionOptions,
  };

  execute([project = '', ...names]: Args, { for: wanted, timeout, interval, ...selecting }: Given<typeof Wait.options>): Promise<ExitCode> {
    return followProject(this.cli, project, { timeoutMs: timeout, intervalMs: interval, show: 'end', names, selecting, wanted });
  }
}

@Verb({
  name: 'watch',
  about: 'Follows an export to its end, with the same exit codes as wait; Ctrl+C leaves it running',
  args: '<project> [mailboxes...]',
})
class Watch extends Command {
  static readonly options = {
    timeout: option('--timeout <duration>', 'Stop watching after this time (exit 11)', Duration.optional()),
    ...INTERVAL,
    ...selectionOptions,
  };

  execute([project = '', ...names]: Args, { timeout, interval, ...selecting }: Given<typeof Watch.options>): Promise<ExitCode> {
    return followProject(this.cli, project, {
      timeoutMs: timeout,
      intervalMs: interval,
      show: 'progress',
      names,
      selecting,
      wanted: undefined,
    });
  }
}

export const verbs: readonly CommandType[] = [
  Verify,
  Trial,
  PreStage,
  Start,
  RetryErrors,
  Stop,
  Resume,
  StartOver,
  ShowStatus,
  Wait,
  Watch,
];
