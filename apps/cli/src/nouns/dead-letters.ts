import type { DeadLetter } from '@pstream/api';
import { allPages } from '@pstream/api/client';
import { z } from 'zod';
import type { Cli } from '../cli/cli.js';
import { confirmed, YES, yesField } from '../cli/confirmed.js';
import { verb, type Verb } from '../cli/verb.js';
import { count, minute, size } from '../output/format.js';

const LETTER_STATES = ['open', 'replayed', 'dropped', 'all'] as const;

/** Records that nobody understood, and what becomes of them. */
export const deadLetterVerbs: readonly Verb[] = [
  verb({
    verb: 'dead-letters list',
    about: 'Lists dead letters: records of the message log that could not be processed, newest first; by default those that are open',
    flags: {
      topic: ['--topic <topic>', 'Only those of this topic'],
      state: ['--state <state>', 'open (default), replayed, dropped, or all'],
    },
    options: z.strictObject({ topic: z.string().min(1).optional(), state: z.enum(LETTER_STATES).default('open') }),
    run: async (cli, _args, filter) => {
      const found = await allPages((page) => cli.client().listDeadLetters({ query: { ...page, ...filter } }));
      await cli.out.list(
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
    },
  }),
  verb({
    verb: 'dead-letters show',
    about: 'Shows a dead letter: where it stood, why nobody understood it, and on control topics its first bytes',
    args: '<letter>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, [letterId = '']) => {
      const letter = await cli.client().getDeadLetter({ params: { letterId } });
      await cli.out.record(letter, letter, [
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
    },
  }),
  verb({
    verb: 'dead-letters replay',
    about: 'Puts the records of dead letters back on their topics as they came, each once',
    args: '<letters...>',
    flags: {},
    options: z.strictObject({}),
    run: async (cli, letters) => {
      const done = await each(letters, (letterId) => cli.client().replayDeadLetter({ params: { letterId } }));
      tell(cli, done, 'replayed');
    },
  }),
  verb({
    verb: 'dead-letters drop',
    about: 'Drops dead letters: they no longer count as open and can no longer be replayed',
    args: '<letters...>',
    flags: YES,
    options: z.strictObject(yesField),
    run: async (cli, letters, { yes }) => {
      confirmed(yes, `drop dead letters (${count(letters.length)}), which can then no longer be replayed`);
      const done = await each(letters, (letterId) => cli.client().dropDeadLetter({ params: { letterId } }));
      tell(cli, done, 'dropped');
    },
  }),
];

/** One after another, so that the first that is refused stops the rest. */
const each = async (letters: readonly string[], work: (letterId: string) => Promise<DeadLetter>): Promise<DeadLetter[]> => {
  const done: DeadLetter[] = [];
  for (const letterId of letters) done.push(await work(letterId));
  return done;
};

const tell = (cli: Cli, items: readonly DeadLetter[], what: string): void =>
  cli.out.done({ items }, `Dead letters ${what}: ${count(items.length)}.`, String(items.length));
