import {
  AUDIT_SEGMENT,
  auditStream,
  auditStreams,
  type AuditEvent,
  type CommandMeta,
  type CommandReply,
  type ReadAudit,
  type ReadAuditReply,
  type RecordAudit,
  type StreamName,
} from '@pstream/contracts';
import { isVersionConflict, type EventStore } from '@pstream/event-store';
import { isFault } from '@pstream/kernel';
import { headAfter, NEW_CHAIN, recordAfter, type ChainHead } from '../domain/audit/chain.js';

/** How often another process may be first before the record is given up. */
const ATTEMPTS = 50;

/** Chains of records, each in streams of `AUDIT_SEGMENT` records. Records are appended one after another; where another process was first, the end
 *  of the chain is read again. */
export class AuditTrail {
  readonly #store: EventStore;
  readonly #heads = new Map<string, ChainHead>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Appends a record once. Faults of the event store. */
  record(body: RecordAudit, meta: CommandMeta): Promise<CommandReply> {
    const append = (): Promise<CommandReply> => this.#append(body, meta);
    const turn = (this.#turns.get(body.chain) ?? Promise.resolve()).then(append, append);
    this.#turns.set(
      body.chain,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** Records behind a position, as they are stored: what was put in or taken out shows. */
  async read({ chain, after, limit }: ReadAudit): Promise<ReadAuditReply> {
    let segment = Math.floor(after / AUDIT_SEGMENT) + 1;
    let version = after % AUDIT_SEGMENT;
    const last = await this.#lastSegment(chain);
    for (; segment <= last; segment++, version = 0) {
      const events = (await this.#store.read(auditStream(chain, segment), version)).slice(0, limit);
      if (events.length === 0) continue;
      const end = (segment - 1) * AUDIT_SEGMENT + (events.at(-1)?.version ?? 0);
      return { records: events.map(({ data: { record, sha256 } }) => ({ record, sha256 })), next: end };
    }
    return { records: [], next: null };
  }

  async #append({ chain, entry }: RecordAudit, { commandId, by, at }: CommandMeta): Promise<CommandReply> {
    for (let attempt = 1; ; attempt++) {
      const head = this.#heads.get(chain) ?? (await this.#readHead(chain));
      const { event, head: next } = recordAfter(head, chain, entry, at);
      const stream = auditStream(chain, head.segment);
      // Until it is known that the record is there, nobody may go on from here.
      this.#heads.delete(chain);
      try {
        const appended = await this.#store.append({
          context: 'people',
          stream,
          expectedVersion: head.version,
          events: [event],
          at,
          metadata: { commandId, by },
        });
        if (!appended.duplicate) this.#heads.set(chain, next);
        return { accepted: true, stream: appended.events[0]?.stream ?? stream, version: appended.version };
      } catch (error) {
        if (!isFault(error) || !isVersionConflict(error) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #readHead(chain: string): Promise<ChainHead> {
    const last = await this.#lastSegment(chain);
    const events = last === 0 ? [] : await this.#store.read(auditStream(chain, last));
    const end = events.at(-1);
    return end === undefined ? NEW_CHAIN : headAfter(last, end.version, end);
  }

  /** 0 for a chain that has not begun. */
  async #lastSegment(chain: string): Promise<number> {
    const prefix = auditStreams(chain);
    let last: StreamName<AuditEvent> | undefined;
    for await (const name of this.#store.streams(prefix)) last = name as StreamName<AuditEvent>;
    return last === undefined ? 0 : Number(last.slice(prefix.length));
  }
}
