import { z } from 'zod';
import { itemTypes } from './item-types.js';
import { field } from './view-fields.js';
import { unknownFolders, WELL_KNOWN_FOLDERS } from './well-known-folders.js';

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
  .max(500, { abort: true })
  .refine(isExpression, 'Give a regular expression such as ^Inbox/ or ^#SentItems#$.')
  .describe('Regular expression on the path of a folder, without regard to case; a folder that matches is skipped.');
const FolderMapping = z
  .string()
  .max(500, { abort: true })
  .refine(
    (text) => parseFolderMapping(text) !== undefined,
    'Give a mapping such as ^Inbox->Old/Inbox: an expression, -> and a path without / at its ends.',
  )
  .describe('`^A->B`: what the expression matches in the path of a folder is replaced; the first mapping that matches counts.');

/** A day as an administrator writes it. */
export const Day = z.iso.date('Give a day such as 2026-01-31.');

/** What is absent is not limited. Dates are days, midnight UTC; items from the first on, and from before the second, are exported. */
export const ProjectOptions = z.strictObject({
  itemTypes: field(z.array(z.enum(itemTypes)).min(1).max(itemTypes.length).optional(), 'Exports only these kinds of items.', [
    'email',
    'calendars',
  ]),
  itemsFrom: field(Day.optional(), 'Exports only items from this day on (midnight UTC).', '2020-01-01'),
  itemsBefore: field(Day.optional(), 'Exports only items from before this day (midnight UTC).', '2026-01-01'),
  folderFilter: field(z.array(FolderFilter).max(50).optional(), 'Skips folders whose path matches one of these.', ['^Junk Email']),
  folderMapping: field(z.array(FolderMapping).max(50).optional(), 'Moves items to other folders of the PST.', ['^Inbox->Old/Inbox']),
  badItemLimit: field(
    z.int().min(0).max(1_000_000).optional(),
    'Ends a pass once more items than this could not be read: it lists no further folder, and ends with errors. Without it, a pass goes on however many fail.',
    1_000,
  ),
  trialParts: field(
    z.enum(['keep', 'discard']).optional(),
    'What happens to the PSTs of a Trial, which are in the folder `trial`, once the first Pre-Stage or Full begins to export everything again: they are kept (default), or deleted.',
    'keep',
  ),
  skipHiddenFolders: field(
    z.boolean().optional(),
    'Leaves out folders that Outlook does not show, with all below them. Without it they are exported.',
    false,
  ),
  recoverableItems: field(
    z.boolean().optional(),
    'Exports also what users deleted and holds keep. Best effort: Microsoft documents no way to it.',
    false,
  ),
});
export type ProjectOptions = z.infer<typeof ProjectOptions>;

/** The options as a command brings them: besides, days that leave something between them, and no name of a folder that no mailbox has.
 *  Options on record are read as they are. */
export const NewProjectOptions = ProjectOptions.superRefine(
  ({ itemsFrom, itemsBefore, folderFilter = [], folderMapping = [] }, context) => {
    if (itemsFrom !== undefined && itemsBefore !== undefined && itemsFrom >= itemsBefore) {
      const message = 'The date range is empty: the end must be later than the start.';
      context.addIssue({ code: 'custom', path: ['itemsBefore'], message });
    }
    for (const [name, texts] of Object.entries({ folderFilter, folderMapping })) {
      for (const [at, text] of texts.entries()) {
        const [unknown] = unknownFolders(text);
        if (unknown !== undefined) context.addIssue({ code: 'custom', path: [name, at], message: folderMessage(unknown) });
      }
    }
  },
);

const KNOWN = Object.values(WELL_KNOWN_FOLDERS).map((name) => `#${name.replaceAll(' ', '')}#`);

const folderMessage = (unknown: string): string =>
  `#${unknown}# is not a well-known folder. Use one of: ${KNOWN.join(', ')}. For a folder with number signs in its name write \\#.`;
