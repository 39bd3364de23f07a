import { z } from 'zod';

/** A folder of the container that holds PSTs apart from those of the migration. */
export const PartFolder = z.enum(['trial']);
export type PartFolder = z.infer<typeof PartFolder>;

/** Names that Windows keeps for devices, whatever their ending. */
const DEVICES = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;
/** Control characters, marks that change the direction of text, and path characters. */
const FORBIDDEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/u;

/** What is wrong with the name of a PST, as a code and a sentence; undefined if it may be used in a folder and in a container. */
export const partNameFault = (name: string): { readonly code: string; readonly advice: string } | undefined => {
  if (name.trim() === '') return { code: 'part-name.missing', advice: 'This field cannot be left blank.' };
  if (!/\.pst$/i.test(name)) return { code: 'part-name.not-pst', advice: 'End the destination with .pst, for example user1.pst.' };
  if (name.length > 120) return { code: 'part-name.too-long', advice: 'Use at most 120 characters.' };
  if (name.normalize('NFC') !== name)
    return { code: 'part-name.not-normalised', advice: 'Write the name with composed characters (Unicode NFC).' };
  if (FORBIDDEN.test(name)) return { code: 'part-name.character', advice: 'Leave out / \\ : * ? " < > | and control characters.' };
  if (/^[. ]|[. ]$/.test(name.replace(/\.pst$/i, '')) || name.length <= 4)
    return { code: 'part-name.edge', advice: 'Begin and end the name with a letter or digit, not with a dot or a space.' };
  if (DEVICES.test(name)) return { code: 'part-name.device', advice: 'Choose another name: Windows keeps this one for a device.' };
  if (/\.\d{3}\.pst$/i.test(name))
    return { code: 'part-name.number', advice: 'Leave out the number before .pst: further parts get .002, .003 and so on.' };
  return undefined;
};

/** What names of PSTs are compared by: neither file systems nor people tell them apart by case. */
export const samePartName = (name: string): string => name.normalize('NFC').toLowerCase();

/** Name of a mailbox's nth PST: `user1.pst`, `user1.002.pst`, `user1.003.pst`; with its folder, if it is in one: `trial/user1.pst`. */
export const partName = (first: string, ordinal: number, folder?: PartFolder): string => {
  const name = ordinal === 1 ? first : first.replace(/\.pst$/i, (end) => `.${String(ordinal).padStart(3, '0')}${end}`);
  return folder === undefined ? name : `${folder}/${name}`;
};
