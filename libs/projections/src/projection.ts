import type { Amounts, Change, Context, RecordedEvent, Share } from '@pstream/contracts';

/** A document of a projection: plain JSON. */
export type Document = Readonly<Record<string, unknown>>;

/** A read model, named after the question it answers.
 *
 *  Events of one stream arrive in order and once; between streams there is no order, so `evolve` must not care which
 *  of two streams comes first. It is pure. */
export type Projection<D extends Document = Document> = {
  /** snake_case with its version, e.g. `export_progress_v1`. */
  readonly name: string;
  readonly contexts: readonly Context[];
  /** Which documents an event concerns; none = it does not matter here. */
  readonly keys: (event: RecordedEvent) => readonly string[];
  /** The document `id` after the event; null in = it does not exist yet, null out = it shall not exist.
   *  Written as a method, so that projections of different documents fit into one list. */
  evolve(document: D | null, event: RecordedEvent, id: string): D | null;
  /** Whom a document concerns and what it counts for; its changes are published. Without it nobody hears of them. */
  announce?(document: D, id: string): Announcement;
  /** Dotted paths of scalar fields that `find` filters and sorts by. */
  readonly queryFields?: readonly string[];
  /** Dotted paths of texts that `find` searches in; with `~` before all of them, also by what looks alike: `customer` finds `Cust0mer`. */
  readonly searchFields?: readonly string[];
  /** How lists are read; each becomes an index. By default one for each query field alone. */
  readonly orders?: readonly ListOrder[];
};

/** What a change of a document carries besides its place. A document without a share counts nowhere. One that is `gone` stays only so that
 *  events which arrive late do not bring it back. */
export type Announcement = Pick<Change, 'projectId' | 'customerId' | 'workgroupId'> & { readonly share?: Share; readonly gone?: true };

/** An index for lists that are narrowed to one value of each `within` field and sorted by `sort`. It also holds the `filter` fields and
 *  the search text, so that rows which do not match are passed over without being read. All of them are query fields. */
export type ListOrder = { readonly within?: readonly string[]; readonly sort: string; readonly filter?: readonly string[] };

/** A stored document with the last version it has seen of every stream that feeds it. */
export type Stored<D extends Document = Document> = {
  readonly id: string;
  readonly document: D;
  readonly seen: Readonly<Record<string, number>>;
};

export type Filter = Readonly<Record<string, string | number | boolean | null | In | NotIn | Range>>;
type In = { readonly in: readonly (string | number)[] };
/** From a text on, and before another one. */
export type Range = { readonly from?: string; readonly before?: string };
type NotIn = { readonly notIn: readonly (string | number)[] };
export type FindOptions = {
  readonly filter?: Filter;
  /** Only documents with a search field that contains this text, whatever its case and its accents. */
  readonly search?: string;
  /** A declared query field; `-field` for descending. Ties are broken by id, in the same direction. Without it: by id. */
  readonly sort?: string;
  readonly limit?: number;
  /** The `next` of the page before, with the same `sort`. A document that changes meanwhile is on the page where it then belongs. */
  readonly after?: string;
};

/** A page of documents. `next` is there if more follow; `total` counts all documents that match, on whatever page. */
export type Found<D extends Document = Document> = {
  readonly documents: readonly Stored<D>[];
  readonly next?: string;
  readonly total: number;
};

/** How far the sums are with one document. */
export type Revisions = { readonly current: number; readonly counted: number };

/** A rebuild of a view that was asked for, as it is on record. Times are ISO 8601 in UTC. */
export type RebuildRecord = {
  /** Grows with every note; whoever notes must know the last one. */
  readonly revision: number;
  readonly state: 'requested' | 'running' | 'done' | 'failed';
  /** Events replayed so far. */
  readonly events: number;
  readonly requestedAt: string;
  readonly updatedAt: string;
  /** The process that runs or ran it. */
  readonly owner: string | null;
  /** Why it failed. */
  readonly code: string | null;
};

/** The queries' side. */
export interface ProjectionReader {
  get<D extends Document>(projection: string, id: string): Promise<Stored<D> | undefined>;
  /** Filters and sorts by declared query fields only. A projection that nobody has prepared is empty.
   *  Fault 'projection.bad-cursor' (never) for an `after` that is not the `next` of a page in this order. */
  find<D extends Document>(projection: string, options?: FindOptions): Promise<Found<D>>;
  /** Version of a stream up to which the live generation holds everything, 0 before its first event. Other than `seen`,
   *  it moves with events that concern no document, so a query can wait for the version that a command returned. */
  position(projection: string, stream: string): Promise<number>;
  /** Sums over the documents of the live generation, by scope: what `addUp` has added. Nothing was added: no amounts. */
  sums(projection: string, scopes: readonly string[]): Promise<ReadonlyMap<string, Amounts>>;
  /** The revision of a document of the live generation, and the one in which it counts in the sums; 0 where there is none. */
  revisions(projection: string, id: string): Promise<Revisions>;
  /** The generation that queries read. */
  liveGeneration(projection: string): Promise<string>;
  /** The last rebuild of each view that was ever asked for one. */
  rebuilds(): Promise<ReadonlyMap<string, RebuildRecord>>;
  /** Notes how far a rebuild is, if its record still has this revision, 0 for none; false if not. The projection must be prepared. */
  noteRebuild(projection: string, record: Omit<RebuildRecord, 'revision'>, revision: number): Promise<boolean>;
}

/** A document in one generation, as it is now; null if it is gone. */
export type Version = {
  readonly generation: string;
  readonly live: boolean;
  readonly id: string;
  readonly revision: number;
  readonly document: Document | null;
};

/** A document's share in sums, from the record at `offset`. Without a share it counts nowhere (any more). */
export type ShareAt = Pick<Change, 'id' | 'generation' | 'revision' | 'share'> & { readonly offset: number };

/** Events that did not arrive: those of `stream` with versions above `seen` and below `next`. */
export type Hole = { readonly generation: string; readonly stream: string; readonly seen: number; readonly next: number };

/** The store behind the read models: single-document atomic writes guarded by position, no transactions, no change streams.
 *
 *  `apply` is idempotent: an event whose version is not above `seen[stream]` changes nothing. Documents are kept per
 *  generation; `find` and `get` read the live generation, so that a rebuild can fill another one beside it.
 *
 *  Faults: 'projection.generation-gone' (never) for a named generation that is neither live nor being filled,
 *  'projection.contended' (retry), and those of the database behind it. */
export interface ProjectionStore extends ProjectionReader {
  /** Makes the collection and its indexes; the live generation is created if there is none. Another generation than the live
   *  one starts empty and is filled from then on; one that was being filled before is dropped. */
  prepare(projection: Projection, generation?: string): Promise<void>;
  /** Applies events in order to one generation; by default to the live one and to the one that is being filled, if any.
   *  Where a version is missing, the stream stops there and the hole is returned: the caller reads it from the event
   *  store and applies again. */
  apply(projection: Projection, events: readonly RecordedEvent[], generation?: string): Promise<readonly Hole[]>;
  /** The documents that are or were there, in the live generation and the one that is being filled. */
  versions(projection: string, ids: readonly string[]): Promise<readonly Version[]>;
  /** Adds shares of documents up, from one partition of the topic of changes, in its order. Whatever is repeated counts once: a sum knows
   *  the offset up to which it has counted each partition, and the share that a document had before is subtracted. Shares in a
   *  generation that is gone are passed over. Two writers on one partition do no harm. */
  addUp(projection: string, partition: number, shares: readonly ShareAt[]): Promise<void>;
  /** Forgets documents, shares and sums whose id or scope comes before this text. */
  prune(projection: string, before: string): Promise<void>;
  /** Resolves when everything applied so far outlives a power cut; until then it outlives the death of the process. */
  settle(): Promise<void>;
  /** Makes the generation that is being filled the live one and drops the old one. */
  promote(projection: string, generation: string): Promise<void>;
  /** Drops a generation that is being filled; nothing happens if it is not (any more). */
  discard(projection: string, generation: string): Promise<void>;
  close(): Promise<void>;
}
