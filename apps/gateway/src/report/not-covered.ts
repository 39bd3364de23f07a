import type { gapCodes, MailboxInReport, Project, ReportHead } from '@pstream/api';

type Gap = ReportHead['notCovered'][number];
type Count = Pick<Gap, 'folders' | 'items'>;

/** What the PSTs of a project do not hold, counted mailbox by mailbox. */
export class NotCovered {
  readonly #counts = new Map<Gap['code'], { folders: number; items: number }>();
  readonly #idleRules: readonly string[];
  #unexported = 0;
  #unreachable = 0;

  /** `withoutOtherWay`: failed items of kinds that can be read as their stream alone; `idleRules`: filters and mappings of the project that
   *  match no folder. */
  constructor({ withoutOtherWay, idleRules }: { readonly withoutOtherWay: number; readonly idleRules: readonly string[] }) {
    this.#count('no-other-way', 0, withoutOtherWay);
    this.#idleRules = idleRules;
  }

  add({ folders, leftOut, pass, totals, mime, doubts, found }: MailboxInReport): void {
    if (found !== null && (found.kind === 'not-online' || found.kind === 'not-found')) this.#unreachable++;
    for (const { left, listed, expected } of folders) {
      if (left === 'search-folder') this.#count('search-folders', 1, 0);
      if (left === 'filtered') this.#count('folders-filtered', 1, expected);
      if (left === 'hidden') this.#count('folders-hidden', 1, expected);
      if (left === 'refused') this.#count('folders-refused', 1, expected);
      if (!listed) this.#count('folders-not-listed', 1, expected);
    }
    this.#count('left-out', 0, leftOut);
    this.#count('as-mime', 0, mime);
    this.#count('doubts', 0, doubts);
    if (pass === null || (totals.discovered === 0 && folders.length === 0)) this.#unexported++;
  }

  /** The list, what was counted first. What no count shows is on it all the same, where it holds for the project. */
  of({ type, options }: Pick<Project, 'type' | 'options'>): Gap[] {
    const counted: readonly (readonly [Gap['code'], string, string])[] = [
      [
        'folders-not-listed',
        'Folders that could not be listed',
        'The tenant refused to list them, or more items had failed than the project allows: each says why. Retry Errors lists them again.',
      ],
      [
        'folders-refused',
        'Recoverable folders that the tenant does not show',
        'Microsoft documents no way to them. Use eDiscovery in Microsoft Purview.',
      ],
      ['folders-filtered', 'Folders that a filter skips', filterText(options.folderFilter)],
      [
        'folders-hidden',
        'Hidden folders',
        'Outlook does not show them, and the options leave them out (skipHiddenFolders): programs keep settings and copies there.',
      ],
      [
        'left-out',
        'Items that the last passes left out',
        'A Trial takes at most 10 items of a folder and 5 MiB in all, a Pre-Stage takes only old mail, and options exclude items by date or type. A Full pass exports everything that the options allow.',
      ],
      [
        'as-mime',
        'Items exported as MIME',
        'Their export stream was missing or could not be read. They are there, without what MIME cannot hold.',
      ],
      [
        'doubts',
        'Exported items that may be incomplete',
        'Their streams lack something that such items usually have. The list of errors names them.',
      ],
      [
        'no-other-way',
        'Notes, journal entries, distribution lists and others that exist as their stream alone',
        'Their streams failed, and Graph has no second way to such items as it has to mail, contacts, appointments and tasks. Each is in the list of errors; Retry Errors asks again.',
      ],
      ['search-folders', 'Search folders', 'They hold no items of their own: each item is exported where it lives.'],
    ];
    return [
      ...(this.#unexported > 0
        ? [
            gap(
              'not-exported',
              'Mailboxes without an export',
              `${this.#unexported.toLocaleString('en-GB')} of the mailboxes have not been exported by any pass yet.`,
            ),
          ]
        : []),
      ...(this.#unreachable > 0
        ? [
            gap(
              'not-reachable',
              'Addresses without a mailbox that Graph reaches',
              `Verify found no such mailbox behind ${this.#unreachable.toLocaleString('en-GB')} of the addresses: no licence, inactive, soft-deleted, on premises, a group, a public folder, or mistyped. Make an inactive mailbox active again, or use Microsoft Purview.`,
            ),
          ]
        : []),
      ...(this.#idleRules.length > 0
        ? [
            gap(
              'rules-without-effect',
              'Filters and mappings that match nothing',
              `No folder that is known of the project's mailboxes matches ${this.#idleRules.join('  ')}. \`pstream mailbox folders\` shows the paths.`,
            ),
          ]
        : []),
      ...counted.flatMap(([code, title, why]) => (this.#counts.has(code) ? [gap(code, title, why, this.#counts.get(code))] : [])),
      ...this.#always({ type, options }),
    ];
  }

  #always({ type, options }: Pick<Project, 'type' | 'options'>): Gap[] {
    const { itemsFrom, itemsBefore, itemTypes, recoverableItems } = options;
    const other = type === 'mailbox' ? 'In-place archives' : 'Primary mailboxes';
    return [
      ...(itemsFrom === undefined
        ? []
        : [gap('items-from', `Items from before ${itemsFrom}`, 'The options of the project begin at this day.')]),
      ...(itemsBefore === undefined
        ? []
        : [gap('items-before', `Items from ${itemsBefore} on`, 'The options of the project end before this day.')]),
      ...(itemTypes === undefined
        ? []
        : [gap('item-types', `All but ${itemTypes.join(', ')}`, 'The options of the project take only these kinds of items.')]),
      recoverableItems === true
        ? gap(
            'recoverable-items',
            'Recoverable Items, in part',
            'They are exported as best effort: Microsoft documents no way to them, and a hold that must be complete needs eDiscovery in Microsoft Purview.',
          )
        : gap(
            'recoverable-items',
            'Recoverable Items',
            'What users deleted and holds keep is not exported: the option recoverableItems is off.',
          ),
      gap('other-mailboxes', other, `A ${type} project exports no ${other.toLowerCase()}. They need a project of the other type.`),
      gap(
        'edits-after-export',
        'Changes after the export',
        'Each item is as it was when it was exported. A later pass takes what is new; what was changed, moved or deleted since stays as it is in the PST. `pstream mailbox drift` lists it item by item, and `pstream export start --update` exports what was changed again.',
      ),
      gap(
        'hidden-items',
        'Hidden items',
        'The export interface lists no folder-associated items, in no version: views, forms, and settings that Outlook keeps in folders. Nothing says how many there are.',
      ),
      gap(
        'rules-and-permissions',
        'Rules and permissions',
        'Rules, delegates and permissions of folders belong to the server: a PST has no place for them, and no file beside it holds them. Graph gives those of calendars only (calendarPermissions); Get-EXOMailboxFolderPermission and Get-InboxRule of Exchange Online PowerShell show all of them.',
      ),
    ];
  }

  #count(code: Gap['code'], folders: number, items: number): void {
    if (folders + items === 0) return;
    const now = this.#counts.get(code) ?? { folders: 0, items: 0 };
    this.#counts.set(code, { folders: now.folders + folders, items: now.items + items });
  }
}

const filterText = (filters: readonly string[] = []): string =>
  filters.length === 0
    ? 'The folder filter that the project had in their last pass skips them. A Full pass takes them now.'
    : `The folder filter of the project skips them (${filters.join('  ')}).`;

const gap = (code: (typeof gapCodes)[number], title: string, why: string, { folders, items }: Count = { folders: 0, items: 0 }): Gap => ({
  code,
  title,
  why,
  folders,
  items,
});
