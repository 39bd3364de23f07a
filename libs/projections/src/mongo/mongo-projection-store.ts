import type { Amounts, RecordedEvent } from '@pstream/contracts';
import { assert, Fault } from '@pstream/kernel';
import { DURABLE, isDuplicateKey, mongoFaults, requireMajority } from '@pstream/storage/mongo';
import { MongoClient, type AnyBulkWriteOperation, type Collection, type Db } from 'mongodb';
import { isDeepStrictEqual } from 'node:util';
import { byDocument, checkNames, evolveRow, FIRST_GENERATION, generationGone, separate, type Row } from '../applying.js';
import { pageOf, searchText } from '../finding.js';
import { directionsOf, following, matching, prepareRows, type Asked, type StoredRow } from './mongo-find.js';
import { MongoSums } from './mongo-sums.js';
import type { Document, FindOptions, Hole, Projection, ProjectionStore, RebuildRecord, Stored, Version } from '../projection.js';

/** A database that somebody else opened and closes, or a connection string (its path names the database). */
export type MongoProjectionStoreOptions = { readonly db: Db } | { readonly url: string };

type Position = { readonly _id: string; readonly version: number };
type Meta = Asked & { readonly _id: string; readonly live: string; readonly filling: string | null; readonly rebuild?: RebuildRecord };

/** How often writers may get in each other's way before the batch is given back. */
const ATTEMPTS = 20;
const faults = <T>(work: () => Promise<T>): Promise<T> => mongoFaults('projection-store', work);
/** One place retries, and it is not the driver. */
const NO_RETRIES = { retryWrites: false, retryReads: false };

/** Read models on MongoDB, within what every deployment offers: single-document writes guarded by `rev`, upserts, and a
 *  duplicate key means that somebody else was first. Positions are written after the documents: a crash in between
 *  repeats events, which the documents have seen. Two projectors on one stream do no harm. */
export const mongoProjectionStore = async (options: MongoProjectionStoreOptions): Promise<ProjectionStore> => {
  const own =
    'url' in options
      ? new MongoClient(options.url, { serverSelectionTimeoutMS: 10_000, socketTimeoutMS: 30_000, ...NO_RETRIES })
      : undefined;
  const db = 'db' in options ? options.db : own?.db();
  assert(db !== undefined, 'a database or a connection string');
  requireMajority(own === undefined ? db.writeConcern : own.options.writeConcern);
  const metas = db.collection<Meta>('projections', DURABLE);
  const rowsOf = (name: string, generation: string): Collection<StoredRow> => db.collection<StoredRow>(`${name}__${generation}`, DURABLE);
  const positionsOf = (name: string, generation: string): Collection<Position> =>
    db.collection<Position>(`${name}__${generation}__positions`, DURABLE);

  const sumsOf = (name: string, generation: string): MongoSums => new MongoSums(db, `${name}__${generation}`);

  /** What cannot be dropped now, or is written by a late projector afterwards, goes before the next rebuild. */
  const drop = async (name: string, generation: string): Promise<void> => {
    await Promise.allSettled([rowsOf(name, generation).drop(), positionsOf(name, generation).drop(), sumsOf(name, generation).drop()]);
  };
  const dropLeftovers = async (name: string, kept: readonly string[]): Promise<void> => {
    for (const { name: collection } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      const generation = collection.startsWith(`${name}__`) ? collection.slice(name.length + 2).split('__')[0] : undefined;
      if (generation !== undefined && !kept.includes(generation)) await db.collection(collection).drop();
    }
  };
  const applyTo = async (projection: Projection, events: readonly RecordedEvent[], generation: string): Promise<readonly Hole[]> => {
    const known = positionsOf(projection.name, generation);
    const streams = [...new Set(events.map((event) => event.stream))];
    const positions = new Map((await known.find({ _id: { $in: streams } }).toArray()).map(({ _id, version }) => [_id, version]));
    const { fresh, holes } = separate(events, positions, generation);
    if (fresh.length === 0) return holes;
    const concerning = byDocument(projection, fresh);
    const rows = rowsOf(projection.name, generation);
    for (let attempt = 1; concerning.size > 0 && !(await writeRows(rows, projection, concerning)); attempt++) {
      if (attempt === ATTEMPTS)
        throw new Fault('projection.contended', { retry: { afterMs: 100 }, facts: { projection: projection.name, attempts: ATTEMPTS } });
    }
    await movePositions(known, new Map(fresh.map(({ stream }) => [stream, positions.get(stream) ?? 0])));
    return holes;
  };

  return {
    prepare: (projection, generation) =>
      faults(async () => {
        const { name, queryFields = [], searchFields = [] } = projection;
        checkNames(name, generation ?? FIRST_GENERATION);
        await metas
          .updateOne(
            { _id: name },
            { $setOnInsert: { live: FIRST_GENERATION, filling: null, queryFields: [], searchFields: [] } },
            { upsert: true },
          )
          .catch((error: unknown) => {
            if (!isDuplicateKey(error)) throw error;
          });
        const meta = await metas.findOne({ _id: name });
        const live = meta?.live ?? FIRST_GENERATION;
        const isKnown = isDeepStrictEqual(meta?.searchFields ?? [], searchFields);
        await prepareRows(rowsOf(name, live), projection, !isKnown);
        await sumsOf(name, live).prepare();
        await metas.updateOne({ _id: name }, { $set: { queryFields: [...queryFields], searchFields: [...searchFields] } });
        if (generation === undefined || generation === live) return;
        // Nobody fills while the leftovers go; the switch below is what starts the filling.
        await metas.updateOne({ _id: name }, { $set: { filling: null } });
        await dropLeftovers(name, [live]);
        await prepareRows(rowsOf(name, generation), projection, false);
        await sumsOf(name, generation).prepare();
        await metas.updateOne({ _id: name, live }, { $set: { filling: generation } });
      }),
    apply: (projection, events, generation) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: projection.name });
        const there = generationsOf(meta);
        const wanted = generation === undefined ? there : [generation];
        if (wanted.length === 0 || !wanted.every((one) => there.includes(one))) throw generationGone(projection.name, generation ?? 'live');
        const holes: Hole[] = [];
        for (const one of wanted) holes.push(...(await applyTo(projection, events, one)));
        return holes;
      }),
    versions: (name, ids) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        const versions: Version[] = [];
        for (const generation of generationsOf(meta)) {
          for (const { _id: id, rev: revision, document } of await rowsOf(name, generation)
            .find({ _id: { $in: [...ids] } })
            .toArray())
            versions.push({ generation, live: generation === meta?.live, id, revision, document });
        }
        return versions;
      }),
    addUp: (name, partition, shares) =>
      faults(async () => {
        const there = generationsOf(await metas.findOne({ _id: name }));
        for (const generation of new Set(shares.map((share) => share.generation))) {
          const own = shares.filter((share) => share.generation === generation);
          if (there.includes(generation)) await sumsOf(name, generation).addUp(partition, own);
        }
      }),
    prune: (name, before) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        if (meta === null) return;
        await rowsOf(name, meta.live).deleteMany({ _id: { $lt: before } });
        await sumsOf(name, meta.live).prune(before);
      }),
    // Every write has been acknowledged by a majority, on their disks.
    settle: () => Promise.resolve(),
    liveGeneration: (name) => faults(async () => (await metas.findOne({ _id: name }))?.live ?? FIRST_GENERATION),
    promote: (name, generation) =>
      faults(async () => {
        const before = await metas.findOneAndUpdate({ _id: name, filling: generation }, { $set: { live: generation, filling: null } });
        if (before === null) throw generationGone(name, generation);
        await drop(name, before.live);
      }),
    discard: (name, generation) =>
      faults(async () => {
        const done = await metas.updateOne({ _id: name, filling: generation }, { $set: { filling: null } });
        if (done.matchedCount > 0) await drop(name, generation);
      }),
    get: <D extends Document>(name: string, id: string) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        const row = meta === null ? null : await rowsOf(name, meta.live).findOne({ _id: id });
        return row === null ? undefined : toStored<D>(row);
      }),
    find: <D extends Document>(name: string, wanted: FindOptions = {}) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        if (meta === null) return { documents: [], total: 0 };
        const rows = rowsOf(name, meta.live);
        const filter = matching(wanted, meta);
        const total = await rows.countDocuments(filter);
        if (wanted.limit === 0) return { documents: [], total };
        const found = await rows
          .find(following(filter, wanted, meta))
          .sort(directionsOf(wanted, meta))
          .limit(wanted.limit === undefined ? 0 : wanted.limit + 1)
          .toArray();
        const documents = found.flatMap((row) => toStored<D>(row) ?? []);
        return pageOf(documents, total, wanted);
      }),
    position: (name, stream) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        return meta === null ? 0 : ((await positionsOf(name, meta.live).findOne({ _id: stream }))?.version ?? 0);
      }),
    sums: (name, scopes) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        return meta === null ? new Map<string, Amounts>() : sumsOf(name, meta.live).of(scopes);
      }),
    revisions: (name, id) =>
      faults(async () => {
        const meta = await metas.findOne({ _id: name });
        if (meta === null) return { current: 0, counted: 0 };
        const current = (await rowsOf(name, meta.live).findOne({ _id: id }))?.rev ?? 0;
        return { current, counted: await sumsOf(name, meta.live).countedRevision(id) };
      }),
    rebuilds: () =>
      faults(async () => {
        const found = await metas
          .find({ rebuild: { $exists: true } })
          .sort({ _id: 1 })
          .toArray();
        return new Map(found.flatMap(({ _id, rebuild }): [string, RebuildRecord][] => (rebuild === undefined ? [] : [[_id, rebuild]])));
      }),
    noteRebuild: (name, record, revision) =>
      faults(async () => {
        const before = revision === 0 ? { rebuild: { $exists: false } } : { 'rebuild.revision': revision };
        const done = await metas.updateOne({ _id: name, ...before }, { $set: { rebuild: { ...record, revision: revision + 1 } } });
        return done.matchedCount === 1;
      }),
    close: async () => {
      await own?.close();
    },
  };
};

/** The generation that is read, and the one that is being filled. */
const generationsOf = (meta: Meta | null): readonly string[] =>
  meta === null ? [] : [meta.live, ...(meta.filling === null ? [] : [meta.filling])];

/** One try to bring all documents up to date; false if somebody else wrote one of them meanwhile. */
const writeRows = async (
  rows: Collection<StoredRow>,
  projection: Projection,
  concerning: ReadonlyMap<string, readonly RecordedEvent[]>,
): Promise<boolean> => {
  const found = new Map((await rows.find({ _id: { $in: [...concerning.keys()] } }).toArray()).map((row) => [row._id, row]));
  const writes: AnyBulkWriteOperation<StoredRow>[] = [];
  let replaced = 0;
  for (const [id, events] of concerning) {
    const stored = found.get(id);
    const row = evolveRow(projection, id, stored === undefined ? undefined : toRow(stored), events);
    if (row === undefined) continue;
    const seen = Object.entries(row.seen).map(([stream, version]) => ({ stream, version }));
    const search = searchText(row.document, projection.searchFields ?? []);
    const next = { rev: (stored?.rev ?? 0) + 1, document: row.document, seen, search };
    if (stored === undefined) writes.push({ insertOne: { document: { _id: id, ...next } } });
    else {
      writes.push({ replaceOne: { filter: { _id: id, rev: stored.rev }, replacement: next } });
      replaced++;
    }
  }
  if (writes.length === 0) return true;
  try {
    const result = await rows.bulkWrite(writes, { ordered: false });
    return result.matchedCount === replaced;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
};

/** Positions only ever grow. Two first writes of one stream may collide: the second try finds the document there. */
const movePositions = async (positions: Collection<Position>, reached: ReadonlyMap<string, number>): Promise<void> => {
  const writes = [...reached].map(([stream, version]) => ({
    updateOne: { filter: { _id: stream }, update: { $max: { version } }, upsert: true },
  }));
  for (let attempt = 1; ; attempt++) {
    try {
      await positions.bulkWrite(writes, { ordered: false });
      return;
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === ATTEMPTS) throw error;
    }
  }
};

const toRow = ({ document, seen }: StoredRow): Row => ({
  document,
  seen: Object.fromEntries(seen.map(({ stream, version }) => [stream, version])),
});

// The projection's own `evolve` made the document, so its type is what the caller names.
const toStored = <D extends Document>(row: StoredRow): Stored<D> | undefined =>
  row.document === null ? undefined : { id: row._id, document: row.document as D, seen: toRow(row).seen };
