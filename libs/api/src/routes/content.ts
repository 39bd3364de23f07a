import { Done } from '../schemas/answers.js';
import { PartFolders, PartMessage, PartMessages, PartMessagesQuery, ViewingBody } from '../schemas/content.js';
import { route } from '../route.js';

const problems = { 403: ['project.viewing-off'], 404: ['mailbox-job.unknown', 'part.unknown'], 409: ['part.not-readable'] } as const;
const within = { ...problems, 404: [...problems[404], 'part.no-such-item'] } as const;

/** Looking at messages in finished PSTs. */
export const contentRoutes = {
  permitViewing: route({
    tag: 'Content',
    right: 'content.permit',
    versioned: true,
    summary: 'Say whether the content of the PSTs of a project may be looked at',
    description: 'It may not at first. Both hold from the next request on.',
    body: ViewingBody,
    answer: Done,
    problems: { 404: ['project.unknown'], 409: ['project.is-discovery'] },
  }),
  listPartFolders: route({
    tag: 'Content',
    right: 'content.view',
    recorded: true,
    summary: 'List the folders of a finished PST',
    answer: PartFolders,
    problems,
  }),
  listPartMessages: route({
    tag: 'Content',
    right: 'content.view',
    recorded: true,
    summary: 'List the messages of a folder of a PST, or search subjects',
    description: 'A search answers within seconds with what it has found so far, and goes on from `next`.',
    query: PartMessagesQuery,
    answer: PartMessages,
    problems: within,
  }),
  getPartMessage: route({
    tag: 'Content',
    right: 'content.view',
    recorded: true,
    summary: 'Show a message in a PST, as text',
    answer: PartMessage,
    problems: within,
  }),
  showPartMessage: route({
    tag: 'Content',
    right: 'content.view',
    recorded: true,
    summary: 'Show the HTML of a message in a PST, made safe',
    description: 'Nothing in it runs, is fetched or leads anywhere. Its policy lets it stand in a frame of the console and nowhere else.',
    answer: {
      mediaType: 'text/html',
      description: 'A page of the message; empty if it has no HTML.',
      example: '<!doctype html><html><head><title>Message</title></head><body><p>Hello</p></body></html>',
    },
    problems: within,
  }),
  downloadPartAttachment: route({
    tag: 'Content',
    right: 'content.view',
    recorded: true,
    summary: 'Download an attachment of a message in a PST',
    description: 'As it was attached, and not checked for anything.',
    answer: { mediaType: 'application/octet-stream', description: 'Its bytes.', example: 'Hello' },
    problems: within,
  }),
};
