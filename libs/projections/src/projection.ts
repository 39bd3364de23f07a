import type { Context, RecordedEvent } from '@pstream/contracts';

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
  /** The document `id` after the event; null in = it does not exist yet, null out = it shall not exist. */
  readonly evolve: (document: D | null, event: RecordedEvent, id: string) => D | null;
  /** Dotted paths of scalar fields that `find` filters and sorts by; each gets an index. */
  readonly queryFields?: readonly string[];
};

/** A stored document with the last version it has seen of every stream that feeds it. */
export type Stored<D extends Document = Document> = { readonly id: string; readonly document: D; readonly seen: Readonly<Record<string, number>> };

export type Filter = Readonly<Record<string, string | number | boolean | null | { readonly in: readonly (string | number)[] }>>;
export type FindOptions = {
  readonly filter?: Filter;
  /** A declared query field; `-field` for descending. Ties are broken by id. */
  readonly sort?: string;
  readonly limit?: number;
  /** Skips this many documents. */
  readonly offset?: number;
};

/** The queries' side. */
export interface ProjectionReader {
  get<D extends Document>(projection: string, id: string): Promise<Stored<D> | undefined>;
  find<D extends Document>(projection: string, options?: FindOptions): Promise<{ readonly documents: readonly Stored<D>[]; readonly total: number }>;
}

/** The store behind the read models: single-document atomic writes guarded by position, no transactions, no change streams.
 *
 *  `apply` is idempotent: an event whose version is not above `seen[stream]` changes nothing. Documents are kept per
 *  generation; `find` and `get` read the live generation, so that a rebuild can fill another one beside it. */
export interface ProjectionStore extends ProjectionReader {
  /** Makes the collection and its indexes; the live generation is created if there is none. */
  prepare(projection: Projection, generation?: string): Promise<void>;
  /** Applies events in order to one generation (default the live one). Returns streams of which a version was missing
   *  (`> seen + 1` where the projection has seen that stream): the caller reads the hole and applies again. */
  apply(projection: Projection, events: readonly RecordedEvent[], generation?: string): Promise<void>;
  liveGeneration(projection: string): Promise<string>;
  /** Makes a filled generation the live one and drops the old one. */
  promote(projection: string, generation: string): Promise<void>;
  close(): Promise<void>;
}
