import { DeadLetter, DeadLetterDetail, DeadLetters } from '../schemas/dead-letters.js';
import { DeadLetterQuery } from '../schemas/queries.js';
import { route } from '../route.js';

const known = { 404: ['dead-letter.unknown'] } as const;

/** Records that nobody understood. */
export const deadLetterRoutes = {
  listDeadLetters: route({
    tag: 'Administration',
    right: 'system',
    recorded: false,
    summary: 'List the dead letters, newest first',
    description:
      'A record of the message log that nobody understands is put aside as a dead letter, and its partition goes on. By default those are listed that ' +
      'nobody has replayed or dropped.',
    query: DeadLetterQuery,
    answer: DeadLetters,
  }),
  getDeadLetter: route({
    tag: 'Administration',
    right: 'system',
    recorded: true,
    summary: 'Show a dead letter',
    answer: DeadLetterDetail,
    problems: known,
  }),
  replayDeadLetter: route({
    tag: 'Administration',
    right: 'system',
    summary: 'Replay a dead letter',
    description:
      'Puts the record back on its topic as it came, under its key: after an update that understands it, or when its damage was mended. One that is ' +
      'still not understood becomes another letter. A letter that was replayed is not replayed again.',
    answer: DeadLetter,
    problems: { ...known, 409: ['dead-letter.not-whole', 'dead-letter.dropped', 'dead-letter.topic-gone'] },
  }),
  dropDeadLetter: route({
    tag: 'Administration',
    right: 'system',
    summary: 'Drop a dead letter',
    description: 'It counts as open no longer and cannot be replayed any more. A letter that was replayed or dropped stays as it is.',
    answer: DeadLetter,
    problems: known,
  }),
};
