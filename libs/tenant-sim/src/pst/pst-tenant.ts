import { deriveGuid } from '../ids.js';
import type { SimUser, TenantSource } from '../source.js';
import { PstMailbox } from './pst-mailbox.js';

/** A user's mailboxes as PST files. */
export type PstUser = { readonly userPrincipalName: string; readonly primary: string; readonly archive?: string };

/** A tenant out of PST files, read with the product's own reader in lenient mode. Fault `pst.unusable` (never) names the file. */
export const pstTenant = async (users: readonly PstUser[]): Promise<TenantSource> => {
  const opened: PstMailbox[] = [];
  const close = async (): Promise<void> => void (await Promise.all(opened.map((each) => each.close())));
  const tenantId = deriveGuid('pst tenant', users[0]?.userPrincipalName.split('@')[1]?.toLowerCase() ?? '');
  const mailbox = async (file: string, key: string): Promise<PstMailbox> => {
    const box = await PstMailbox.open(file, key);
    opened.push(box);
    return box;
  };
  try {
    const made: SimUser[] = [];
    for (const { userPrincipalName, primary, archive } of users) {
      const key = userPrincipalName.toLowerCase();
      made.push({
        id: deriveGuid('user', tenantId, key),
        userPrincipalName,
        displayName: userPrincipalName.split('@')[0] ?? userPrincipalName,
        accountEnabled: true,
        purpose: 'user',
        primary: await mailbox(primary, `${key}/primary`),
        ...(archive === undefined ? {} : { archive: await mailbox(archive, `${key}/archive`) }),
      });
    }
    return { tenantId, users: made, close };
  } catch (error) {
    await close();
    throw error;
  }
};
