import type { RebuildState, Views as ViewList } from '@pstream/api';
import { z } from 'zod';
import { CliError } from '../cli/cli-error.js';
import type { Cli } from '../cli/cli.js';
import { EXIT } from '../cli/exit-codes.js';
import { Command, Verb, VerbGroup, Verbs, type Args, type CommandType } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { patiently } from '../http/patiently.js';
import { count, minute } from '../output/format.js';
import { progressLine } from '../output/progress-line.js';
import { sumFields } from '../output/sums.js';
import { accessVerbs } from './admin-access.js';
import { DeadLetters } from './dead-letters.js';
import { adminPlanVerbs } from './plan.js';
import { printThroughput } from '../output/throughput.js';

type View = ViewList['items'][number];

const ASK_EVERY_MS = 2_000;
const LIST = 'pstream admin views list';

@Verb({ name: 'overview', about: 'Shows the sums over all mailboxes, and what needs a look' })
class ShowOverview extends Command {
  async execute(): Promise<void> {
    const overview = await this.client.getOverview();
    await this.out.record(overview, overview, [
      { title: 'Mailboxes', exact: ({ sums }) => sums.mailboxes, human: ({ sums }) => count(sums.mailboxes) },
      ...sumFields,
      {
        title: 'Open dead letters',
        exact: ({ openDeadLetters }) => Object.values(openDeadLetters).reduce((sum, letters) => sum + letters, 0),
        human: ({ openDeadLetters }) => lettersText(openDeadLetters),
      },
    ]);
  }
}

@Verb({ name: 'list', about: 'Lists the read models, with the last rebuild of each' })
class ListViews extends Command {
  async execute(): Promise<void> {
    const found = await this.client.listViews();
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Name', exact: ({ name }) => name },
        { title: 'Documents', exact: ({ documents }) => documents, human: ({ documents }) => count(documents) },
        { title: 'Generation', exact: ({ generation }) => generation },
        { title: 'Rebuild', exact: ({ rebuild }) => rebuild?.state ?? null },
        { title: 'Events', exact: ({ rebuild }) => rebuild?.events ?? null, human: eventsText },
        {
          title: 'Updated',
          exact: ({ rebuild }) => rebuild?.updatedAt ?? null,
          human: ({ rebuild }) => minute(rebuild?.updatedAt ?? null),
        },
        { title: 'Code', exact: ({ rebuild }) => rebuild?.code ?? null },
      ],
      'There are no read models.',
    );
  }
}

@Verb({
  name: 'rebuild',
  about: 'Rebuilds a read model from the events and waits for it; queries read the old one meanwhile',
  args: '<name>',
})
class RebuildView extends Command {
  static readonly options = { wait: option('--no-wait', 'Return once the rebuild is requested', z.boolean().default(true)) };

  async execute([name = '']: Args, { wait }: Given<typeof RebuildView.options>): Promise<void> {
    const requested = await this.client.rebuildView({ params: { name } });
    const ended = wait ? await rebuilt(this.cli, name, requested) : requested;
    const sentence = wait
      ? `${name} is rebuilt from ${count(ended.events)} events.`
      : `The rebuild of ${name} is ${ended.state}. See how far it is: ${LIST}`;
    this.out.done({ name, ...ended }, sentence, ended.state);
  }
}

@Verbs('views', [ListViews, RebuildView])
class Views extends VerbGroup {}

@Verb({ name: 'throughput', about: 'Shows what came in during each minute of the last 24 hours, and what limits held it up' })
class ShowThroughput extends Command {
  async execute(): Promise<void> {
    await printThroughput(this.cli, await this.client.getThroughput());
  }
}

@Verb({ name: 'health', about: 'Shows the health of the gateway and the number of open dead letters' })
class ShowHealth extends Command {
  async execute(): Promise<void> {
    const health = await this.client.getHealth();
    await this.out.record(health, health, [
      { title: 'Status', exact: ({ status }) => status },
      {
        title: 'Open dead letters',
        exact: ({ openDeadLetters }) => Object.values(openDeadLetters).reduce((sum, letters) => sum + letters, 0),
        human: ({ openDeadLetters }) => lettersText(openDeadLetters),
      },
    ]);
  }
}

export const verbs: readonly CommandType[] = [
  ShowOverview,
  ShowThroughput,
  ShowHealth,
  Views,
  ...adminPlanVerbs,
  ...accessVerbs,
  DeadLetters,
];

/** `2 in extraction.items.v1; see pstream admin dead-letters list`. */
const lettersText = (letters: Readonly<Record<string, number>>): string => {
  const topics = Object.entries(letters).map(([topic, open]) => `${count(open)} in ${topic}`);
  return topics.length === 0 ? 'none' : `${topics.join(', ')}; see pstream admin dead-letters list`;
};

const eventsText = ({ rebuild }: View): string => (rebuild === null ? '' : count(rebuild.events));

/** Waits until the rebuild is done. CliError: exit 1 if it failed, 130 on Ctrl+C, which leaves it running. */
const rebuilt = async (cli: Cli, name: string, requested: RebuildState): Promise<RebuildState> => {
  const { clock, signal } = cli;
  const progress = await progressLine(cli);
  try {
    for (let state = requested; ; state = await stateOf(cli, name)) {
      if (state.state === 'done') return state;
      if (state.state === 'failed') throw failed(name, state);
      progress.show(`${name}: ${state.state}, ${count(state.events)} events replayed`);
      await clock.sleep(ASK_EVERY_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CliError(EXIT.interrupted, {
      what: 'Interrupted; the rebuild goes on.',
      why: `${name} is still being rebuilt.`,
      advice: LIST,
      details: { code: 'cli.interrupted' },
    });
  } finally {
    progress.close();
  }
};

const stateOf = async (cli: Cli, name: string): Promise<RebuildState> => {
  const { items } = await patiently(cli, ASK_EVERY_MS, () => cli.client().listViews());
  const state = items.find((view) => view.name === name)?.rebuild ?? undefined;
  if (state !== undefined) return state;
  throw new CliError(EXIT.failed, {
    what: `The rebuild of ${name} is no longer on record.`,
    why: 'The gateway lists no such rebuild. Another version of pstream may have been started, with other read models.',
    advice: LIST,
    details: { code: 'view.unknown' },
  });
};

const failed = (name: string, { code, events }: RebuildState): CliError =>
  new CliError(EXIT.failed, {
    what: `The rebuild of ${name} failed.`,
    why: `It ended with ${code ?? 'an unknown code'} after ${count(events)} events. The old read model is still in use; the log of the projector says more.`,
    advice: `pstream admin views rebuild ${name}`,
    details: { code: code ?? 'projection.rebuild-failed', events },
  });
