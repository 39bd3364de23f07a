import { CONTEXTS, eventTopic, ITEMS_TOPIC, WORK_TOPIC } from '@pstream/contracts';
import type { Transport } from '@pstream/transport';

/** What may stand on a topic: junk, JSON of nobody, an unknown kind of ours, an event of a later release. */
const POISON = [
  { headers: {}, value: 'junk' },
  { headers: { 'content-type': 'application/json' }, value: '{"type":"PassStarted","data":{}}' },
  { headers: { 'ps-meta': '{"kind":"hologram","passId":"01J8ZQ4N5W9K7C1B2D3E4F5G6H"}' }, value: '{"kind":"hologram"}' },
  { headers: { ce_specversion: '1.0', ce_type: 'pstream.projects.PassStarted.v2', ce_sequence: '1' }, value: '{}' },
] as const;
/** Many keys, so that each partition has its share. */
const KEYS = 16;

/** Topics that every system has. */
export const POISONED = [...CONTEXTS.map(eventTopic), WORK_TOPIC, ITEMS_TOPIC];
/** Records that `poison` puts on each of them. */
export const POISON_RECORDS = KEYS * POISON.length;

/** Puts poison on every partition of every topic. */
export const poison = async (transport: Transport): Promise<void> => {
  for (const topic of POISONED) {
    const records = Array.from({ length: KEYS }, (_, key) =>
      POISON.map(({ headers, value }) => ({ key: `key-${key}`, headers, value: new TextEncoder().encode(value) })),
    );
    await transport.send(topic, records.flat());
  }
};
