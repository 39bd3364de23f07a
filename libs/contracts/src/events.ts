import type { z } from 'zod';
import { admissionEvents } from './admission.js';
import { auditEvents } from './audit.js';
import { buildEvents, partEvents } from './build.js';
import { credentialsEvents } from './credentials.js';
import { discoveryReportEvents, discoveryRunEvents } from './discovery.js';
import { readEnvelope, unreadableEvent, type Context, type RecordedEvent } from './envelope.js';
import type { EventOf, EventSchemas } from './event-shapes.js';
import { extractionEvents } from './extraction.js';
import { itemErrorEvents } from './item-errors.js';
import { couponEvents, licensingEvents } from './licensing.js';
import { operationEvents } from './operations.js';
import {
  customerEvents,
  dependentEvents,
  endpointEvents,
  mailboxJobEvents,
  nameEvents,
  placeEvents,
  projectEvents,
  rosterEvents,
} from './projects.js';
import { templateEvents } from './notice-templates.js';
import { appSecretEvents, outboxEvents, subscriptionEvents } from './notices.js';
import { peopleEvents } from './people.js';
import { readTolerantly } from './read-tolerantly.js';

/** Every event that is published: its context, its type, and the schema of its data. */
export const EVENTS = {
  licensing: { ...licensingEvents, ...couponEvents },
  projects: {
    ...customerEvents,
    ...endpointEvents,
    ...nameEvents,
    ...dependentEvents,
    ...projectEvents,
    ...rosterEvents,
    ...placeEvents,
    ...mailboxJobEvents,
    ...admissionEvents,
    ...itemErrorEvents,
    ...operationEvents,
    ...discoveryRunEvents,
    ...discoveryReportEvents,
  },
  credentials: credentialsEvents,
  extraction: extractionEvents,
  people: { ...peopleEvents, ...auditEvents },
  notices: { ...subscriptionEvents, ...templateEvents, ...outboxEvents, ...appSecretEvents },
  build: { ...partEvents, ...buildEvents },
} satisfies Readonly<Record<Context, EventSchemas>>;

/** Every event that is published. */
export type PublishedEvent = { [C in Context]: EventOf<(typeof EVENTS)[C]> }[Context];

const schemaOf = (context: Context, type: string): z.ZodObject | undefined => {
  const schemas: EventSchemas = EVENTS[context];
  return Object.hasOwn(schemas, type) ? schemas[type] : undefined;
};

const TYPES: ReadonlySet<string> = new Set(Object.values(EVENTS).flatMap((schemas) => Object.keys(schemas)));

/** Whether an event is of a type that this release knows; its data was checked when it was appended or read. */
export const isPublished = (event: RecordedEvent): event is RecordedEvent<PublishedEvent> => TYPES.has(event.type);

/** What was read from the value of a record that is still in memory: each consumer of a topic reads the same records. */
const lately = new WeakMap<Uint8Array, { readonly headers: object; readonly event: RecordedEvent<PublishedEvent> }>();

/** Reads an event from a record of an events topic; events are never changed, so one that was read lately is given again. Fault 'event.unreadable' (never): a header is missing or is not one of ours, a later
 *  release made it, or its data is not what its schema says; `header` or `type` and `fields` say where. */
export const fromCloudEvent = (headers: Readonly<Record<string, string>>, value: Uint8Array): RecordedEvent<PublishedEvent> => {
  const known = lately.get(value);
  if (known?.headers === headers) return known.event;
  const event = readNew(headers, value);
  lately.set(value, { headers, event });
  return event;
};

const readNew = (headers: Readonly<Record<string, string>>, value: Uint8Array): RecordedEvent<PublishedEvent> => {
  const event = readEnvelope(headers, value);
  const schema = schemaOf(event.context, event.type);
  if (schema === undefined) throw unreadableEvent({ header: 'ce_type', context: event.context, type: event.type });
  const read = readTolerantly(schema, event.data);
  if (!read.ok) throw unreadableEvent({ type: event.type, fields: read.error });
  // The schema is the one that the table has for this context and type, and the type of the events follows from the table.
  return { ...event, data: read.value } as RecordedEvent<PublishedEvent>;
};
