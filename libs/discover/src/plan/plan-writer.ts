import { open, rm, truncate } from 'node:fs/promises';
import { csvLine } from '@pstream/kernel';
import { PLAN_COLUMNS, type PlanRow } from './plan-row.js';
import { writeAt } from './write-at.js';

/** A plan that is being written. */
export type PlanWriter = {
  add(row: PlanRow): Promise<void>;
  /** Makes what was added safe and gives the length of the file in bytes. */
  flush(): Promise<number>;
  close(): Promise<void>;
};

const HEADER = `\uFEFF${csvLine(PLAN_COLUMNS.map(({ title }) => title))}`;
/** Characters gathered before they are written. */
const PIECE = 64 * 1024;
const OWNER_ONLY = 0o600;

/** Writes rows to a file. With `from` it goes on after that many bytes and throws away what follows them; without, it begins. */
export const planWriter = async (path: string, from: number | undefined): Promise<PlanWriter> => {
  if (from === undefined) await rm(path, { force: true });
  else await truncate(path, from);
  const file = await open(path, from === undefined ? 'wx' : 'r+', OWNER_ONLY);
  let at = from ?? 0;
  let text = from === undefined ? HEADER : '';
  const write = async (): Promise<void> => {
    const bytes = Buffer.from(text);
    text = '';
    await writeAt(file, bytes, at);
    at += bytes.length;
  };
  return {
    add: async (row) => {
      text += csvLine(PLAN_COLUMNS.map(({ cell }) => cell(row)));
      if (text.length > PIECE) await write();
    },
    flush: async () => {
      await write();
      await file.sync();
      return at;
    },
    close: () => file.close(),
  };
};
