import { Fault, type Result } from '@pstream/kernel';
import type { z } from 'zod';
import { ItemMeta, WorkUnit } from './extraction.js';
import { readTolerantly } from './read-tolerantly.js';

// Records of the work topic and the items topic: how they are written, and how they are read. Whatever cannot be read is a Fault that no
// repetition helps, with the place of the trouble and never its content.

/** A record of a topic, as far as its readers here care. */
export type TopicRecord = { readonly key: string; readonly headers: Readonly<Record<string, string>>; readonly value: Uint8Array };

/** Header of a record on the items topic that says what it is. */
const META_HEADER = 'ps-meta';

/** A record of the work topic. */
export const workRecord = (unit: WorkUnit): TopicRecord => ({
  key: unit.mailboxJobId,
  headers: { 'content-type': 'application/json' },
  value: new TextEncoder().encode(JSON.stringify(unit)),
});

/** The unit of work that a record of the work topic holds. Fault 'work-unit.unreadable' (never) with the `fields` at fault. */
export const readWorkUnit = ({ value }: Pick<TopicRecord, 'value'>): WorkUnit =>
  read('work-unit', WorkUnit, new TextDecoder().decode(value));

/** A record of the items topic. `value` is the raw export stream of an item; a claim and a marker have none. The key is the mailbox job's id. */
export const itemRecord = (mailboxJobId: string, meta: ItemMeta, value: Uint8Array = new Uint8Array(0)): TopicRecord => ({
  key: mailboxJobId,
  headers: { [META_HEADER]: JSON.stringify(meta) },
  value,
});

/** What a record of the items topic is: an item, or a marker of its pass. The value is not looked at. Fault 'item-record.unreadable'
 *  (never) with the `header` that is missing, or with the `fields` at fault. */
export const readItemRecord = ({ headers }: Pick<TopicRecord, 'headers'>): ItemMeta => {
  const text = headers[META_HEADER];
  if (text === undefined) throw unreadable('item-record', { header: META_HEADER });
  return read('item-record', ItemMeta, text);
};

const read = <S extends z.ZodType>(noun: string, schema: S, text: string): z.infer<S> => {
  const parsed: Result<z.infer<S>, readonly string[]> = readTolerantly(schema, parseJson(noun, text));
  if (parsed.ok) return parsed.value;
  throw unreadable(noun, { fields: parsed.error });
};

const parseJson = (noun: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw unreadable(noun, { fields: [': is not JSON'] });
  }
};

const unreadable = (noun: string, facts: { readonly header: string } | { readonly fields: readonly string[] }): Fault =>
  new Fault(`${noun}.unreadable`, {
    retry: 'never',
    facts,
    advice: 'A newer release wrote the record, or it is damaged. Update pstream, then resume the pass that it belongs to.',
  });
