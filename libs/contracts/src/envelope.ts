import { Fault, type Facts } from '@pstream/kernel';

/** An event as its aggregate made it. `type` is PastTense; `data` is plain JSON. */
export type DomainEvent<Type extends string = string, Data = unknown> = { readonly type: Type; readonly data: Data };

declare const events: unique symbol;

/** The name of a stream that holds events of type `E` and no others. The stream functions of each context make them (`projectStream`);
 *  reading by such a name gives events of that type. */
export type StreamName<E extends DomainEvent = DomainEvent> = string & { readonly [events]: E };

/** Names a stream; for the stream functions of the contexts, which say what the stream holds, and for names that come out of a
 *  store, of whose events nothing is known. */
export const streamName = <E extends DomainEvent = DomainEvent>(name: string): StreamName<E> => name as StreamName<E>;

/** Bounded contexts; each publishes `<context>.events.v1`. */
export const CONTEXTS = ['licensing', 'projects', 'credentials', 'extraction', 'build', 'people', 'notices'] as const;
export type Context = (typeof CONTEXTS)[number];

/** Who and what caused an event. */
export type Metadata = {
  /** The command that was decided; the same id is never applied twice. */
  readonly commandId: string;
  /** Id of the user, token or service that sent the command. Never an address. */
  readonly by: string;
  /** Hash of the request that the command came from, when its sender may send it again. */
  readonly digest?: string;
  /** W3C trace context, when the command carried one. */
  readonly traceparent?: string;
};

/** An event as the store keeps it. `version` counts from 1 within the stream, without gaps. `at` is ISO 8601 UTC. */
export type RecordedEvent<E extends DomainEvent = DomainEvent> = E & {
  readonly id: string;
  readonly context: Context;
  readonly stream: StreamName;
  readonly version: number;
  readonly at: string;
  readonly metadata: Metadata;
};

/** Topic on which a context publishes its events. */
export const eventTopic = (context: Context): string => `${context}.events.v1`;

/** CloudEvents 1.0 in binary mode: the attributes as record headers, the data as the JSON value. */
export const toCloudEvent = (event: RecordedEvent): { key: string; headers: Record<string, string>; value: Uint8Array } => ({
  key: event.stream,
  headers: {
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: `pstream/${event.context}`,
    ce_type: `pstream.${event.context}.${event.type}.v1`,
    ce_subject: event.stream,
    ce_time: event.at,
    ce_sequence: String(event.version),
    ce_commandid: event.metadata.commandId,
    ce_by: event.metadata.by,
    'content-type': 'application/json',
    ...(event.metadata.traceparent === undefined ? {} : { traceparent: event.metadata.traceparent }),
  },
  value: new TextEncoder().encode(JSON.stringify(event.data)),
});

/** The Fault 'event.unreadable' (never): a record of an events topic that this release cannot read. `facts` say where, never what. */
export const unreadableEvent = (facts: Facts): Fault =>
  new Fault('event.unreadable', {
    retry: 'never',
    facts,
    advice: 'A newer release wrote the record, or it is damaged. Update pstream; the events themselves are in the event store.',
  });

/** Reads the envelope that `toCloudEvent` made; nothing is known of the data yet. Fault 'event.unreadable' (never) with the header that is
 *  missing or wrong. */
export const readEnvelope = (headers: Readonly<Record<string, string>>, value: Uint8Array): RecordedEvent => {
  const header = (name: string): string => {
    const found = headers[name];
    if (found === undefined) throw unreadableEvent({ header: name });
    return found;
  };
  const match = /^pstream\.([a-z]+)\.([A-Za-z]+)\.v1$/.exec(header('ce_type'));
  const context = CONTEXTS.find((known) => known === match?.[1]);
  if (match?.[2] === undefined || context === undefined) throw unreadableEvent({ header: 'ce_type' });
  const version = Number(header('ce_sequence'));
  if (!Number.isSafeInteger(version) || version < 1) throw unreadableEvent({ header: 'ce_sequence' });
  return {
    id: header('ce_id'),
    context,
    stream: streamName(header('ce_subject')),
    version,
    type: match[2],
    at: header('ce_time'),
    data: parseJson(value),
    metadata: {
      commandId: header('ce_commandid'),
      by: header('ce_by'),
      ...(headers['traceparent'] === undefined ? {} : { traceparent: headers['traceparent'] }),
    },
  };
};

const parseJson = (value: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(value));
  } catch {
    // The parser's message quotes the text.
    throw unreadableEvent({ fields: ['value: is not JSON'] });
  }
};
