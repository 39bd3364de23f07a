import type { PartStore } from '@pstream/blob';
import { placeName, type PartRefs, type PassControl, type PassSettings, type ReplacedPass } from '@pstream/contracts';
import { readParts } from '@pstream/event-store';
import { isFault } from '@pstream/kernel';
import { evolve } from '../part/domain/evolve.js';
import { noPart, type Part } from '../part/domain/state.js';
import { PartLog } from '../part/part-log.js';
import type { BuilderPorts } from './builder-ports.js';

type Made = { readonly refs: PartRefs; readonly part: Exclude<Part, { is: 'none' }> };

/** Settles the parts of passes whose mailbox has started over: what was never published is given up, what was is deleted where that was asked for.
 *  Returns how many names of this pass's series are taken by parts that are kept. May be repeated, with the same result. A part that cannot
 *  be deleted stays where it is in nobody's way: in another place, or in the folder for Trials. A Trial deletes nothing of the migration, whose names
 *  it does not need. Faults as of the destination. */
export const settleReplaced = async (ports: BuilderPorts, control: PassControl, own: PartStore): Promise<number> => {
  const { replaced, settings } = control;
  let kept = 0;
  for (const pass of replaced) {
    const isSameFolder = pass.settings.folder === settings.folder;
    if (pass.kind === 'verify' || (settings.folder !== undefined && !isSameFolder)) continue;
    const made = await partsOf(ports, control, pass);
    if (made.some(isUnsettled(pass))) {
      // The place may be known by another endpoint now, and the credential of that time be gone.
      const isSamePlace = placeOf(pass.settings) === placeOf(settings);
      try {
        const store = isSamePlace ? own : await ports.parts({ ...control, settings: pass.settings });
        for (const each of made.filter(isUnsettled(pass))) await settle(ports, store, each);
      } catch (error) {
        if (!isFault(error) || (isSamePlace && isSameFolder)) throw error;
        ports.uncleared(error);
      }
    }
    const isSameSeries = isSameFolder && pass.settings.destinationName === settings.destinationName;
    // However far the settling has come, the names of this pass must be the same.
    if (isSameSeries && pass.parts === 'keep') kept += made.filter(({ part }) => part.is === 'sealed').length;
  }
  return kept;
};

const placeOf = ({ destination, container }: PassSettings): string => placeName(destination, container);

const isUnsettled =
  ({ parts }: ReplacedPass) =>
  ({ part }: Made): boolean =>
    part.is === 'open' || part.is === 'intended' || (part.is === 'sealed' && parts === 'delete');

const settle = async (ports: BuilderPorts, store: PartStore, { refs, part }: Made): Promise<void> => {
  const log = new PartLog(ports);
  const at = { partId: refs.partId, name: part.name };
  if (part.is === 'sealed') {
    await store.remove(at);
    await log.recordRemoved(refs);
    return;
  }
  // Nobody looks for an abandoned part, so what it has left goes first; and again, should its owner have gone on until then.
  await clear(store, at, part.epoch);
  const { is } = await log.abandon(refs, part.epoch, STARTED_OVER);
  if (is === 'abandoned') await clear(store, at, part.epoch);
};

/** Removes what was staged of a part, and the file of a commit that was published and not recorded. */
export const clear = async (store: PartStore, at: { readonly partId: string; readonly name: string }, epoch: number): Promise<void> => {
  try {
    const staging = await store.take(at, epoch, []);
    await staging.abandon();
    await staging.release();
  } catch (error) {
    // The pass may have failed because its name is somebody else's, who keeps it.
    if (!isFault(error) || error.code !== 'part.foreign-blob') throw error;
  }
  await store.remove(at);
};

const STARTED_OVER = 'mailbox.started-over';

/** The parts that a pass has begun, as their streams tell them. */
const partsOf = async ({ store }: BuilderPorts, { refs }: PassControl, { passId }: ReplacedPass): Promise<Made[]> =>
  (await readParts(store, passId)).map(({ partId, events }) => ({
    refs: { ...refs, passId, partId },
    part: events.reduce(evolve, noPart) as Made['part'],
  }));
