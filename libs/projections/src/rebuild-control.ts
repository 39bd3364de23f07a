import { isFault, type Clock } from '@pstream/kernel';
import type { ProjectionReader, ProjectionStore, RebuildRecord } from './projection.js';
import type { RebuildProgress } from './rebuild.js';

/** How often a projector looks for rebuilds that were asked for. */
const LOOK_EVERY_MS = 500;
/** How often a running rebuild says how far it is. */
const BEAT_MS = 2_000;
/** After so long a silence the projector that ran a rebuild is taken for dead, and another one begins it again. */
const DEAD_AFTER_MS = 15_000;

/** Asks the projectors for a rebuild of a view; one that is under way stays the one that is under way. */
export const requestRebuild = async (store: ProjectionReader, clock: Clock, name: string): Promise<RebuildRecord> => {
  for (;;) {
    const before = (await store.rebuilds()).get(name);
    if (before?.state === 'requested' || before?.state === 'running') return before;
    const at = clock.now();
    const record = { state: 'requested', events: 0, requestedAt: at, updatedAt: at, owner: null, code: null } as const;
    if (await store.noteRebuild(name, record, before?.revision ?? 0)) return { ...record, revision: (before?.revision ?? 0) + 1 };
  }
};

export type RebuildsOptions = {
  readonly store: ProjectionStore;
  readonly clock: Clock;
  /** Names this process among projectors. */
  readonly owner: string;
  readonly names: readonly string[];
  readonly rebuild: (
    name: string,
    options: { readonly onProgress: (progress: RebuildProgress) => void; readonly signal: AbortSignal },
  ) => Promise<RebuildProgress>;
  /** Called with what made a rebuild fail; the live view goes on. */
  readonly failed: (name: string, error: unknown) => void;
  readonly signal: AbortSignal;
};

/** Runs the rebuilds that are asked for, one after another, until the signal. One that was cut off by a crash begins again, here or in
 *  another process. */
export const runRebuilds = async (options: RebuildsOptions): Promise<void> => {
  const { store, clock, names, signal } = options;
  while (!signal.aborted) {
    try {
      for (const [name, record] of await store.rebuilds()) {
        if (signal.aborted) return;
        if (names.includes(name) && isDue(record, clock)) await runOne(options, name, record);
      }
    } catch (error) {
      // The database: whatever it is, the consumers of the events meet it too, and they decide.
      if (!isFault(error)) throw error;
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
};

const isDue = ({ state, updatedAt }: RebuildRecord, clock: Clock): boolean =>
  state === 'requested' || (state === 'running' && Date.parse(clock.now()) - Date.parse(updatedAt) > DEAD_AFTER_MS);

const runOne = async (options: RebuildsOptions, name: string, record: RebuildRecord): Promise<void> => {
  const { store, clock, owner, signal } = options;
  const { requestedAt } = record;
  let { revision } = record;
  let events = 0;
  const lost = new AbortController();
  const note = async (state: RebuildRecord['state'], code: string | null = null): Promise<void> => {
    if (await store.noteRebuild(name, { state, events, requestedAt, updatedAt: clock.now(), owner, code }, revision)) revision++;
    else lost.abort();
  };
  await note('running');
  if (lost.signal.aborted) return;
  const ended = new AbortController();
  const beating = beat(clock, ended.signal, () => note('running'));
  let outcome: readonly [RebuildRecord['state'], string | null];
  try {
    await options.rebuild(name, {
      onProgress: (progress) => (events = progress.events),
      signal: AbortSignal.any([signal, lost.signal]),
    });
    outcome = ['done', null];
  } catch (error) {
    // Whoever is started next begins it again.
    outcome = signal.aborted ? ['requested', null] : ['failed', isFault(error) ? error.code : 'projection.rebuild-failed'];
    if (!signal.aborted && !lost.signal.aborted) options.failed(name, error);
  }
  ended.abort();
  await beating;
  if (!lost.signal.aborted) await note(...outcome);
};

const beat = async (clock: Clock, ended: AbortSignal, note: () => Promise<void>): Promise<void> => {
  while (!ended.aborted) {
    await clock.sleep(BEAT_MS, ended).catch(() => undefined);
    if (!ended.aborted) await note().catch(() => undefined);
  }
};
