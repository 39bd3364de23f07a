import { z } from 'zod';
import { itemTypes } from './item-types.js';
import { field } from './view-fields.js';

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
  itemTypes: field(z.array(z.enum(itemTypes)).min(1).max(itemTypes.length).optional(), 'Exports only these kinds of items.', [
    'email',
    'calendars',
  ]),
  itemsFrom: field(z.iso.date().optional(), 'Exports only items from this day on (midnight UTC).', '2020-01-01'),
  itemsBefore: field(z.iso.date().optional(), 'Exports only items from before this day (midnight UTC).', '2026-01-01'),
  folderFilter: field(z.array(FolderFilter).max(50).optional(), 'Skips folders whose path matches one of these.', ['^Junk Email']),
  folderMapping: field(z.array(FolderMapping).max(50).optional(), 'Moves items to other folders of the PST.', ['^Inbox->Old/Inbox']),
  recoverableItems: field(
    z.boolean().optional(),
    'Exports also what users deleted and holds keep. Best effort: Microsoft documents no way to it.',
    false,
  ),
});
export type ProjectOptions = z.infer<typeof ProjectOptions>;
