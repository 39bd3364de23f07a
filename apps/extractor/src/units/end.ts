import { itemRecord, ITEMS_TOPIC, listsMailbox, type ExtractionEvent, type ItemMeta } from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { isDrained } from '../domain/extraction/units.js';
import type { Extraction } from '../domain/extraction/state.js';
import type { Task } from '../worker.js';

/** Tells the builder something about the pass, in order with its items. */
export const sendMarker = (task: Pick<Task, 'worker' | 'control'>, meta: Exclude<ItemMeta, { kind: 'item' }>): Promise<void> =>
  task.worker.transport.send(ITEMS_TOPIC, [itemRecord(task.control.refs.mailboxJobId, meta)]);

/** Closes the extraction once nothing is left to list or export. The end marker is sent again on every repeat. */
export const finish = async (task: Task<'finish'>): Promise<Extraction> => {
  const { worker, control, state } = task;
  if (!isDrained(state)) return state;
  const { discovered, published, skipped, failed, bytes, foldersNotListed } = state;
  const ofFolders = {
    ...(foldersNotListed === 0 ? {} : { foldersNotListed }),
    // A pass that lists the mailbox is the first to see all that it discovers.
    ...(listsMailbox(control.kind) || state.firstSeen === 0 ? {} : { firstSeen: state.firstSeen }),
  };
  const event: ExtractionEvent = {
    type: 'ExtractionFinished',
    data: { ...control.refs, discovered, published, skipped, failed, bytes, ...ofFolders, at: worker.clock.now() },
  };
  const after = await worker.log.append(
    control.refs.passId,
    deriveId('finish', control.refs.passId),
    [event],
    (now) => !now.finished && isDrained(now),
  );
  if (after.finished) await sendMarker(task, { kind: 'end', ...control.refs, discovered, published, skipped, failed, ...ofFolders });
  return after;
};

/** Takes note that nothing of the pass is under way here, and hands the word on to the builder. */
export const pause = async (task: Task<'pause'>): Promise<Extraction> => {
  const { worker, control, unit } = task;
  const event: ExtractionEvent = { type: 'ExtractionPaused', data: { ...control.refs, attempt: unit.attempt, at: worker.clock.now() } };
  const after = await worker.log.append(
    control.refs.passId,
    deriveId('pause', control.refs.passId, unit.attempt),
    [event],
    (now) => now.pausedAttempt < unit.attempt,
  );
  await sendMarker(task, { kind: 'pause', ...control.refs, attempt: unit.attempt });
  return after;
};
