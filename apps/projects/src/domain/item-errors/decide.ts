import { ITEM_KEYS_PER_EVENT, type AcknowledgeItemErrors, type ItemErrorEvent } from '@pstream/contracts';
import { accept, chunksOf, type Decision } from '@pstream/kernel';

/** Why each item of a mailbox was acknowledged, by its key. The map belongs to the fold that made it. */
export type ItemErrors = { readonly reasons: Map<string, string> };
export const noItemErrors = (): ItemErrors => ({ reasons: new Map() });

export type ItemErrorCommand = AcknowledgeItemErrors & {
  readonly type: 'AcknowledgeItemErrors';
  readonly by: string;
  readonly at: string;
};

/** Items that are acknowledged for the same reason already are left as they are; another reason replaces the one before. */
export const decide = (command: ItemErrorCommand, { reasons }: ItemErrors): Decision<ItemErrorEvent> => {
  const { type: _type, itemKeys, ...data } = command;
  const fresh = [...new Set(itemKeys)].filter((key) => reasons.get(key) !== command.reason);
  return accept(
    ...chunksOf(fresh, ITEM_KEYS_PER_EVENT).map(
      (some): ItemErrorEvent => ({ type: 'ItemErrorsAcknowledged', data: { ...data, itemKeys: some } }),
    ),
  );
};

/** Records who accepted what. */
export const evolve = (state: ItemErrors, event: ItemErrorEvent): ItemErrors => {
  for (const key of event.data.itemKeys) state.reasons.set(key, event.data.reason);
  return state;
};
