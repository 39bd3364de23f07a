import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveGuid } from '../ids.js';
import type { SimUser, TenantSource } from '../source.js';
import { DumpMailbox } from './dump-mailbox.js';
import { parseFields, unreadable } from './read-jsonl.js';

/** A tenant out of a dump directory (tenant.json, and per mailbox folders.jsonl, items.jsonl, streams.bin). Listings are read and checked now,
 *  streams when they are exported. Faults, both with file, line and advice: `dump.unreadable` and `dump.damaged` (never). */
export const dumpTenant = async (directory: string): Promise<TenantSource> => {
  const file = join(directory, 'tenant.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
  const top = parseFields(text, file);
  const tenantId = top.text('tenantId').toLowerCase();
  const opened: DumpMailbox[] = [];
  const users: SimUser[] = [];
  const mailbox = async (name: string): Promise<DumpMailbox> => {
    const box = await DumpMailbox.open(join(directory, name), `${tenantId}/${name}`);
    opened.push(box);
    return box;
  };
  const close = async (): Promise<void> => void (await Promise.all(opened.map((box) => box.close())));
  try {
    for (const user of top.list('users')) {
      const userPrincipalName = user.text('userPrincipalName');
      const archive = user.textOrNull('archive');
      users.push({
        id: deriveGuid('user', tenantId, userPrincipalName),
        userPrincipalName,
        displayName: user.text('displayName'),
        accountEnabled: true,
        purpose: 'user',
        primary: await mailbox(user.text('primary')),
        ...(archive === null ? {} : { archive: await mailbox(archive) }),
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { tenantId, users, close };
};
