import { z } from 'zod';
import { itemTypes } from './item-types.js';

// Advanced options of a project: what of a mailbox is exported, and where it goes in the PST.

/** The expression as it is matched: without regard to case, anywhere in the path. Throws a SyntaxError for one that is not valid. */
export const folderExpression = (pattern: string): RegExp => new RegExp(pattern, 'i');

const isExpression = (pattern: string): boolean => {
  try {
    folderExpression(pattern);
    return true;
  } catch {
    return false;
  }
};

const MAPPING = /^(?:FolderMapping=)?"?(.+?)->(.+?)"?$/;

/** A folder mapping as it is written: `^A->B`, or the whole option `FolderMapping="^A->B"`. Undefined if it is neither, or if its
 *  target is no path: names with `/` between levels and none at the ends. */
export const parseFolderMapping = (text: string): { readonly pattern: string; readonly target: string } | undefined => {
  const [, pattern, target] = MAPPING.exec(text.trim()) ?? [];
  if (pattern === undefined || target === undefined || !isExpression(pattern) || /^\/|\/$|\/\//.test(target)) return undefined;
  return { pattern, target };
};

const FolderFilter = z
  .string()
  .min(1)
  .max(500)
  .refine(isExpression, 'must be a regular expression such as ^Inbox/')
  .describe('Regular expression on the path of a folder, without regard to case; a folder that matches is skipped.');
const FolderMapping = z
  .string()
  .max(500)
  .refine((text) => parseFolderMapping(text) !== undefined, 'must be a mapping such as ^Inbox->Old/Inbox')
  .describe('`^A->B`: what the expression matches in the path of a folder is replaced; the first mapping that matches counts.');

/** What is absent is not limited. Dates are days, midnight UTC; items from the first on, and from before the second, are exported. */
export const ProjectOptions = z.strictObject({
  itemTypes: z.array(z.enum(itemTypes)).min(1).max(itemTypes.length).optional(),
  itemsFrom: z.iso.date().optional(),
  itemsBefore: z.iso.date().optional(),
  folderFilter: z.array(FolderFilter).max(50).optional(),
  folderMapping: z.array(FolderMapping).max(50).optional(),
  recoverableItems: z
    .boolean()
    .optional()
    .describe('Also what users deleted and holds keep. Best effort: Microsoft documents no way to it.'),
});
export type ProjectOptions = z.infer<typeof ProjectOptions>;
