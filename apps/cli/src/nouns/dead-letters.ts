import type { DeadLetter } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { confirmed, YES } from '../cli/confirmed.js';
import { Command, Verb, VerbGroup, Verbs, type Args } from '../cli/command.js';
import { option, type Given } from '../cli/option.js';
import { count, minute, size } from '../output/format.js';

const LETTER_STATES = ['open', 'replayed', 'dropped', 'all'] as const;

@Verb({
  name: 'list',
  about: 'Lists dead letters: records of the message log that could not be processed, newest first; by default those that are open',
})
class ListDeadLetters extends Command {
  static readonly options = {
    topic: option('--topic <topic>', 'Only those of this topic', z.string().min(1).optional()),
    state: option('--state <state>', 'open (default), replayed, dropped, or all', z.enum(LETTER_STATES).default('open')),
  };

  async execute(_args: Args, filter: Given<typeof ListDeadLetters.options>): Promise<void> {
    const found = await allPages((page) => this.client.listDeadLetters({ query: { ...page, ...filter } }));
    await this.out.list(
      found,
      found.items,
      [
        { title: 'Id', exact: ({ id }) => id },
        { title: 'State', exact: ({ state }) => state },
        { title: 'Code', exact: ({ code }) => code },
        { title: 'Group', exact: ({ group }) => group },
        { title: 'Key', exact: ({ key }) => key },
        { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
        { title: 'Since', exact: ({ at }) => at, human: ({ at }) => minute(at) },
      ],
      filter.state === 'open' ? 'No dead letter is open.' : 'There are no such dead letters.',
    );
  }
}

@Verb({
  name: 'show',
  about: 'Shows a dead letter: where it stood, why nobody understood it, and on control topics its first bytes',
  args: '<letter>',
})
class ShowDeadLetter extends Command {
  async execute([letterId = '']: Args): Promise<void> {
    const letter = await this.client.getDeadLetter({ params: { letterId } });
    await this.out.record(letter, letter, [
      { title: 'Id', exact: ({ id }) => id },
      { title: 'State', exact: ({ state }) => state },
      { title: 'Topic', exact: ({ topic }) => topic },
      { title: 'Partition', exact: ({ partition }) => partition },
      { title: 'Offset', exact: ({ offset }) => offset },
      { title: 'Group', exact: ({ group }) => group },
      { title: 'Code', exact: ({ code }) => code },
      { title: 'Facts', exact: ({ facts }) => JSON.stringify(facts) },
      { title: 'Since', exact: ({ at }) => at, human: ({ at }) => minute(at) },
      { title: 'Key', exact: ({ key }) => key },
      { title: 'Size', exact: ({ bytes }) => bytes, human: ({ bytes }) => size(bytes) },
      { title: 'Kept whole', exact: ({ whole }) => (whole ? 'yes' : 'no') },
      { title: 'Settled by', exact: ({ settled }) => settled?.by ?? null },
      { title: 'Settled at', exact: ({ settled }) => settled?.at ?? null, human: ({ settled }) => minute(settled?.at ?? null) },
      { title: 'First bytes', exact: ({ preview }) => preview?.hex ?? null },
      { title: 'as text', exact: ({ preview }) => preview?.text ?? null },
    ]);
  }
}

@Verb({ name: 'replay', about: 'Puts the records of dead letters back on their topics as they came, each once', args: '<letters...>' })
class ReplayDeadLetters extends Command {
  async execute(letters: Args): Promise<void> {
    const done = await each(letters, (letterId) => this.client.replayDeadLetter({ params: { letterId } }));
    tell(this.cli, done, 'replayed');
  }
}

@Verb({ name: 'drop', about: 'Drops dead letters: they no longer count as open and can no longer be replayed', args: '<letters...>' })
class DropDeadLetters extends Command {
  static readonly options = YES;

  async execute(letters: Args, { yes }: Given<typeof DropDeadLetters.options>): Promise<void> {
    confirmed(yes, `drop dead letters (${count(letters.length)}), which can then no longer be replayed`);
    const done = await each(letters, (letterId) => this.client.dropDeadLetter({ params: { letterId } }));
    tell(this.cli, done, 'dropped');
  }
}

/** Records that nobody understood, and what becomes of them. */
@Verbs('dead-letters', [ListDeadLetters, ShowDeadLetter, ReplayDeadLetters, DropDeadLetters])
export class DeadLetters extends VerbGroup {}

/** One after another, so that the first that is refused stops the rest. */
const each = async (letters: readonly string[], work: (letterId: string) => Promise<DeadLetter>): Promise<DeadLetter[]> => {
  const done: DeadLetter[] = [];
  for (const letterId of letters) done.push(await work(letterId));
  return done;
};

const tell = (cli: Cli, items: readonly DeadLetter[], what: string): void =>
  cli.out.done({ items }, `Dead letters ${what}: ${count(items.length)}.`, String(items.length));
