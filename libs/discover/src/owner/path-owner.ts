import { isAddress } from './addresses.js';

/** What a path says of whose file it is: an address in a name, or the name of a user. */
export type PathOwner = { readonly address: string } | { readonly user: string };

/** Folders that hold one folder for each user. */
const HOMES = /^(?:users|documents and settings|home|homes|home\$|users\$|profiles|profiles\$|redirected|userdata)$/i;
/** Folders beside those of users that are nobody's. */
const NOBODY = /^(?:public|default|default user|all users|shared|guest|administrator|admin|root|lost\+found|backup|archive|temp)$/i;
const ADDRESS = /[^\s\\/;,()[\]<>"']+@[^\s\\/;,()[\]<>"'@]+\.[a-z]{2,}/i;
const STORE_NAME = /(?:\.(?:pst|ost|nst|bak|old|\d{3}))+$/i;

/** The owner that a path names: an address in the name of the file or of a folder, the nearest one; else the user in whose home the file lies. Paths of
 *  Windows and of others alike. */
export const ownerInPath = (path: string): PathOwner | undefined => {
  const names = path.split(/[\\/]+/).filter((name) => name !== '');
  for (const [at, name] of names.toReversed().entries()) {
    const [found] = ADDRESS.exec(at === 0 ? name.replace(STORE_NAME, '') : name) ?? [];
    if (found !== undefined && isAddress(found)) return { address: found };
  }
  // The last name is that of the file itself.
  const home = names.findLastIndex((name, at) => HOMES.test(name) && at + 2 < names.length && !NOBODY.test(names[at + 1] ?? ''));
  const user = names[home + 1];
  return home < 0 || user === undefined ? undefined : { user };
};
