import type { Origin } from '../origin.js';
import { isSingle, mailOrigin } from './mail.js';
import { mboxOrigin } from './mbox.js';
import { storeOrigin } from './store.js';
import type { Readable } from './walk.js';

/** Opens a file that `walk` found. Throws what its reader throws where nothing of it can be read. */
export const openOrigin = async ({ path, form, folder }: Readable, recover: boolean): Promise<Origin> => {
  if (isSingle(form)) return mailOrigin(path, form, folder);
  return form === 'mbox' ? mboxOrigin(path, folder) : storeOrigin(path, form, recover);
};
