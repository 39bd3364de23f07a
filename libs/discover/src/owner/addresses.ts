const ADDRESS = /^[^\s@"(),:;<>[\\\]\p{Cc}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;

/** True for the address of a mailbox. */
export const isAddress = (text: string): boolean =>
  text.length <= 254 && ADDRESS.test(text) && !text.includes('..') && !text.startsWith('.');

/** True for a name in a directory of Exchange: `/O=CONTOSO/OU=…/CN=RECIPIENTS/CN=ANN`. */
export const isX500 = (text: string): boolean => /^\/o=.*\/cn=/i.test(text);

/** The form under which two spellings of an address are the same. */
export const foldAddress = (text: string): string => text.trim().toLowerCase();

/** What stands before the `@`. */
export const localPart = (address: string): string => address.slice(0, Math.max(0, address.lastIndexOf('@')));
