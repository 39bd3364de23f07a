import { isDeepStrictEqual } from 'node:util';
import type { PartStore } from '@pstream/blob';
import type { PartRefs, PassControl, ReplacedPass } from '@pstream/contracts';
import { readParts } from '@pstream/event-store';
import { isFault } from '@pstream/kernel';
import { evolve } from '../part/domain/evolve.js';
import { noPart, type Part } from '../part/domain/state.js';
import { PartLog } from '../part/part-log.js';
import type { BuilderPorts } from './builder-ports.js';

type Made = { readonly refs: PartRefs; readonly part: Exclude<Part, { is: 'none' }> };

/** Settles the parts of passes whose mailbox has started over: what was never published is given up, what was is deleted where that was asked for.
 *  Returns how many names of this pass's series are taken by parts that are kept. May be repeated, with the same result. A Trial's part that cannot
 *  be deleted is in nobody's way and stays. Faults as of the destination. */
export const settleReplaced = async (ports: BuilderPorts, control: PassControl, own: PartStore): Promise<number> => {
  const { replaced, settings } = control;
  let kept = 0;
  for (const pass of replaced) {
    if (pass.kind === 'verify') continue;
    const made = await partsOf(ports, control, pass);
    if (made.some(isUnsettled(pass))) {
      const isOwn = pass.settings.container === settings.container && isDeepStrictEqual(pass.settings.destination, settings.destination);
      try {
        const store = isOwn ? own : await ports.parts({ ...control, settings: pass.settings });
        for (const each of made.filter(isUnsettled(pass))) await settle(ports, store, each);
      } catch (error) {
        if (!isFault(error) || pass.settings.folder === settings.folder) throw error;
        ports.uncleared(error);
      }
    }
    const isSameSeries = pass.settings.folder === settings.folder && pass.settings.destinationName === settings.destinationName;
    // However far the settling has come, the names of this pass must be the same.
    if (isSameSeries && pass.parts === 'keep') kept += made.filter(({ part }) => part.is === 'sealed').length;
  }
  return kept;
};

const isUnsettled =
  ({ parts }: ReplacedPass) =>
  ({ part }: Made): boolean =>
    part.is === 'open' || part.is === 'intended' || (part.is === 'sealed' && parts === 'delete');

const settle = async (ports: BuilderPorts, store: PartStore, { refs, part }: Made): Promise<void> => {
  const log = new PartLog(ports);
  const { partId } = refs;
  const at = { partId, name: part.name };
  if (part.is === 'open' || part.is === 'intended') {
    await log.abandon(refs, part.epoch, STARTED_OVER);
    const staging = await store.take(at, part.epoch, []);
    await staging.abandon();
    await staging.release();
  }
  // A commit that was decided may have been published and not recorded.
  if (part.is !== 'open') await store.remove(at);
  if (part.is === 'sealed') await log.recordRemoved(refs);
};

const STARTED_OVER = 'mailbox.started-over';

/** The parts that a pass has begun, as their streams tell them. */
const partsOf = async ({ store }: BuilderPorts, { refs }: PassControl, { passId }: ReplacedPass): Promise<Made[]> =>
  (await readParts(store, passId)).map(({ partId, events }) => ({
    refs: { ...refs, passId, partId },
    part: events.reduce(evolve, noPart) as Made['part'],
  }));
