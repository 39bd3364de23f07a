import { route } from '../route.js';
import { Drift, DriftQuery } from '../schemas/drift.js';
import { SupersededItems, SupersededQuery } from '../schemas/superseded.js';

const known = { 404: ['mailbox-job.unknown'] } as const;

/** What has changed in mailboxes since their export. */
export const changeRoutes = {
  getMailboxDrift: route({
    tag: 'Mailboxes',
    right: 'exports.run',
    recorded: true,
    summary: 'Show what has changed in a mailbox since its export',
    description:
      'Asks the tenant, folder by folder, and answers with a page after some seconds at most: go on with its `next`. Nothing is exported, and of what was found nothing is kept.',
    query: DriftQuery,
    answer: Drift,
    problems: { ...known, 409: ['mailbox-job.nothing-exported', 'mailbox-job.not-readable'] },
  }),
  listSuperseded: route({
    tag: 'Mailboxes',
    right: 'exports.view',
    recorded: true,
    summary: 'List the copies in PSTs that are not as the mailbox has them now',
    description:
      'As the updates of the mailbox found them: of a changed or moved item, which PST has the older copy and which the newer; of one that is gone, which has it. ' +
      'Nothing is removed from a PST. Empty before the first update.',
    query: SupersededQuery,
    answer: SupersededItems,
    problems: known,
  }),
};
