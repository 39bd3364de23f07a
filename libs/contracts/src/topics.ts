import { CHANGES_TOPIC, SUMS_GROUP } from './changes.js';
import { CONTEXTS, eventTopic } from './envelope.js';

/** Work units of the extractors; key = mailbox job. */
export const WORK_TOPIC = 'extraction.work.v1';
/** Items on their way from extractor to pst-builder; key = mailbox job. */
export const ITEMS_TOPIC = 'extraction.items.v1';
/** Consumer groups of the two. */
export const WORK_GROUP = 'extractor.work.v1';
export const ITEMS_GROUP = 'pst-builder.items.v1';

/** Every durable topic of the system. Partitions bound how many workers share a topic. */
export const topics = (partitions: { readonly work: number; readonly items: number; readonly events: number }) =>
  [
    ...CONTEXTS.map((context) => ({ name: eventTopic(context), partitions: partitions.events, durability: 'durable' as const })),
    { name: WORK_TOPIC, partitions: partitions.work, durability: 'durable' as const, retainFor: [WORK_GROUP] },
    { name: CHANGES_TOPIC, partitions: partitions.events, durability: 'durable' as const, retainFor: [SUMS_GROUP] },
    { name: ITEMS_TOPIC, partitions: partitions.items, durability: 'durable' as const, retainFor: [ITEMS_GROUP] },
  ] as const;

/** Topics of commands, `<service>.commands.v1`, and of the answers to them. */
const COMMANDS = /^[a-z-]+\.commands\.v1$/;
const ANSWERS = /^[A-Za-z0-9-]+\.replies\.v1$/;

/** Whether a topic steers the system and never carries mail: events, commands, units of work, changes. */
export const isControlTopic = (name: string): boolean =>
  name === WORK_TOPIC || name === CHANGES_TOPIC || CONTEXTS.some((context) => name === eventTopic(context)) || COMMANDS.test(name);

/** Whether a topic is one of this system; a broker may serve others too. */
export const isOurTopic = (name: string): boolean => name === ITEMS_TOPIC || isControlTopic(name) || ANSWERS.test(name);
