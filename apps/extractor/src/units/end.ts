import {
  itemRecord,
  ITEMS_TOPIC,
  listsMailbox,
  type ExtractionEvent,
  type ItemMeta,
  type PassControl,
  type PassRefs,
} from '@pstream/contracts';
import { deriveId } from '@pstream/kernel';
import { isDrained } from '../domain/extraction/units.js';
import type { Extraction } from '../domain/extraction/state.js';
import { findUpdates } from '../updates/find-updates.js';
import type { Task } from '../worker.js';

/** Tells the builder something about the pass, in order with its items. */
export const sendMarker = (task: Pick<Task, 'worker' | 'control'>, meta: Exclude<ItemMeta, { kind: 'item' }>): Promise<void> =>
  task.worker.transport.send(ITEMS_TOPIC, [itemRecord(task.control.refs.mailboxJobId, meta)]);

/** Closes the extraction once nothing is left to list or export. The end marker is sent again on every repeat. */
export const finish = async (task: Task<'finish'>): Promise<Extraction> => {
  const { worker, control, state } = task;
  if (!isDrained(state)) return state;
  const update = control.settings.update === true && !state.finished ? await findUpdates(task) : undefined;
  const event: ExtractionEvent = {
    type: 'ExtractionFinished',
    data: {
      ...control.refs,
      ...sumsOf(control, state),
      bytes: state.bytes,
      ...(update === undefined ? {} : { update }),
      at: worker.clock.now(),
    },
  };
  const after = await worker.log.append(
    control.refs.passId,
    deriveId('finish', control.refs.passId),
    [event],
    (now) => !now.finished && isDrained(now),
  );
  if (after.finished) await sendMarker(task, endOf(control, after));
  return after;
};

/** Says that another attempt begins. One that has nothing left to extract sends the end marker again, in case it was lost. */
export const goOn = async (task: Task<'continue'>): Promise<Extraction> => {
  const { control, state } = task;
  await sendMarker(task, { kind: 'begin', ...control.refs, attempt: control.attempt });
  if (state.finished) await sendMarker(task, endOf(control, state));
  return state;
};

type End = Extract<ItemMeta, { kind: 'end' }>;

const endOf = (control: PassControl, state: Extraction): End => ({
  kind: 'end',
  ...control.refs,
  ...sumsOf(control, state),
  ...(state.superseded === 0 ? {} : { superseded: state.superseded }),
});

/** What a drained extraction says of its pass. */
const sumsOf = ({ kind }: PassControl, state: Extraction): Omit<End, 'kind' | 'superseded' | keyof PassRefs> => {
  const { discovered, published, skipped, failed, foldersNotListed, firstSeen } = state;
  return {
    discovered,
    published,
    skipped,
    failed,
    ...(foldersNotListed === 0 ? {} : { foldersNotListed }),
    // A pass that lists the mailbox is the first to see all that it discovers.
    ...(listsMailbox(kind) || firstSeen === 0 ? {} : { firstSeen }),
  };
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
