import { createHash } from 'node:crypto';
import { matchesGlob } from 'node:path';
import { Fault } from '@pstream/kernel';
import { readRows } from '../plan/read-rows.js';
import { foldAddress, isAddress, isX500 } from './addresses.js';

/** What a person knows of owners. */
export type OwnerMap = {
  /** Digest of the whole map: another one for another map. */
  readonly id: string;
  /** By the path of a file, exact or a glob. The first row that fits counts. */
  ofPath(path: string): string | undefined;
  /** By the name of a user, another address of a mailbox or its X500 address. */
  ofName(name: string): string | undefined;
};

/** A map that knows nothing. */
export const NO_MAP: OwnerMap = { id: '', ofPath: () => undefined, ofName: () => undefined };

/** Rows that are listed when they are wrong. */
const MOST_LISTED = 20;

const slashed = (path: string): string => path.replaceAll('\\', '/');

/** Reads a CSV with the columns From and Owner: From is a path or glob (with a slash), a user name, an address or an X500 address, Owner the address
 *  of a mailbox. Faults (never): those of `readRows`, and 'map.bad-row' (facts rows). */
export const readOwnerMap = async (file: string): Promise<OwnerMap> => {
  const paths: { readonly glob: string; readonly owner: string }[] = [];
  const exact = new Map<string, string>();
  const names = new Map<string, string>();
  const bad: string[] = [];
  const digest = createHash('sha256');
  for await (const { row, cells } of readRows(file, ['From', 'Owner'])) {
    const from = (cells.get('from') ?? '').trim();
    const owner = (cells.get('owner') ?? '').trim();
    digest.update(`${from}\0${owner}\0`);
    if (from === '') bad.push(`row ${row}, From: a path, user or address is needed`);
    else if (!isAddress(owner)) bad.push(`row ${row}, Owner: the address of a mailbox is needed, "${owner}" is none`);
    else if (isX500(from) || !/[\\/]/.test(from)) names.set(foldAddress(from), owner);
    else if (/[*?[{]/.test(from)) paths.push({ glob: slashed(from), owner });
    else exact.set(slashed(from), owner);
  }
  if (bad.length > 0)
    throw new Fault('map.bad-row', {
      retry: 'never',
      facts: { file, rows: bad.slice(0, MOST_LISTED) },
      advice: `Correct these rows of the map; nothing was scanned. ${bad.length} in all.`,
    });
  return {
    id: digest.digest('hex'),
    ofPath: (path) => exact.get(slashed(path)) ?? paths.find(({ glob }) => matchesGlob(slashed(path), glob))?.owner,
    ofName: (name) => names.get(foldAddress(name)),
  };
};
